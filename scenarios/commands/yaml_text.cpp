#include "scenarios/commands/yaml_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "scenarios/commands/yaml_scalar.h"

namespace scenarios::commands {
namespace {

// Source: go-yaml v2 emitterc.go: best_indent, best_width, and the length up to which a key is a simple one.
constexpr std::size_t kIndent = 2;
constexpr std::size_t kWidth = 80;
constexpr std::size_t kLongestSimpleKey = 128;

std::string double_quoted_character(char32_t rune) {
  switch (rune) {
    case 0x00:
      return "\\0";
    case 0x07:
      return "\\a";
    case 0x08:
      return "\\b";
    case 0x09:
      return "\\t";
    case 0x0A:
      return "\\n";
    case 0x0B:
      return "\\v";
    case 0x0C:
      return "\\f";
    case 0x0D:
      return "\\r";
    case 0x1B:
      return "\\e";
    case 0x22:
      return "\\\"";
    case 0x5C:
      return "\\\\";
    case 0x85:
      return "\\N";
    case 0xA0:
      return "\\_";
    case 0x2028:
      return "\\L";
    case 0x2029:
      return "\\P";
    default:
      break;
  }
  const auto value = static_cast<std::uint32_t>(rune);
  return value <= 0xFF     ? fmt::format("\\x{:02X}", value)
         : value <= 0xFFFF ? fmt::format("\\u{:04X}", value)
                           : fmt::format("\\U{:08X}", value);
}

bool needs_escape(char32_t rune) {
  return rune == U'"' || rune == U'\\' || rune < 0x20 || rune == 0x7F || (rune >= 0x80 && rune < 0xA0) ||
         rune == 0x2028 || rune == 0x2029 || rune == 0xFEFF || rune > 0xFFFF || rune == 0xFFFE ||
         rune == 0xFFFF;
}

/// Writes one document, keeping the column for folding.
class YamlPrinter {
 public:
  std::string print(const Json& value) {
    print_value(value, 0, Place::document);
    end_line();
    return std::move(text_);
  }

 private:
  enum class Place : std::uint8_t { document, mapping, sequence };

  void write(std::string_view text) {
    text_ += text;
    for (const char c : text) {
      column_ += (static_cast<unsigned char>(c) & 0xC0U) == 0x80U ? 0 : 1;
    }
  }

  void end_line() {
    if (column_ > 0) {
      text_ += '\n';
      column_ = 0;
    }
  }

  void new_line(std::size_t indent) {
    end_line();
    write(std::string(indent, ' '));
  }

  /// Writes `value` after "key:" or "-". `indent` is that of the keys or hyphens that it stands below.
  void print_value(const Json& value, std::size_t indent, Place place) {
    if (value.is_object() && !value.empty()) {
      print_mapping(value, place == Place::mapping ? indent + kIndent : indent, place);
    } else if (value.is_array() && !value.empty()) {
      print_sequence(value, indent, place);
    } else {
      if (place != Place::document) {
        write(" ");
      }
      // Text that goes on in the next line stands deeper than what it belongs to.
      const std::size_t deeper = place == Place::sequence ? indent : indent + kIndent;
      print_scalar(value, deeper);
    }
  }

  void print_scalar(const Json& value, std::size_t indent) {
    if (value.is_string()) {
      print_text(value.get_ref<const std::string&>(), indent, false);
    } else if (value.is_number_float()) {
      write(go_float_text(value.get<double>()));
    } else {
      write(value.dump());  // numbers, true, false, null, {} and []
    }
  }

