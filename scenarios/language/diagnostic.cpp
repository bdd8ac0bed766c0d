#include "scenarios/language/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace scenarios::language {

std::string render(const Location& at) {
  if (!at.known()) return at.file;
  return fmt::format("{}:{}:{}", at.file, at.line, at.column);
}

std::string render(const Diagnostic& diagnostic) {
  std::string out = render(diagnostic.at);
  if (!out.empty()) out += ": ";
  out += diagnostic.severity == Severity::error ? "error: " : "warning: ";
  if (!diagnostic.field.empty()) out += diagnostic.field + ": ";
  out += diagnostic.problem;
  if (!diagnostic.hint.empty()) out += "\n  hint: " + diagnostic.hint;
  return out;
}

std::string render(std::span<const Diagnostic> diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) out += render(diagnostic) + "\n";
  return out;
}

void Diagnostics::add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::error) ++errors_;
  if (kept_.size() >= kept_max) {
    ++dropped_;
    return;
  }
  kept_.push_back(std::move(diagnostic));
}

void Diagnostics::error(Location at, std::string field, std::string problem, std::string hint) {
  add({std::move(at), std::move(field), std::move(problem), std::move(hint), Severity::error});
}

void Diagnostics::warning(Location at, std::string field, std::string problem, std::string hint) {
  add({std::move(at), std::move(field), std::move(problem), std::move(hint), Severity::warning});
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  // Equal places keep the order of discovery. (std::stable_sort of GCC 12's library uses what Clang 19
  // reports as deprecated.)
  std::vector<std::size_t> order(kept_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return kept_[a].at != kept_[b].at ? kept_[a].at < kept_[b].at : a < b;
  });
  std::vector<Diagnostic> out;
  for (const std::size_t i : order) out.push_back(kept_[i]);
  if (dropped_ > 0) {
    const Severity severity = errors_ > 0 ? Severity::error : Severity::warning;
    out.push_back({out.back().at, "", fmt::format("{} more problems are not shown", dropped_),
                   "mend the first ones and try again", severity});
  }
  return out;
}

}  // namespace scenarios::language
