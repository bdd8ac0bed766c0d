#pragma once
// The ids of Flux jobs, as programs print and read them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace models::flux {

/// The parts of a job id. Source: flux-core src/common/libutil/fluid.c: 40 bits of milliseconds, 14 of the
/// rank that took the job, 10 of a count within the millisecond.
std::uint64_t make_fluid(std::uint64_t milliseconds, std::uint32_t rank, std::uint32_t sequence);
/// How many jobs one rank can take within a millisecond.
inline constexpr std::uint32_t kFluidSequences = 1024;

/// "ƒ2ETxsR9H": how programs print an id. Source: RFC 19; fluid.c, fluid_f58_encode.
std::string to_f58(std::uint64_t fluid);

/// Reads an id as F58 with the prefix ƒ or f, as a decimal or 0x number, or as four dotted groups of
/// hexadecimal digits, alone or behind "job.". Nothing for all else. Left out: emoji and words.
/// Source: flux-core src/common/libjob/jobid.c, flux_job_id_parse.
std::optional<std::uint64_t> parse_job_id(std::string_view text);

}  // namespace models::flux
