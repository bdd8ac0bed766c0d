#include "scenarios/language/load.h"

#include <filesystem>
#include <utility>

#include "scenarios/language/override.h"
#include "scenarios/language/tables.h"
#include "scenarios/language/validate.h"

namespace scenarios::language {
namespace {

/// Fills in the content of the entries of `files:` that are paths.
void read_linked_files(Scenario& scenario, const LoadLimits& limits, Diagnostics& diagnostics) {
  for (Entry<InlineFile>& entry : scenario.files) {
    if (!entry.value.path.given()) continue;
    Diagnostics own;
    const std::string path = path_beside(scenario.file, entry.value.path.value);
    entry.value.content = {read_text_file(path, limits.bytes_max, own), {path, 1, 1}, {{0, 1, 1}}};
    for (const Diagnostic& diagnostic : own.kept()) {
      diagnostics.error(entry.value.path.at, "files." + entry.name.value + ".path",
                        path + ": " + diagnostic.problem, diagnostic.hint);
    }
  }
}

LoadResult finish(std::optional<Scenario> scenario, const Diagnostics& diagnostics) {
  LoadResult result;
  result.diagnostics = diagnostics.sorted();
  if (!diagnostics.has_errors()) result.scenario = std::move(scenario);
  return result;
}

}  // namespace

std::string path_beside(const std::string& scenario_file, const std::string& path) {
  const std::filesystem::path given(path);
  if (given.is_absolute()) return path;
  return (std::filesystem::path(scenario_file).parent_path() / given).lexically_normal().string();
}

LoadResult load_scenario_text(std::string text, const std::string& file, const LoadOptions& options) {
  Diagnostics diagnostics;
  LoadLimits limits = options.limits;
  limits.documents_max = 1;
  std::vector<Document> documents = load_documents(std::move(text), file, limits, diagnostics);
  if (documents.empty() || documents.front().root.is_null()) {
    if (!diagnostics.has_errors())
      diagnostics.error({file, 1, 1}, "", "the file is empty",
                        "a scenario begins with apiVersion: rehearsal/v1");
    return finish(std::nullopt, diagnostics);
  }
  // A document that ends in a syntax error is not judged: every complaint about it would be a guess.
  if (documents.size() > 1) return finish(std::nullopt, diagnostics);
  Document& document = documents.front();
  for (const std::string& assignment : options.overrides) apply_override(document, assignment, diagnostics);
  Scenario scenario;
  scenario.file = file;
  Reader reader(document, options.known, diagnostics);
  table_of<Scenario>().read(reader, document.root, scenario);
  // Names are compared only where everything could be read: otherwise one slip would be reported many times.
  if (!diagnostics.has_errors()) read_linked_files(scenario, limits, diagnostics);
  ObjectNames names = names_in(scenario);
  names.complete = names.complete && !options.more_objects;
  names.may_have_cloud = options.more_objects;
  if (!diagnostics.has_errors()) validate(scenario, options.known, names, diagnostics);
  return finish(std::move(scenario), diagnostics);
}

LoadResult load_scenario(const std::string& file, const LoadOptions& options) {
  Diagnostics diagnostics;
  std::string text = read_text_file(file, options.limits.bytes_max, diagnostics);
  if (diagnostics.has_errors()) return finish(std::nullopt, diagnostics);
  return load_scenario_text(std::move(text), file, options);
}

}  // namespace scenarios::language
