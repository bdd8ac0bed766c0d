// A scenario of any text is loaded, or refused with errors that can be shown.

#include "scenarios/build.h"
#include "tests/fuzz/fuzz_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  scenarios::language::Diagnostics diagnostics;
  const auto rehearsal =
      scenarios::load({"fuzz.yaml", std::string(fuzz::text_of(data, size)), {}, {}}, diagnostics);
  const std::string told = scenarios::language::render(diagnostics.sorted());
  if (!rehearsal && told.empty()) {
    __builtin_trap();
  }
  return 0;
}
