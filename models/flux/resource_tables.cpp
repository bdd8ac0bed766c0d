#include "models/flux/resource_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace models::flux {

namespace {

/// The first release whose tables have the narrow columns.
constexpr std::int32_t kNarrowSince = 67;

/// How many characters (not bytes) a text has.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

/// The first `count` characters.
std::string_view first_characters(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (at < text.size()) {
    if ((static_cast<unsigned char>(text[at]) & 0xc0U) != 0x80U && count-- == 0) {
      break;
    }
    ++at;
  }
  return text.substr(0, at);
}

std::string right(std::string_view text, std::size_t width) {
  const std::size_t length = characters(text);
  return std::string(length < width ? width - length : 0, ' ') + std::string(text);
}

std::string left(std::string_view text, std::size_t width) {
  const std::size_t length = characters(text);
  return std::string(text) + std::string(length < width ? width - length : 0, ' ');
}

/// Cut to `width` characters without a mark: the format `.8`.
std::string cut(std::string_view text, std::size_t width) {
  return std::string(first_characters(text, width));
}

/// Cut to `width` characters, the last one a `+`: the format `.30+`.
std::string cut_marked(std::string_view text, std::size_t width) {
  return characters(text) <= width ? std::string(text) : std::string(first_characters(text, width - 1)) + '+';
}

/// Joins rows that print alike but for their nodes, each where its first one stood.
/// Source: flux-core python flux/util.py, Deduplicator.
template <class Look>
std::vector<StatusRow> joined(const std::vector<StatusRow>& rows, Look&& look) {
  std::vector<StatusRow> result;
  for (const StatusRow& row : rows) {
    const auto same = std::find_if(result.begin(), result.end(),
                                   [&](const StatusRow& other) { return look(other) == look(row); });
    if (same == result.end()) {
      result.push_back(row);
      continue;
    }
    same->ranks.insert(same->ranks.end(), row.ranks.begin(), row.ranks.end());
    std::sort(same->ranks.begin(), same->ranks.end());
  }
  return result;
}

std::string state_of(const StatusRow& row) { return row.online ? row.state : row.state + '*'; }

std::string_view mark_of(const StatusRow& row, bool ascii) {
  if (ascii) {
    return row.online ? "y" : "n";
  }
  return row.online ? "\xe2\x9c\x94" : "\xe2\x9c\x97";
}

std::size_t state_width(const TableLayout& layout) { return layout.flux_minor >= kNarrowSince ? 12 : 10; }

}  // namespace

std::string list_table(const ResourceView& view, const std::vector<ListRow>& rows,
                       const TableLayout& layout) {
  const bool narrow = layout.flux_minor >= kNarrowSince;
  std::size_t cores_width = narrow ? 6 : 8;
  std::size_t gpus_width = narrow ? 5 : 8;
  if (narrow) {
    for (const ListRow& row : rows) {
      cores_width = std::max(cores_width, fmt::formatted_size("{}", row.cores));
      gpus_width = std::max(gpus_width, fmt::formatted_size("{}", row.gpus));
    }
  }
  std::string text;
  const auto line = [&](std::string_view state, std::string_view nodes, std::string_view cores,
                        std::string_view gpus, std::string_view hosts) {
    text += fmt::format("{:>10} {:>6} {:>{}} {:>{}} {}\n", state, nodes, cores, cores_width, gpus, gpus_width,
                        hosts);
  };
  if (layout.header) {
    line("STATE", "NNODES", "NCORES", "NGPUS", "NODELIST");
  }
  for (const ListRow& row : rows) {
    line(to_text(row.state), std::to_string(row.ranks.size()), std::to_string(row.cores),
         std::to_string(row.gpus), hostlist_of(view, row.ranks));
  }
  return text;
}

std::string status_table(const ResourceView& view, const std::vector<StatusRow>& rows,
                         const TableLayout& layout) {
  std::string text;
  const std::size_t width = state_width(layout);
  const auto line = [&](std::string_view state, std::string_view up, std::string_view nodes,
                        std::string_view hosts) {
    text +=
        right(state, width) + ' ' + right(up, 2) + ' ' + right(nodes, 6) + ' ' + std::string(hosts) + '\n';
  };
  if (layout.header) {
    line("STATE", "UP", "NNODES", "NODELIST");
  }
  for (const StatusRow& row : joined(rows, state_of)) {
    line(state_of(row), mark_of(row, layout.ascii), std::to_string(row.ranks.size()),
         hostlist_of(view, row.ranks));
  }
  return text;
}

std::string status_table_long(const ResourceView& view, const std::vector<StatusRow>& rows,
                              const TableLayout& layout) {
  const std::vector<StatusRow> lines =
      joined(rows, [](const StatusRow& row) { return state_of(row) + '\n' + row.reason; });
  // From 0.70 on the column of the reasons grows with them.
  std::size_t reason_width = 30;
  if (layout.flux_minor >= 70) {
    for (const StatusRow& row : lines) {
      reason_width = std::max(reason_width, characters(row.reason));
    }
  }
  std::string text;
  const std::size_t width = state_width(layout);
  const auto line = [&](std::string_view state, std::string_view up, std::string_view nodes,
                        std::string_view reason, std::string_view hosts) {
    text += right(state, width) + ' ' + right(up, 2) + ' ' + right(nodes, 6) + ' ' +
            left(cut_marked(reason, reason_width), reason_width) + ' ' + std::string(hosts) + '\n';
  };
  if (layout.header) {
    line("STATE", "UP", "NNODES", "REASON", "NODELIST");
  }
  for (const StatusRow& row : lines) {
    line(state_of(row), mark_of(row, layout.ascii), std::to_string(row.ranks.size()), row.reason,
         hostlist_of(view, row.ranks));
  }
  return text;
}

std::string drain_table(const ResourceView& view, const std::vector<StatusRow>& rows,
                        const TableLayout& layout) {
  const auto before_hosts = [&](const StatusRow& row) {
    return left(drain_time(row.since, layout.epoch_seconds_at_start), 12) + ' ' +
           left(cut(state_of(row), 8), 8) + ' ' + left(cut_marked(row.reason, 30), 30) + ' ';
  };
  std::string text;
  if (layout.header) {
    text += left("TIME", 12) + ' ' + left("STATE", 8) + ' ' + left("REASON", 30) + " NODELIST\n";
  }
  for (const StatusRow& row : joined(rows, before_hosts)) {
    text += before_hosts(row) + hostlist_of(view, row.ranks) + '\n';
  }
  return text;
}

std::string info_lines(const std::vector<ListRow>& rows) {
  std::string text;
  for (const ListRow& row : rows) {
    text += fmt::format("{} Nodes, {} Cores, {} GPUs\n", row.ranks.size(), row.cores, row.gpus);
  }
  return text;
}

std::string drain_time(sim::Time at, std::int64_t epoch_seconds_at_start) {
  static constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  // rank 0 rounds the moment of a drain to seconds (drain.c, drain_get_info).
  const std::chrono::seconds moment =
      std::chrono::round<std::chrono::seconds>(at) + std::chrono::seconds{epoch_seconds_at_start};
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date{std::chrono::sys_days{day}};
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(moment - day).count();
  return fmt::format("{}{:02} {:02}:{:02}", kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<unsigned>(date.day()), minutes / 60, minutes % 60);
}

}  // namespace models::flux
