// A file of any bytes is read as a recording to its end, to its torn tail, or to what is wrong with it.

#include "scenarios/targets/recording/reader.h"
#include "tests/fuzz/fuzz_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  scenarios::targets::RecordingReader reader(fuzz::file_with("recording.jsonl", fuzz::text_of(data, size)));
  while (reader.next()) {
  }
  if (reader.problem() && reader.problem()->text.empty()) {
    __builtin_trap();
  }
  return 0;
}
