#include "scenarios/plan/typed_shells.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "scenarios/plan/lower_builtins.h"

namespace scenarios::plan {

namespace {

using runbook::Node;
using runbook::NodeKind;
using runbook::Slice;

constexpr std::array<std::string_view, 4> kShells = {"bash", "sh", "/bin/bash", "/bin/sh"};
/// Programs of the operator's own machine, which no modelled container has.
constexpr std::array<std::string_view, 6> kOutside = {"kubectl", "helm",      "openstack",
                                                      "kind",    "terraform", "ansible-playbook"};

template <std::size_t size>
bool is_one_of(const std::array<std::string_view, size>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// A simple command in words; empty where it cannot be cut, which is told when it is lowered.
struct Words {
  std::vector<commands::Word> words;
  std::vector<std::string> texts;

  explicit Words(const Node& node) {
    if (node.kind != NodeKind::Command) {
      return;
    }
    words = commands::split_words(node.text.text).words;
    for (const commands::Word& word : words) {
      texts.push_back(commands::Argument::of(word).text());
    }
  }
  [[nodiscard]] std::string_view at(std::size_t i) const {
    return i < texts.size() ? std::string_view(texts[i]) : std::string_view();
  }
};

/// A prompt that is open, and what reaches it.
struct Prompt {
  std::string reached_by;  ///< stands before what is typed
  std::string name;
};

/// `-i`, `-it`, `--stdin`.
bool keeps_input_open(std::string_view word) {
  return word == "--stdin" || word == "--stdin=true" ||
         (word.size() > 1 && word[0] == '-' && word[1] != '-' &&
          word.find_first_not_of("-itq") == word.npos && word.find('i') != word.npos);
}

/// Source: kubectl pkg/cmd/exec/exec.go; which words are its own ends at `--`, or without it at the command.
std::optional<Prompt> opened_in_pod(const Node& node, const Words& line) {
  if (line.at(0) != "kubectl" || !is_one_of(kShells, line.texts.back())) {
    return std::nullopt;
  }
  const auto begin = line.texts.begin();
  const auto exec = std::find(begin, line.texts.end(), "exec");
  if (exec == line.texts.end() || std::none_of(exec, line.texts.end(), keeps_input_open)) {
    return std::nullopt;
  }
  const bool names_container = std::any_of(exec, line.texts.end(), [](const std::string& word) {
    return word.starts_with("-c") || word.starts_with("--container");
  });
  const std::size_t exec_end = line.words[static_cast<std::size_t>(exec - begin)].end;
  const std::string& text = node.text.text;
  const bool dashes = std::find(exec, line.texts.end(), "--") != line.texts.end();
  return Prompt{fmt::format("{}{}{}{}", text.substr(0, exec_end), names_container ? "" : " -q",
                            text.substr(exec_end, line.words.back().begin - exec_end), dashes ? "" : "-- "),
                text};
}

std::optional<Prompt> opened_by(const Node& node, const Words& line) {
  if (line.texts.empty()) {
    return std::nullopt;
  }
  if (line.at(0) == "ssh" && line.texts.size() == 2 && !line.at(1).starts_with('-')) {
    return Prompt{node.text.text.substr(0, line.words.back().end) + " ", node.text.text};
  }
  return opened_in_pod(node, line);
}

class Typist {
 public:
  explicit Typist(std::vector<commands::CompileProblem>& problems) : problems_(problems) {}

  std::size_t type(Node& script) {
    std::vector<Node> kept;
    for (Node& node : script.children) {
      if (take_line(node)) {
        kept.push_back(std::move(node));
      }
    }
    script.children = std::move(kept);
    return open_.size();
  }

 private:
  /// A line of the script itself. @return whether there is something to perform.
  bool take_line(Node& node) {
    const Words line(node);
    if (!open_.empty() && line.at(0) == "exit") {
      open_.pop_back();
      return false;
    }
    if (!open_.empty() && (line.at(0) == "." || line.at(0) == "source")) {
      return false;
    }
    if (!open_.empty() && line.at(0) == "flux" && line.at(1) == "proxy" && line.texts.size() == 4 &&
        is_one_of(kShells, line.at(3))) {
      open_.push_back({open_.back().reached_by, node.text.text});
      return false;
    }
    if (std::optional<Prompt> prompt = opened_by(node, line)) {
      reach(node);
      if (!open_.empty()) {
        prompt->reached_by = open_.back().reached_by + prompt->reached_by;
      }
      open_.push_back(*std::move(prompt));
      return true;
    }
    reach(node);
    return true;
  }

  /// Puts what reaches the prompt before each command in `node`.
  void reach(Node& node) {
    for (runbook::Substitution& substitution : node.substitutions) {
      if (substitution.kind == runbook::SubstitutionKind::Commands) {
        reach_each(substitution.content);
      }
    }
    if (node.kind == NodeKind::Pipeline) {
      reach(node.children.front());  // filters are at hand everywhere
    } else if (node.kind != NodeKind::Command) {
      reach_each(node);
    } else if (!open_.empty()) {
      reach_command(node);
    }
  }

  void reach_each(Node& node) {
    for (Node& child : node.children) {
      if (child.kind == NodeKind::Command && opened_by(child, Words(child))) {
        problems_.push_back(
            {child.at,
             "a prompt that is opened in the middle of a line or a loop is beyond "
             "the grammar of runbooks",
             "open it in a line of its own, or write the command itself behind kubectl exec POD "
             "--, or ssh NODE"});
      }
      reach(child);
    }
  }

  void reach_command(Node& node) {
    const Words line(node);
    if (line.texts.empty() || builtin_named(line.at(0)) != Builtin::None || line.at(0) == "wait" ||
        line.at(0) == "set") {
      return;
    }
    if (is_one_of(kOutside, line.at(0))) {
      problems_.push_back(
          {node.at,
           fmt::format("{} is typed at the prompt that \"{}\" opened", line.at(0), open_.back().name),
           "write exit in the line before it"});
      return;
    }
    const std::string& before = open_.back().reached_by;
    Slice reached;
    const std::size_t origin = node.text.origin(line.words.front().begin);
    for (const char c : before) {
      reached.append(c, origin);
    }
    for (std::size_t i = line.words.front().begin; i < node.text.text.size(); ++i) {
      reached.append(node.text.text[i], node.text.origin(i));
    }
    reached.end = node.text.end;
    node.text = std::move(reached);
  }

  std::vector<commands::CompileProblem>& problems_;
  std::vector<Prompt> open_;
};

}  // namespace

std::size_t type_into_shells(Node& script, std::vector<commands::CompileProblem>& problems) {
  return Typist(problems).type(script);
}

}  // namespace scenarios::plan
