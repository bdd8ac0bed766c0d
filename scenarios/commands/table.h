#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace scenarios::commands {

/// A table as kubectl prints it: each column as wide as its widest cell and three blanks, at least six
/// characters in all; nothing is added to the last column. A cell ends at its first line break, with "..." in
/// its place. Source: cli-runtime pkg/printers/tableprinter.go and tabwriter.go.
class Table {
 public:
  /// `columns` as the header shows them; kubectl writes them in capitals.
  explicit Table(std::vector<std::string> columns);

  /// REQUIRES: as many cells as columns.
  void add_row(std::vector<std::string> cells);
  [[nodiscard]] bool empty() const { return rows_.empty(); }

  /// The lines, each with its line break. A table without rows is the empty text: it has no header either.
  [[nodiscard]] std::string to_text(bool headers = true) const;

 private:
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// A table that grows while it is watched (`get -w`): a line is never changed once it is printed, so columns
/// only widen for the lines that follow.
class WatchedTable {
 public:
  explicit WatchedTable(std::vector<std::string> columns, bool headers = true);

  /// The lines that these rows add, with the header before the first ones. REQUIRES: as many cells as
  /// columns.
  std::string add_rows(const std::vector<std::vector<std::string>>& rows);

 private:
  std::vector<std::string> columns_;
  std::vector<std::size_t> widths_;
  bool headers_due_;
};

}  // namespace scenarios::commands
