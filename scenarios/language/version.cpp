#include "scenarios/language/version.h"

#include <fmt/format.h>

#include <cstddef>

namespace scenarios::language {

Parsed<Version> parse_version(std::string_view text) {
  using Result = Parsed<Version>;
  const std::string how = "write major.minor.patch in quotes, such as \"1.28.0\"";
  if (text.starts_with('v'))
    return Result::bad(fmt::format("{} begins with v", text), fmt::format("write \"{}\"", text.substr(1)));
  int numbers[3] = {0, 0, 0};
  std::size_t count = 0;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t end =
        text.find('.', start) == std::string_view::npos ? text.size() : text.find('.', start);
    const std::string_view part = text.substr(start, end - start);
    start = end + 1;
    if (count == 3 || part.empty() || part.size() > 4)
      return Result::bad(fmt::format("\"{}\" is not a version", text), how);
    for (const char c : part) {
      if (c < '0' || c > '9') return Result::bad(fmt::format("\"{}\" is not a version", text), how);
      numbers[count] = numbers[count] * 10 + (c - '0');
    }
    ++count;
  }
  if (count == 2)
    return Result::bad(fmt::format("{} does not say which patch release", text),
                       fmt::format("write \"{}.0\", or the patch release that you run", text));
  if (count != 3) return Result::bad(fmt::format("\"{}\" is not a version", text), how);
  return Result::good({numbers[0], numbers[1], numbers[2]});
}

std::string format_version(const Version& version) {
  return fmt::format("{}.{}.{}", version.major_number, version.minor_number, version.patch_number);
}

}  // namespace scenarios::language
