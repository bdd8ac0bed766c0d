#include "scenarios/cli/files.h"

#include <fmt/core.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace scenarios::cli {

std::optional<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    fmt::print(stderr, "{}: error: this is a folder, not a file\n", path);
    return std::nullopt;
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    fmt::print(stderr, "{}: error: the file cannot be read\n", path);
    return std::nullopt;
  }
  std::string content(std::istreambuf_iterator<char>(file), {});
  if (content.size() > bytes_max) {
    fmt::print(stderr, "{}: error: the file has {} bytes, at most {} are read\n", path, content.size(),
               bytes_max);
    return std::nullopt;
  }
  return content;
}

bool write_file(const std::string& path, std::string_view content) {
  const std::string beside = path + ".part";
  {
    std::ofstream file(beside, std::ios::binary | std::ios::trunc);
    file.write(content.data(), static_cast<std::streamsize>(content.size()));
    file.close();
    if (!file) {
      fmt::print(stderr, "{}: error: the file cannot be written\n", path);
      std::remove(beside.c_str());
      return false;
    }
  }
  std::error_code error;
  std::filesystem::rename(beside, path, error);
  if (error) {
    fmt::print(stderr, "{}: error: the file cannot be written: {}\n", path, error.message());
    std::remove(beside.c_str());
    return false;
  }
  return true;
}

}  // namespace scenarios::cli
