#include "scenarios/import_runbook.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "scenarios/commands/manifest_text.h"
#include "scenarios/language/load.h"
#include "scenarios/language/yaml_document.h"
#include "scenarios/plan/lower.h"
#include "scenarios/plan/lower_builtins.h"
#include "scenarios/plan/typed_shells.h"
#include "scenarios/runbook/script.h"

namespace scenarios {

namespace {

using language::Location;

/// The longest name that a step is given.
constexpr std::size_t kNameMax = 60;
/// The values file that an installation of IOMesh leaves behind.
/// Source: IOMesh documentation, Scale Out Cluster.
constexpr std::string_view kExported = "iomesh.yaml";

/// A script that was copied from a terminal has its prompts; places stay where they are.
std::string without_prompts(std::string_view script) {
  std::string text(script);
  bool line_begins = true;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (line_begins && text[i] == '$' && text[i + 1] == ' ') {
      text[i] = ' ';
    }
    line_begins = text[i] == '\n' || (line_begins && (text[i] == ' ' || text[i] == '\t'));
  }
  return text;
}

/// The checks that the commands of a runbook ask for by themselves.
struct Fitting {
  std::string_view program;
  std::string_view word;  ///< among its words; empty: whatever they are
  std::string_view check;
};
constexpr std::array kFitting = {
    Fitting{"helm", "", "no-data-lost"},
    Fitting{"helm", "", "redundancy-not-reduced"},
    Fitting{"helm", "", "iomesh-limits"},
    Fitting{"helm", "", "meta-quorum-kept"},
    Fitting{"kubectl", "unregister", "unregister-finishes"},
    Fitting{"kubectl", "unregister", "chunk-order-and-id"},
    Fitting{"kubectl", "unregister", "one-chunk-at-a-time"},
    Fitting{"kubectl", "drain", "no-unschedulable-pods"},
    Fitting{"kubectl", "uncordon", "no-uncordon-before-ready"},
    Fitting{"openstack", "shelve", "no-shelve-before-drained"},
    Fitting{"openstack", "stop", "no-shelve-before-drained"},
    Fitting{"openstack", "delete", "no-shelve-before-drained"},
};

/// How many prompts elsewhere are open at the end of a text.
std::size_t prompts_open(std::string_view text) {
  runbook::ParseResult parsed = runbook::parse(text);
  std::vector<commands::CompileProblem> problems;
  return parsed.problems.empty() ? plan::type_into_shells(parsed.script, problems) : 0;
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, std::min(text.find('\n'), text.size())));
}

class Importer {
 public:
  Importer(std::string_view script, const std::string& path, const std::string& version)
      : text_of_script_(without_prompts(script)),
        script_(text_of_script_),
        path_(path),
        typed_by_a_person_(text_of_script_ != script) {
    models::kubernetes::resolve_features(version, {}, context_.features);
  }

  ImportedPlan import() {
    emitter_ << YAML::BeginMap;
    emitter_ << YAML::Key << "apiVersion" << YAML::Value << "rehearsal/v1";
    emitter_ << YAML::Key << "scenario" << YAML::Value
             << fmt::format("the runbook {}", std::filesystem::path(path_).filename().string());
    emitter_ << YAML::Key << "plan" << YAML::Value << YAML::BeginSeq;
    for (const runbook::Item& item : runbook::items_of(script_)) {
      add(item);
    }
    finish_step();
    emitter_ << YAML::EndSeq;
    if (!files_.empty()) {
      emitter_ << YAML::Key << "files" << YAML::Value << YAML::BeginMap;
      for (const auto& [name, file] : files_) {
        emitter_ << YAML::Key << name << YAML::Value << YAML::BeginMap << YAML::Key << "path" << YAML::Value
                 << file << YAML::EndMap;
      }
      emitter_ << YAML::EndMap;
    }
    if (!checks_.empty()) {
      emitter_ << YAML::Key << "checks" << YAML::Comment("that fit these commands; see rehearse explain")
               << YAML::Value << YAML::BeginSeq;
      for (const std::string& check : checks_) {
        emitter_ << check;
      }
      emitter_ << YAML::EndSeq;
    }
    emitter_ << YAML::EndMap;
    plan_.yaml = left_out_ + emitter_.c_str() + "\n";
    return std::move(plan_);
  }

