#include "scenarios/targets/recording/redaction.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "scenarios/targets/recording/line_buffer.h"
#include "scenarios/targets/recording/redact_json.h"
#include "scenarios/targets/recording/redact_text.h"
#include "scenarios/targets/recording/redact_yaml.h"

namespace scenarios::targets {
namespace {

constexpr std::array<std::string_view, kRedactionRules> kNames = {
    "bearer-token", "encoded-token", "secret-object", "environment",  "argument",
    "url-password", "named-key",     "private-key",   "whole-output", "unreadable"};

using Arguments = std::vector<std::string>;

bool has(const Arguments& arguments, std::string_view word) {
  return std::find(arguments.begin(), arguments.end(), word) != arguments.end();
}

/// Whether one argument directly follows another.
bool has_pair(const Arguments& arguments, std::string_view first, std::string_view second) {
  return std::adjacent_find(arguments.begin(), arguments.end(), [&](const auto& a, const auto& b) {
           return a == first && b == second;
         }) != arguments.end();
}

/// The values of -o, --output, --template, -f and --format; -f is a file for kubectl, and then names no
/// format.
std::vector<std::string_view> formats(const Arguments& arguments) {
  static constexpr std::array<std::string_view, 6> kFlags = {"-o",       "--output",   "-f",
                                                             "--format", "--template", "-c"};
  std::vector<std::string_view> found;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    const std::size_t equals = argument.find('=');
    const std::string_view flag = argument.substr(0, equals);
    const bool known = std::find(kFlags.begin(), kFlags.end(), flag) != kFlags.end();
    if (known && equals != std::string_view::npos) {
      found.push_back(argument.substr(equals + 1));
    } else if (known && i + 1 < arguments.size()) {
      found.emplace_back(arguments[i + 1]);
    } else if (argument.starts_with("-o") && argument.size() > 2) {
      found.push_back(argument.substr(2));
    }
  }
  return found;
}

bool speaks_of_secrets(const Arguments& arguments) {
  return std::any_of(arguments.begin(), arguments.end(), [](const std::string& word) {
    return means_secrets(word) || (word.starts_with("/api/") && word.find("/secrets") != std::string::npos);
  });
}

/// Commands whose whole output is a secret, whatever it looks like.
bool prints_secrets_only(const Arguments& arguments) {
  const std::string_view program = arguments.empty() ? "" : std::string_view(arguments.front());
  if (program == "openstack") {
    return has_pair(arguments, "token", "issue") || has(arguments, "credential") ||
           has_pair(arguments, "secret", "get");
  }
  if (has_pair(arguments, "create", "token")) {
    return true;
  }
  const bool secrets = speaks_of_secrets(arguments);
  const std::vector<std::string_view> asked = formats(arguments);
  return std::any_of(asked.begin(), asked.end(), [&](std::string_view format) {
    const bool picks = format.starts_with("jsonpath") || format.starts_with("go-template") ||
                       format.starts_with("template") || format.starts_with("custom-columns") ||
                       format.find("{{") != std::string_view::npos || format.starts_with('{');
    return picks && (secrets || format.find(".env") != std::string_view::npos);
  });
}

/// Text, line by line; knows private keys over several lines.
class LineRedactor final : public StreamRedactor {
 public:
  LineRedactor(RedactionCounts& counts, bool assignments) : counts_(counts), assignments_(assignments) {}

  std::string feed(std::string_view bytes) override {
    std::string out;
    for_each_line(pending_, bytes, too_long_, counts_, [&](std::string_view line) { out += judged(line); });
    return out;
  }

  std::string finish() override {
    const std::string rest = std::move(pending_);
    pending_.clear();
    return rest.empty() ? "" : judged(rest);
  }

