// Any text is read as a runbook: what is taken becomes a plan whose text is a runbook again, and every place
// of a problem lies in the script.

#include "scenarios/import_runbook.h"
#include "scenarios/runbook/script.h"
#include "tests/fuzz/fuzz_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view script = fuzz::text_of(data, size);
  const scenarios::runbook::ParseResult parsed = scenarios::runbook::parse(script);
  for (const auto& problem : parsed.problems) {
    if (problem.offset > script.size()) {
      __builtin_trap();
    }
  }
  for (const scenarios::runbook::Item& item : scenarios::runbook::items_of(script)) {
    if (item.begin > item.end || item.end > script.size()) {
      __builtin_trap();
    }
  }
  scenarios::import_runbook(script, "fuzz.sh", "1.35");
  return 0;
}
