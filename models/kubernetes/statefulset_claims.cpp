#include "models/kubernetes/statefulset_claims.h"

#include <fmt/core.h>

#include <algorithm>
#include <tuple>

#include "models/kubernetes/statefulset_members.h"

namespace models::kubernetes {

namespace {

bool retains_all(const StatefulSetSpec& spec) {
  return spec.when_scaled == ClaimRetention::Retain && spec.when_deleted == ClaimRetention::Retain;
}

/// Source: stateful_set_utils.go hasUnexpectedController; under Retain/Retain any controller is fine.
bool has_unexpected_controller(const PersistentVolumeClaim& claim, const StatefulSetSpec& spec) {
  return !retains_all(spec) && claim.foreign_controller;
}

/// The ordinal in a claim's name that was put together by `claim_name`; -1 if it is another's.
std::int32_t ordinal_of(std::string_view name, std::string_view claim_template, std::string_view set_name) {
  return name.size() > claim_template.size() && name.starts_with(claim_template) &&
                 name[claim_template.size()] == '-'
             ? ordinal_after(name.substr(claim_template.size() + 1), set_name)
             : -1;
}

}  // namespace

std::string claim_name(std::string_view claim_template, std::string_view set_name, std::int32_t ordinal) {
  return fmt::format("{}-{}-{}", claim_template, set_name, ordinal);
}

ClaimOwners wanted_owners(const StatefulSetSpec& spec, Uid set, bool in_range, Uid pod) {
  const bool delete_with_set = spec.when_deleted == ClaimRetention::Delete;
  if (spec.when_scaled == ClaimRetention::Retain) {
    return {delete_with_set ? set : 0, 0};
  }
  // A condemned pod takes its claims along, and nobody else may hold them then.
  return {delete_with_set && in_range ? set : 0, in_range ? 0 : pod};
}

bool owners_up_to_date(const PersistentVolumeClaim& claim, const StatefulSetSpec& spec, Uid set,
                       bool in_range, Uid pod) {
  const bool of_earlier_set = claim.owner_set != 0 && claim.owner_set != set;
  const bool of_earlier_pod = claim.owner_pod != 0 && claim.owner_pod != pod;
  if (of_earlier_set || of_earlier_pod) {
    return true;
  }
  if (has_unexpected_controller(claim, spec)) {
    return claim.owner_set == 0 && claim.owner_pod == 0;
  }
  return ClaimOwners{claim.owner_set, claim.owner_pod} == wanted_owners(spec, set, in_range, pod);
}

ClaimOwners corrected_owners(const PersistentVolumeClaim& claim, const StatefulSetSpec& spec, Uid set,
                             bool in_range, Uid pod) {
  return has_unexpected_controller(claim, spec) ? ClaimOwners{} : wanted_owners(spec, set, in_range, pod);
}

bool claim_is_stale(const PersistentVolumeClaim& claim, const StatefulSetSpec& spec) {
  return spec.when_scaled == ClaimRetention::Delete && claim.owner_pod != 0;
}

SetClaims::SetClaims(const View& view, const StatefulSet& set) {
  if (set.spec.claims == nullptr || set.spec.claims->empty()) {
    return;
  }
  const Cluster& cluster = view.cluster();
  templates_ = set.spec.claims->size();
  const std::string& set_name = cluster.strings[set.meta.name];
  for (Row row = 0; row < cluster.claims.extent(); ++row) {
    const PersistentVolumeClaim* claim = view.claim(row);
    if (claim == nullptr || claim->meta.name_space != set.meta.name_space) {
      continue;
    }
    const std::string& name = cluster.strings[claim->meta.name];
    for (std::uint32_t position = 0; position < templates_; ++position) {
      const std::int32_t ordinal = ordinal_of(name, (*set.spec.claims)[position].name, set_name);
      if (ordinal >= 0) {
        entries_.push_back({ordinal, position, row});
      }
    }
  }
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.ordinal, a.position, a.row) < std::tie(b.ordinal, b.position, b.row);
  });
}

Row SetClaims::find(std::int32_t ordinal, std::size_t position) const {
  const auto found =
      std::lower_bound(entries_.begin(), entries_.end(), std::pair{ordinal, position},
                       [](const Entry& entry, const std::pair<std::int32_t, std::size_t>& wanted) {
                         return std::pair<std::int32_t, std::size_t>{entry.ordinal, entry.position} < wanted;
                       });
  return found != entries_.end() && found->ordinal == ordinal && found->position == position ? found->row
                                                                                             : kNoRow;
}

}  // namespace models::kubernetes