 private:
  std::string judged(std::string_view line) {
    if (in_private_key_) {
      in_private_key_ = line.find("-----END ") == std::string_view::npos;
      return in_private_key_ ? "" : std::string(line);
    }
    in_private_key_ = line.find("-----BEGIN ") < line.find("PRIVATE KEY-----") &&
                      line.find("-----END ") == std::string_view::npos;
    const bool ended = line.ends_with('\n');
    if (assignments_ && ended && !in_private_key_) {
      return redacted_text(line.substr(0, line.size() - 1), counts_,
                           {.all_assignments = true, .one_word = true}) +
             '\n';
    }
    std::string text =
        redacted_text(line, counts_, {.all_assignments = assignments_, .one_word = assignments_});
    if (in_private_key_ && ended && !text.ends_with('\n')) {
      text += '\n';
    }
    return text;
  }

  RedactionCounts& counts_;
  bool assignments_;
  std::string pending_;
  bool too_long_ = false;
  bool in_private_key_ = false;
};

/// Every line becomes a placeholder.
class WholeRedactor final : public StreamRedactor {
 public:
  explicit WholeRedactor(RedactionCounts& counts) : counts_(counts) {}

  std::string feed(std::string_view bytes) override {
    std::string out;
    for (const char c : bytes) {
      if (c != '\n') {
        in_line_ = true;
      } else {
        out += end_line();
        out += '\n';
      }
    }
    return out;
  }

  std::string finish() override { return end_line(); }

 private:
  std::string end_line() {
    if (!std::exchange(in_line_, false)) {
      return {};
    }
    counts_.add(RedactionRule::WholeOutput);
    return std::string(kRedacted);
  }

  RedactionCounts& counts_;
  bool in_line_ = false;
};

/// JSON values with rubbish between them. After rubbish inside of a value nobody knows what belongs to what:
/// all of it becomes placeholders up to a line that begins with a bracket, as every value of a watch does.
class JsonStreamRedactor final : public StreamRedactor {
 public:
  JsonStreamRedactor(RedactionCounts& counts, bool secrets)
      : counts_(counts),
        settings_{.secret_root = secrets},
        json_(std::in_place, counts, settings_),
        lines_(counts, false),
        whole_(counts) {}

  std::string feed(std::string_view bytes) override {
    std::string out;
    std::string rest;
    while (!bytes.empty()) {
      if (!in_rubbish_) {
        out += json_->feed(bytes);
        if (!json_->malformed()) {
          return out;
        }
        rest = json_->take_rest();
        bytes = rest;
        inside_ = json_->malformed_inside();
        in_rubbish_ = true;
        at_line_start_ = false;
      }
      // A bracket at the start of a line begins a value; between values it may be indented.
      if (at_line_start_ &&
          (inside_ ? kBracket : kBracketOrBlank).find(bytes.front()) != std::string_view::npos) {
        in_rubbish_ = false;
        json_.emplace(counts_, settings_);
        continue;
      }
      const std::size_t newline = bytes.find('\n');
      const std::size_t size = newline == std::string_view::npos ? bytes.size() : newline + 1;
      StreamRedactor& judge = inside_ ? static_cast<StreamRedactor&>(whole_) : lines_;
      out += judge.feed(bytes.substr(0, size));
      at_line_start_ = newline != std::string_view::npos;
      bytes.remove_prefix(size);
    }
    return out;
  }

  std::string finish() override {
    std::string out;
    if (!in_rubbish_) {
      out += json_->finish();
      if (json_->malformed()) {
        const std::string rest = json_->take_rest();
        StreamRedactor& judge = json_->malformed_inside() ? static_cast<StreamRedactor&>(whole_) : lines_;
        out += judge.feed(rest);
      }
    }
    out += lines_.finish();
    out += whole_.finish();
    return out;
  }

 private:
  static constexpr std::string_view kBracket = "{[";
  static constexpr std::string_view kBracketOrBlank = "{[ \t\r\n";

  RedactionCounts& counts_;
  JsonSettings settings_;
  std::optional<JsonRedactor> json_;
  LineRedactor lines_;
  WholeRedactor whole_;
  bool in_rubbish_ = false;
  bool inside_ = false;  ///< The rubbish came inside of a value.
  bool at_line_start_ = false;
};

/// Output that no flag announces: JSON and manifests are known by how they begin, all else is text.
class UnannouncedRedactor final : public StreamRedactor {
 public:
  explicit UnannouncedRedactor(RedactionCounts& counts) : counts_(counts) {}

