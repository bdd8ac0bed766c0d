// A plan is loaded on a cluster of any text; the first byte says whether that is JSON or YAML.

#include "scenarios/build.h"
#include "tests/fuzz/fuzz_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string file = fuzz::file_with((data[0] & 1U) != 0 ? "cluster.json" : "cluster.yaml",
                                           fuzz::text_of(data + 1, size - 1));
  const std::string plan =
      "apiVersion: rehearsal/v1\nscenario: a snapshot\nplan:\n  - {step: look, run: kubectl get pods}\n";
  scenarios::language::Diagnostics diagnostics;
  const auto rehearsal = scenarios::load({"plan.yaml", plan, {}, {file}}, diagnostics);
  const std::string told = scenarios::language::render(diagnostics.sorted());
  if (!rehearsal && told.empty()) {
    __builtin_trap();
  }
  return 0;
}
