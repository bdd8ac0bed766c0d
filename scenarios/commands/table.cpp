#include "scenarios/commands/table.h"

#include <algorithm>
#include <utility>

#include "sim/require.h"

namespace scenarios::commands {
namespace {

using Row = std::vector<std::string>;

// Source: cli-runtime pkg/printers/tabwriter.go, tabwriterMinWidth and tabwriterPadding.
constexpr std::size_t kLeastWidth = 6;
constexpr std::size_t kPadding = 3;

/// Characters, not bytes: what a terminal shows.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// A cell as it is printed: one line, without escape sequences. Source: printTable and terminal.go.
std::string shown(const std::string& cell) {
  const std::size_t line_end = cell.find_first_of("\f\n\r");
  std::string text;
  for (const char c : std::string_view(cell).substr(0, line_end)) {
    text += c == '\x1b' ? std::string("^[") : std::string(1, c);
  }
  return line_end == std::string::npos ? text : text + "...";
}

void widen(std::vector<std::size_t>& widths, const Row& row) {
  for (std::size_t i = 0; i < widths.size(); ++i) {
    widths[i] = std::max(widths[i], width_of(row[i]) + kPadding);
  }
}

void append_line(std::string& text, const Row& row, const std::vector<std::size_t>& widths) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    text += row[i];
    if (i + 1 < row.size()) {
      text.append(widths[i] - width_of(row[i]), ' ');
    }
  }
  text += '\n';
}

Row shown_row(const Row& row, std::size_t columns) {
  sim::require(row.size() == columns, "a row has as many cells as the table has columns");
  Row result;
  std::transform(row.begin(), row.end(), std::back_inserter(result), shown);
  return result;
}

}  // namespace

Table::Table(std::vector<std::string> columns) : columns_(std::move(columns)) {}

void Table::add_row(std::vector<std::string> cells) { rows_.push_back(shown_row(cells, columns_.size())); }

std::string Table::to_text(bool headers) const {
  if (rows_.empty()) {
    return {};
  }
  std::vector<std::size_t> widths(columns_.size(), kLeastWidth);
  if (headers) {
    widen(widths, columns_);
  }
  for (const Row& row : rows_) {
    widen(widths, row);
  }
  std::string text;
  if (headers) {
    append_line(text, columns_, widths);
  }
  for (const Row& row : rows_) {
    append_line(text, row, widths);
  }
  return text;
}

WatchedTable::WatchedTable(std::vector<std::string> columns, bool headers)
    : columns_(std::move(columns)), widths_(columns_.size(), kLeastWidth), headers_due_(headers) {}

std::string WatchedTable::add_rows(const std::vector<std::vector<std::string>>& rows) {
  if (rows.empty()) {
    return {};
  }
  std::vector<Row> shown_rows;
  if (headers_due_) {
    shown_rows.push_back(columns_);
    headers_due_ = false;
  }
  for (const Row& row : rows) {
    shown_rows.push_back(shown_row(row, columns_.size()));
  }
  std::string text;
  for (const Row& row : shown_rows) {
    widen(widths_, row);
  }
  for (const Row& row : shown_rows) {
    append_line(text, row, widths_);
  }
  return text;
}

}  // namespace scenarios::commands
