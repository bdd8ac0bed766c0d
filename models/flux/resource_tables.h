#pragma once
// Rows of `flux resource` as the exact text that it prints.

#include <cstdint>
#include <string>
#include <vector>

#include "models/flux/resource_view.h"

namespace models::flux {

/// How the tables of a version of flux-core look.
struct TableLayout {
  std::int32_t flux_minor = 58;  ///< version 0.N; columns are narrower and grow from 0.67 on
  bool header = true;            ///< off: --no-header
  bool ascii = false;            ///< y and n instead of the check mark and the cross
  /// Seconds from 1970-01-01 UTC to the start of the scenario; the drain table prints dates, in UTC.
  std::int64_t epoch_seconds_at_start = 0;
};

/// `flux resource list`. Source: flux-core src/cmd/flux-resource.py, builtin_formats["list"]["default"] of
/// v0.56 to v0.66 and of v0.67 on; columns QUEUE and PROPERTIES vanish, for neither is modelled.
std::string list_table(const ResourceView& view, const std::vector<ListRow>& rows, const TableLayout& layout);

/// `flux resource status`. Rows that look alike are joined.
std::string status_table(const ResourceView& view, const std::vector<StatusRow>& rows,
                         const TableLayout& layout);

/// `flux resource status -o long`: with the reasons of drained nodes.
std::string status_table_long(const ResourceView& view, const std::vector<StatusRow>& rows,
                              const TableLayout& layout);

/// `flux resource drain` without targets.
std::string drain_table(const ResourceView& view, const std::vector<StatusRow>& rows,
                        const TableLayout& layout);

/// `flux resource info`: "10 Nodes, 100 Cores, 0 GPUs", one line for each row.
std::string info_lines(const std::vector<ListRow>& rows);

/// "Jan09 19:51" of a moment, in UTC.
std::string drain_time(sim::Time at, std::int64_t epoch_seconds_at_start);

}  // namespace models::flux
