#include "scenarios/commands/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

namespace scenarios::commands {
namespace {

/// Source: encoding/json, appendString with HTML escapes on.
std::string json_quoted(std::string_view text) {
  std::string result = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const Rune rune = rune_at(text, at);
    const auto escape = [&](std::string_view escaped) { result += escaped; };
    switch (rune.value) {
      case U'"':
        escape("\\\"");
        break;
      case U'\\':
        escape("\\\\");
        break;
      case U'\b':
        escape("\\b");
        break;
      case U'\f':
        escape("\\f");
        break;
      case U'\n':
        escape("\\n");
        break;
      case U'\r':
        escape("\\r");
        break;
      case U'\t':
        escape("\\t");
        break;
      default:
        if (rune.value < 0x20 || rune.value == U'<' || rune.value == U'>' || rune.value == U'&' ||
            rune.value == 0x2028 || rune.value == 0x2029 || !rune.valid) {
          escape(fmt::format("\\u{:04x}", static_cast<std::uint32_t>(rune.value)));
        } else {
          escape(text.substr(at, rune.length));
        }
    }
    at += rune.length;
  }
  return result + "\"";
}

/// Source: encoding/json, floatEncoder: digits up to 1e21, then an exponent without leading zeros.
std::string number_text(double number) {
  if (!std::isfinite(number)) {
    return "null";
  }
  std::array<char, 400> buffer{};
  const double size = std::abs(number);
  const bool exponent = size != 0 && (size < 1e-6 || size >= 1e21);
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                 exponent ? std::chars_format::scientific : std::chars_format::fixed);
  std::string text(buffer.data(), end.ptr);
  if (const std::size_t zero = text.find("e-0"); zero != std::string::npos) {
    text.erase(zero + 2, 1);
  }
  return text;
}

/// Prints with line breaks when `step` is above 0.
class JsonPrinter {
 public:
  explicit JsonPrinter(std::size_t step) : step_(step) {}

  void print(const Json& value, std::size_t depth) {
    if (value.is_object()) {
      print_object(value, depth);
    } else if (value.is_array()) {
      print_array(value, depth);
    } else if (value.is_string()) {
      text_ += json_quoted(value.get_ref<const std::string&>());
    } else if (value.is_number_float()) {
      text_ += number_text(value.get<double>());
    } else {
      text_ += value.dump();
    }
  }

  std::string take() { return std::move(text_); }

 private:
  void new_line(std::size_t depth) {
    if (step_ > 0) {
      text_ += '\n';
      text_.append(step_ * depth, ' ');
    }
  }

  void print_object(const Json& object, std::size_t depth) {
    std::vector<std::pair<std::string_view, const Json*>> members;
    for (const auto& [key, member] : object.items()) {
      members.emplace_back(key, &member);
    }
    std::sort(members.begin(), members.end());
    text_ += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
      text_ += i == 0 ? "" : ",";
      new_line(depth + 1);
      text_ += json_quoted(members[i].first) + (step_ > 0 ? ": " : ":");
      print(*members[i].second, depth + 1);
    }
    if (!members.empty()) {
      new_line(depth);
    }
    text_ += '}';
  }

  void print_array(const Json& array, std::size_t depth) {
    text_ += '[';
    for (std::size_t i = 0; i < array.size(); ++i) {
      text_ += i == 0 ? "" : ",";
      new_line(depth + 1);
      print(array[i], depth + 1);
    }
    if (!array.empty()) {
      new_line(depth);
    }
    text_ += ']';
  }

  std::size_t step_;
  std::string text_;
};

}  // namespace

std::string indented_json(const Json& value) {
  JsonPrinter printer(4);
  printer.print(value, 0);
  return printer.take() + "\n";
}

std::string compact_json(const Json& value) {
  JsonPrinter printer(0);
  printer.print(value, 0);
  return printer.take();
}

Json merge_patched(Json target, const Json& patch) {
  target.merge_patch(patch);
  return target;
}

}  // namespace scenarios::commands
