#pragma once
// Input for loaders that read files.

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

namespace fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// A file with the input in a folder of this process; written anew for each input.
inline std::string file_with(std::string_view name, std::string_view content) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("rehearsal-fuzz-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::string path = (folder / name).string();
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file != nullptr) {
    std::fwrite(content.data(), 1, content.size(), file);
    std::fclose(file);
  }
  return path;
}

}  // namespace fuzz