  std::string feed(std::string_view bytes) override {
    if (inner_ != nullptr) {
      return inner_->feed(bytes);
    }
    beginning_.append(bytes);
    return decide(false);
  }

  std::string finish() override {
    std::string out = inner_ == nullptr ? decide(true) : "";
    return out + inner_->finish();
  }

 private:
  std::string decide(bool ended) {
    static constexpr std::array<std::string_view, 3> kManifests = {"apiVersion:", "kind:", "---"};
    const std::size_t first = beginning_.find_first_not_of(" \t\r\n");
    const std::string_view rest =
        first == std::string::npos ? "" : std::string_view(beginning_).substr(first);
    const bool json = rest.starts_with('{');
    bool manifest = false;
    bool open = rest.empty();
    for (const std::string_view begin : kManifests) {
      manifest = manifest || rest.starts_with(begin);
      open = open || begin.starts_with(rest);
    }
    if (open && !manifest && !ended && beginning_.size() < kTextLineMax) {
      return {};
    }
    if (json) {
      inner_ = std::make_unique<JsonStreamRedactor>(counts_, false);
    } else if (manifest) {
      inner_ = std::make_unique<YamlRedactor>(counts_);
    } else {
      inner_ = std::make_unique<LineRedactor>(counts_, false);
    }
    const std::string bytes = std::move(beginning_);
    beginning_.clear();
    return inner_->feed(bytes);
  }

  RedactionCounts& counts_;
  std::string beginning_;
  std::unique_ptr<StreamRedactor> inner_;
};

std::string run(StreamRedactor& redactor, std::string_view text) {
  std::string out = redactor.feed(text);
  out += redactor.finish();
  return out;
}

/// One argument that no flag before it claims.
std::string redact_argument(const std::string& argument, bool secrets, bool assignments,
                            RedactionCounts& counts) {
  const std::size_t first = argument.find_first_not_of(" \t\r\n");
  const bool bracket = first != std::string::npos && (argument[first] == '{' || argument[first] == '[');
  if (bracket) {
    RedactionCounts tried = counts;
    JsonRedactor json(tried, {.secret_root = secrets});
    std::string redacted = json.feed(argument);
    redacted += json.finish();
    if (!json.malformed()) {
      counts = tried;
      return redacted;
    }
  }
  const TextSettings settings{.all_assignments = assignments, .one_word = true};
  if (!bracket && argument.find('\n') != std::string::npos) {
    YamlRedactor yaml(counts);
    return run(yaml, argument);
  }
  return redacted_text(argument, counts, settings);
}

}  // namespace

std::string_view name_of(RedactionRule rule) { return kNames.at(static_cast<std::size_t>(rule)); }

std::uint64_t RedactionCounts::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::string redact_text(std::string_view text, RedactionCounts& counts) {
  return redacted_text(text, counts);
}

std::vector<std::string> redact_arguments(const std::vector<std::string>& arguments,
                                          RedactionCounts& counts) {
  enum class Claimed { Nothing, Whole, Pair };
  std::vector<std::string> redacted;
  redacted.reserve(arguments.size());
  const bool secrets = speaks_of_secrets(arguments);
  const bool set_env = has_pair(arguments, "set", "env");
  const auto replaced = [&](const std::string& value) {
    if (value.empty() || value == kRedacted) {
      return value;
    }
    counts.add(RedactionRule::Argument);
    return std::string(kRedacted);
  };
  const auto pair = [&](const std::string& value) {
    const std::size_t equals = value.find('=');
    return equals == std::string::npos ? value
                                       : value.substr(0, equals + 1) + replaced(value.substr(equals + 1));
  };
  bool short_password = false;
  Claimed claimed = Claimed::Nothing;
  for (const std::string& argument : arguments) {
    // A flag is never the value of the one before it, so that `--password-stdin --token x` reads as meant.
    if (claimed != Claimed::Nothing && !argument.starts_with("--")) {
      redacted.push_back(claimed == Claimed::Whole ? replaced(argument) : pair(argument));
      claimed = Claimed::Nothing;
      continue;
    }
    claimed = Claimed::Nothing;
    const std::size_t equals = argument.find('=');
    const std::string flag = argument.substr(0, equals);
    if (is_secret_flag(flag) || is_secret_pair_flag(flag)) {
      const bool takes_pair = is_secret_pair_flag(flag);
      if (equals == std::string::npos) {
        claimed = takes_pair ? Claimed::Pair : Claimed::Whole;
        redacted.push_back(argument);
      } else {
        const std::string value = argument.substr(equals + 1);
        redacted.push_back(flag + '=' + (takes_pair ? pair(value) : replaced(value)));
      }
    } else if (short_password && argument.starts_with("-p")) {
      claimed = argument == "-p" ? Claimed::Whole : Claimed::Nothing;
      redacted.push_back("-p" + replaced(argument.substr(2)));
    } else {
      short_password = short_password || takes_short_password(argument);
      redacted.push_back(redact_argument(argument, secrets, set_env, counts));
    }
  }
  return redacted;
}