 private:
  Location place(std::size_t offset) const {
    const std::string_view before = script_.substr(0, std::min(offset, script_.size()));
    const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    return {path_, static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
            static_cast<int>(before.size() - line_start) + 1};
  }

  void add(const runbook::Item& item) {
    std::string text(script_.substr(item.begin, item.end - item.begin));
    text.erase(text.find_last_not_of(" \t\r\n") + 1);
    if (item.begin == 0 && text.empty()) {
      return;
    }
    bool taken = item.problems.empty();
    for (const commands::CommandProblem& problem : item.problems) {
      plan_.not_taken.error(place(problem.offset), {}, problem.text, problem.hint);
    }
    // What is typed at a prompt that a line before opened has to be in the same step.
    const std::string before = prompt_is_open_ ? text_ + "\n" : std::string();
    if (taken) {
      taken = compiles(before, text, item.begin);
    }
    if (!taken) {
      leave_out(item.begin, text);
      return;
    }
    const bool was_open = prompt_is_open_;
    prompt_is_open_ = prompts_open(before + text) > 0;
    // An exit code is that of the command before it, which has to be in the same step.
    if (was_open || (!text_.empty() && text.find("$?") != std::string::npos)) {
      text_ += "\n" + text;
      return;
    }
    if (performs_nothing_) {
      remember(text);
      return;
    }
    finish_step();
    name_ = name_of(item, text);
    text_ = settings() + std::exchange(definitions_, {}) + text;
    goes_on_ = !stops_ && !typed_by_a_person_;
  }

  /// What changes how later lines are performed goes with the steps that are made of them.
  void remember(const std::string& text) {
    const commands::WordsResult words = commands::split_words(text);
    if (!words.words.empty() && commands::Argument::of(words.words.front()).text() == "set") {
      const plan::SetFlags flags =
          plan::read_set(words.words, [](const std::string&, const std::string&, std::size_t) {});
      stops_ = flags.errexit.value_or(stops_);
      pipefail_ = flags.pipefail.value_or(pipefail_);
    } else if (!session_.functions.empty() && text.find('{') != std::string::npos) {
      definitions_ += text + "\n";
    }
  }

  /// A single command needs no `set -e`: its failure ends the plan.
  std::string settings() const {
    const bool several = commands_ > 1;
    return several && stops_ && pipefail_        ? "set -eo pipefail\n"
           : several && stops_                   ? "set -e\n"
           : pipefail_ && (several || has_pipe_) ? "set -o pipefail\n"
                                                 : "";
  }

  void finish_step() {
    if (text_.empty()) {
      return;
    }
    emitter_ << YAML::BeginMap << YAML::Key << "step" << YAML::Value << name_;
    emitter_ << YAML::Key << "run" << YAML::Value << YAML::Literal << std::exchange(text_, {});
    if (goes_on_) {
      emitter_ << YAML::Key << "on_error" << YAML::Value << "continue";
    }
    emitter_ << YAML::EndMap;
    ++plan_.steps;
  }

  /// Whether `text`, which stands at `begin`, can be performed after `before`, which can.
  bool compiles(const std::string& before, const std::string& text, std::size_t begin) {
    find_files(text);
    plan::CompiledStep step;
    std::vector<commands::CompileProblem> problems;
    const auto place_of = [&](std::size_t offset) {
      return place(begin + offset - std::min(offset, before.size()));
    };
    plan::lower(before + text, place_of, context_, session_, step, problems);
    for (const commands::CompileProblem& problem : problems) {
      plan_.not_taken.error(place_of(problem.offset), {}, problem.problem, problem.hint);
    }
    performs_nothing_ =
        std::all_of(step.program.begin(), step.program.end(),
                    [](const plan::Instruction& one) { return one.op == plan::Op::EndIfFailed; });
    commands_ = step.commands.size();
    has_pipe_ = std::any_of(step.commands.begin(), step.commands.end(),
                            [](const plan::CompiledCommand& one) { return !one.filters.empty(); });
    if (problems.empty()) {
      find_checks(step);
    }
    return problems.empty();
  }