  /// `indent` is that of the keys. The first key of a mapping in a list stands on the hyphen's line.
  void print_mapping(const Json& mapping, std::size_t indent, Place place) {
    std::vector<std::pair<std::string_view, const Json*>> members;
    for (const auto& [key, member] : mapping.items()) {
      members.emplace_back(key, &member);
    }
    std::sort(members.begin(), members.end(),
              [](const auto& a, const auto& b) { return key_before(a.first, b.first); });
    bool on_hyphen_line = place == Place::sequence;
    for (const auto& [key, member] : members) {
      if (on_hyphen_line) {
        write(" ");
        on_hyphen_line = false;
      } else {
        new_line(indent);
      }
      const bool simple = key.size() <= kLongestSimpleKey && !has_line_break(key);
      if (simple) {
        print_text(key, indent, true);
        write(":");
        print_value(*member, indent, Place::mapping);
      } else {
        // A key that takes lines of its own; its value stands behind the colon as an element behind its
        // hyphen.
        write("? ");
        print_text(key, indent + kIndent, false);
        new_line(indent);
        write(":");
        print_value(*member, indent + kIndent, Place::sequence);
      }
    }
  }

  void print_sequence(const Json& sequence, std::size_t indent, Place place) {
    // Hyphens stand below the first letter of their key, and in a list of lists behind the outer hyphen.
    bool on_hyphen_line = place == Place::sequence;
    for (const Json& element : sequence) {
      if (on_hyphen_line) {
        write(" ");
        on_hyphen_line = false;
      } else {
        new_line(indent);
      }
      write("-");
      print_value(element, indent + kIndent, Place::sequence);
    }
  }

  void print_text(std::string_view text, std::size_t indent, bool as_key) {
    switch (scalar_style(text, as_key)) {
      case ScalarStyle::plain:
        print_plain(text, indent, as_key);
        return;
      case ScalarStyle::single_quoted:
        print_single_quoted(text, indent, as_key);
        return;
      case ScalarStyle::double_quoted:
        print_double_quoted(text, indent, as_key);
        return;
      case ScalarStyle::literal_block:
        print_literal(text, indent);
        return;
    }
  }

  /// Whether the line may end at the blank at `at`, which then is not written.
  bool may_fold(std::string_view text, std::size_t at, bool as_key) const {
    return !as_key && column_ > kWidth && (at == 0 || text[at - 1] != ' ');
  }

  void print_plain(std::string_view text, std::size_t indent, bool as_key) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (text[at] == ' ' && may_fold(text, at, as_key) && at + 1 < text.size() && text[at + 1] != ' ') {
        new_line(indent);
      } else {
        write(text.substr(at, 1));
      }
    }
  }

  void print_single_quoted(std::string_view text, std::size_t indent, bool as_key) {
    write("'");
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (text[at] == ' ' && may_fold(text, at, as_key) && at > 0 && at + 1 < text.size() &&
          text[at + 1] != ' ') {
        new_line(indent);
      } else {
        write(text[at] == '\'' ? "''" : text.substr(at, 1));
      }
    }
    write("'");
  }

  void print_double_quoted(std::string_view text, std::size_t indent, bool as_key) {
    write("\"");
    bool after_space = false;
    for (std::size_t at = 0; at < text.size();) {
      const Rune rune = rune_at(text, at);
      const bool space = text[at] == ' ';
      if (space && !as_key && !after_space && column_ > kWidth && at > 0 && at + 1 < text.size()) {
        new_line(indent);
        if (text[at + 1] == ' ') {
          write("\\");
        }
      } else if (needs_escape(rune.value)) {
        write(double_quoted_character(rune.value));
      } else {
        write(text.substr(at, rune.length));
      }
      after_space = space;
      at += rune.length;
    }
    write("\"");
  }

  /// A block of lines. "-" after the bar: no line break at the end; "+": more than one.
  void print_literal(std::string_view text, std::size_t indent) {
    write("|");
    if (text.front() == ' ' || text.front() == '\n') {
      write(std::to_string(kIndent));
    }
    if (text.back() != '\n') {
      write("-");
    } else if (text.size() == 1 || text[text.size() - 2] == '\n') {
      write("+");
    }
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      text_ += '\n';
      column_ = 0;
      if (end > begin) {
        write(std::string(indent, ' '));
        write(text.substr(begin, end - begin));
      }
      begin = end + 1;
    }
    if (column_ == 0) {
      text_ += '\n';  // an empty last line is still a line
    }
  }

  std::string text_;
  std::size_t column_ = 0;
};

}  // namespace

std::string yaml_text(const Json& value) { return YamlPrinter().print(value); }

}  // namespace scenarios::commands