std::string redact_input(const std::vector<std::string>& arguments, std::string_view input,
                         RedactionCounts& counts) {
  const std::size_t first = input.find_first_not_of(" \t\r\n");
  const bool json = first != std::string_view::npos && (input[first] == '{' || input[first] == '[');
  if (json) {
    JsonStreamRedactor redactor(counts, speaks_of_secrets(arguments));
    return run(redactor, input);
  }
  YamlRedactor redactor(counts);
  return run(redactor, input);
}

OutputForm output_form(const std::vector<std::string>& arguments) {
  if (prints_secrets_only(arguments)) {
    return OutputForm::Secret;
  }
  const std::vector<std::string_view> asked = formats(arguments);
  const auto asks = [&](std::string_view format) {
    return std::find(asked.begin(), asked.end(), format) != asked.end();
  };
  const bool kubeconfig = has_pair(arguments, "config", "view");
  if (asks("json") || (has(arguments, "--raw") && !kubeconfig)) {
    return OutputForm::Json;
  }
  if (asks("yaml") || asks("yml") || has(arguments, "describe") || kubeconfig) {
    return OutputForm::Yaml;
  }
  const bool helm = !arguments.empty() && arguments.front() == "helm";
  static constexpr std::array<std::string_view, 5> kPrintsManifests = {"get", "template", "show", "--dry-run",
                                                                       "--debug"};
  if (helm && std::any_of(kPrintsManifests.begin(), kPrintsManifests.end(), [&](std::string_view word) {
        return std::any_of(arguments.begin(), arguments.end(), [&](const std::string& argument) {
          return argument == word || argument.starts_with(std::string(word) + "=");
        });
      })) {
    return OutputForm::Yaml;
  }
  if (has_pair(arguments, "set", "env") || has(arguments, "env") || has(arguments, "printenv")) {
    return OutputForm::Assignments;
  }
  return OutputForm::Lines;
}

std::unique_ptr<StreamRedactor> redactor_for(OutputForm form, RedactionCounts& counts) {
  switch (form) {
    case OutputForm::Json:
      return std::make_unique<JsonStreamRedactor>(counts, false);
    case OutputForm::Yaml:
      return std::make_unique<YamlRedactor>(counts);
    case OutputForm::Secret:
      return std::make_unique<WholeRedactor>(counts);
    case OutputForm::Assignments:
      return std::make_unique<LineRedactor>(counts, true);
    case OutputForm::Lines:
      break;
  }
  return std::make_unique<UnannouncedRedactor>(counts);
}

std::unique_ptr<StreamRedactor> redactor_for(const std::vector<std::string>& arguments, bool errors,
                                             RedactionCounts& counts) {
  if (errors) {
    return redactor_for(OutputForm::Lines, counts);
  }
  const OutputForm form = output_form(arguments);
  if (form == OutputForm::Json) {
    return std::make_unique<JsonStreamRedactor>(counts, speaks_of_secrets(arguments));
  }
  return redactor_for(form, counts);
}

}  // namespace scenarios::targets
