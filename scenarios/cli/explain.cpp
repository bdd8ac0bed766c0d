#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "scenarios/checks/check.h"
#include "scenarios/cli/command_line.h"
#include "scenarios/language/nearest_word.h"

namespace scenarios::cli {

namespace {

void print_list() {
  std::size_t width = 0;
  for (const checks::Explanation& check : checks::registry()) {
    width = std::max(width, check.name.size());
  }
  for (const bool invariant : {false, true}) {
    fmt::print("{}\n", invariant ? "\nBuilt-in invariants, judged in every scenario:"
                                 : "Checks that a scenario asks for:");
    for (const checks::Explanation& check : checks::registry()) {
      if (check.invariant == invariant) {
        fmt::print("  {:<{}}  {}\n", check.name, width, check.sentence);
      }
    }
  }
  fmt::print("\nrehearse explain CHECK tells more of one.\n");
}

void print_one(const checks::Explanation& check) {
  fmt::print("{}: {}\n\n{}\n", check.name, check.sentence, check.explanation);
  if (!check.parameters.empty()) {
    fmt::print("\nParameters:\n");
  }
  for (const language::ParameterDeclaration& parameter : check.parameters) {
    fmt::print("  {} ({}{}): {}\n", parameter.name, language::words_for(parameter.type),
               parameter.required           ? ", required"
               : parameter.fallback.empty() ? ""
                                            : ", default " + parameter.fallback,
               parameter.sentence);
  }
  fmt::print("\nSource: {}\n", check.source);
}

}  // namespace

void add_explain(CLI::App& app, ExplainOptions& options) {
  CLI::App* explain = app.add_subcommand("explain", "Tell what a check judges and where its rule comes from");
  explain->add_option("CHECK", options.check, "Name of the check; without it, all are listed");
}

int explain(const ExplainOptions& options) {
  if (options.check.empty()) {
    print_list();
    return kHeld;
  }
  std::vector<std::string> names;
  for (const checks::Explanation& check : checks::registry()) {
    if (check.name == options.check) {
      print_one(check);
      return kHeld;
    }
    names.push_back(check.name);
  }
  fmt::print(stderr, "rehearse explain: error: there is no check {}\n  hint: {}\n", options.check,
             language::did_you_mean(options.check, names));
  return kBadInput;
}

}  // namespace scenarios::cli
