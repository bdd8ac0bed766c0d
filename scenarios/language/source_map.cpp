#include "scenarios/language/source_map.h"

#include <algorithm>
#include <string_view>

namespace scenarios::language {
namespace {

/// Walks the source of one scalar and its value side by side.
class Walker {
 public:
  Walker(std::string_view source, std::string_view value, int line, int column)
      : source_(source), value_(value), line_(line), column_(column) {
    // Find the scalar's first byte.
    std::size_t at = 0;
    for (int left = line - 1; left > 0 && at != std::string_view::npos; --left) {
      at = source_.find('\n', at);
      if (at != std::string_view::npos) ++at;
    }
    at_ = at == std::string_view::npos ? source_.size() : at + static_cast<std::size_t>(column - 1);
  }

  std::vector<Text::Stretch> stretches() {
    skip_properties();
    if (peek() == '|' || peek() == '>') {
      walk_block();
    } else if (peek() == '"' || peek() == '\'') {
      const char quote = peek();
      step();
      walk_flow(quote);
    } else {
      walk_flow('\0');
    }
    return std::move(out_);
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  bool at_end() const { return at_ >= source_.size(); }

  void step() {
    if (at_end()) return;
    if (source_[at_] == '\n') {
      ++line_;
      column_ = 0;
    }
    ++column_;
    ++at_;
  }

  /// Anchors and tags stand before the scalar.
  void skip_properties() {
    while (peek() == '&' || peek() == '!') {
      while (!at_end() && peek() != ' ' && peek() != '\n') step();
      while (peek() == ' ') step();
    }
  }

  /// Notes that byte `offset` of the value stands here, where the last stretch does not say so already.
  void note(std::size_t offset) {
    if (!out_.empty()) {
      const Text::Stretch& last = out_.back();
      if (last.line == line_ && last.column + static_cast<int>(offset - last.offset) == column_) return;
    }
    out_.push_back({offset, line_, column_});
  }

  bool blank_until_line_end() const {
    std::size_t i = at_;
    while (i < source_.size() && (source_[i] == ' ' || source_[i] == '\t' || source_[i] == '\r')) ++i;
    return i < source_.size() && source_[i] == '\n';
  }

  void skip_blanks_and_lines() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\r' || peek() == '\n') step();
  }

  /// Plain and quoted scalars: a line end with the blanks around it is one blank of the value.
  void walk_flow(char quote) {
    std::size_t v = 0;
    while (v < value_.size() && !at_end()) {
      note(v);
      const bool fold = (value_[v] == ' ' || value_[v] == '\n') && blank_until_line_end();
      if (fold) {
        skip_blanks_and_lines();
        while (v < value_.size() && value_[v] == '\n') ++v;
        if (v < value_.size() && value_[v] == ' ') ++v;
        continue;
      }
      if (quote == '\'' && peek() == '\'' && peek(1) == '\'') {
        step();
      } else if (quote == '"' && peek() == '\\') {
        if (peek(1) == '\n') {
          step();
          skip_blanks_and_lines();
          continue;
        }
        if (std::string_view("xuU\r").find(peek(1)) != std::string_view::npos)
          return;  // Not followed further.
        step();
      } else if (peek() != value_[v]) {
        return;
      }
      step();
      ++v;
    }
  }

  /// Literal and folded blocks: after the header line, each line loses the indentation of the first.
  void walk_block() {
    while (!at_end() && peek() != '\n') step();
    step();
    int indentation = -1;
    std::size_t v = 0;
    bool line_start = true;
    while (v < value_.size() && !at_end()) {
      if (line_start) {
        if (indentation < 0 && !blank_until_line_end()) {
          std::size_t first = at_;
          while (first < source_.size() && source_[first] == ' ') ++first;
          indentation = static_cast<int>(first - at_);
          if (value_[v] == ' ') indentation = 0;  // An explicit indicator: the value keeps blanks.
        }
        for (int i = 0; i < indentation && peek() == ' '; ++i) step();
        if (indentation < 0 || blank_until_line_end()) {
          while (!at_end() && peek() != '\n' && value_[v] == '\n') step();
        }
        line_start = false;
      }
      if (peek() == '\r' && value_[v] != '\r') {
        step();
        continue;
      }
      note(v);
      if (peek() == '\n') {
        // A folded line end is a blank of the value; several may stand for fewer line feeds.
        if (value_[v] != '\n' && value_[v] != ' ') {
          step();
          line_start = true;
          continue;
        }
      } else if (peek() != value_[v]) {
        return;
      }
      line_start = peek() == '\n';
      step();
      ++v;
    }
  }

  std::string_view source_;
  std::string_view value_;
  int line_;
  int column_;
  std::size_t at_ = 0;
  std::vector<Text::Stretch> out_;
};

}  // namespace

Location Text::at_offset(std::size_t offset) const {
  const Stretch* best = nullptr;
  for (const Stretch& stretch : stretches) {
    if (stretch.offset <= offset) best = &stretch;
  }
  if (best == nullptr) return at;
  const std::size_t clamped = std::min(offset, value.size());
  return {at.file, best->line, best->column + static_cast<int>(clamped - best->offset)};
}

Text text_of(const Document& document, const Node& node) {
  Text out{node.text, document.where(node), {}};
  const Source& source = *document.sources[node.source];
  out.stretches = Walker(source.text, node.text, node.line, node.column).stretches();
  return out;
}

Text text_of(const Document& document, const Member& member) {
  return {member.key, document.where(member), {}};
}

}  // namespace scenarios::language