  void find_checks(const plan::CompiledStep& step) {
    for (const plan::CompiledCommand& command : step.commands) {
      std::vector<std::string> words;
      for (const commands::Word& word : command.words) {
        words.push_back(commands::Argument::of(word).text());
      }
      for (const Fitting& fitting : kFitting) {
        const bool fits =
            !words.empty() && words.front() == fitting.program &&
            (fitting.word.empty() || std::find(words.begin(), words.end(), fitting.word) != words.end());
        if (fits && std::find(checks_.begin(), checks_.end(), fitting.check) == checks_.end()) {
          checks_.emplace_back(fitting.check);
        }
      }
    }
  }

  /// Files that commands name and that lie beside the script go with the plan. iomesh.yaml is there wherever
  /// IOMesh is.
  void find_files(const std::string& text) {
    const commands::WordsResult words = commands::split_words(text);
    for (std::size_t i = 0; i + 1 < words.words.size(); ++i) {
      const std::string flag = commands::Argument::of(words.words[i]).text();
      const std::string name = commands::Argument::of(words.words[i + 1]).text();
      if ((flag != "-f" && flag != "--filename" && flag != "--values") || files_.count(name) != 0) {
        continue;
      }
      const std::filesystem::path file = std::filesystem::path(path_).parent_path() / name;
      std::ifstream stream(file, std::ios::binary);
      if (!stream) {
        if (name == kExported) {
          context_.files.push_back({name, {}});
        }
        continue;  // of others the command says that it knows no such file
      }
      const std::string content(std::istreambuf_iterator<char>(stream), {});
      language::Diagnostics diagnostics;
      commands::ManifestFile manifest{name, {}};
      for (const language::Document& document :
           language::load_documents(content, file.string(), language::manifest_limits(), diagnostics)) {
        if (!document.root.is_null()) {
          manifest.documents.push_back(commands::json_of(document.root));
        }
      }
      if (!diagnostics.has_errors()) {
        context_.files.push_back(std::move(manifest));
        files_.emplace(name, file.string());
      }
    }
  }

  /// What could not be taken stays at the head of the plan, where a reader looks for it.
  void leave_out(std::size_t begin, std::string_view text) {
    left_out_ += fmt::format("# not taken, line {}:\n", place(begin).line);
    while (!text.empty()) {
      left_out_ += fmt::format("#   {}\n", first_line(text));
      text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    }
  }

  std::string name_of(const runbook::Item& item, const std::string& text) {
    std::string name =
        item.comment.empty() || item.comment.starts_with("!") ? first_line(text) : item.comment;
    if (name.size() > kNameMax) {
      name = name.substr(0, kNameMax) + "…";
    }
    std::string unique = name;
    for (int count = 2; !names_.insert(unique).second; ++count) {
      unique = fmt::format("{} ({})", name, count);
    }
    return unique;
  }

  std::string text_of_script_;
  std::string_view script_;
  std::string path_;
  bool typed_by_a_person_;  // who stops where a command fails
  commands::LoadContext context_;
  plan::Session session_;
  YAML::Emitter emitter_;
  std::set<std::string> names_;
  std::map<std::string, std::string> files_;
  std::string name_;               // of the step that is not written yet
  std::string text_;               // … and its commands
  bool prompt_is_open_ = false;    // at its end
  std::string left_out_;           // as comments
  bool performs_nothing_ = false;  // what was compiled last
  bool has_pipe_ = false;          // likewise
  std::size_t commands_ = 0;       // likewise
  std::string definitions_;        // functions that go with the next step
  bool stops_ = false;             // set -e
  bool pipefail_ = false;
  bool goes_on_ = false;  // the step that is not written yet
  std::vector<std::string> checks_;
  ImportedPlan plan_;
};

}  // namespace

ImportedPlan import_runbook(std::string_view script, const std::string& path, const std::string& version) {
  return Importer(script, path, version).import();
}

}  // namespace scenarios
