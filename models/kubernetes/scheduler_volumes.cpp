#include "models/kubernetes/scheduler_volumes.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "models/kubernetes/scheduler_counts.h"
#include "models/kubernetes/statefulset_claims.h"

namespace models::kubernetes::scheduler {

namespace {

/// Whether the claim's class binds volumes at once. A class that nobody described waits for a consumer and
/// finds a provisioner on every node (assumed).
bool binds_at_once(const Cluster& cluster, const PersistentVolumeClaim& claim) {
  const std::string& name = cluster.strings[claim.storage_class];
  const std::vector<StorageClass>& classes = cluster.settings->classes.storage;
  const auto of_claim = std::find_if(classes.begin(), classes.end(), [&](const StorageClass& one) {
    return name.empty() ? one.by_default : one.name == name;
  });
  return of_claim != classes.end() && of_claim->immediate;
}

const VolumeAffinity* affinity_of(const Cluster& cluster, const PersistentVolumeClaim& claim) {
  const std::vector<VolumeAffinity>& volumes = cluster.settings->classes.volumes;
  const std::string& name = cluster.strings[claim.volume];
  const auto found = std::find_if(volumes.begin(), volumes.end(),
                                  [&](const VolumeAffinity& one) { return one.volume == name; });
  return found == volumes.end() ? nullptr : &*found;
}

/// The host names that every term of a volume's affinity asks for; nullopt if some term asks for none.
std::optional<std::vector<std::string>> hosts_of(const std::vector<NodeSelectorTerm>& terms) {
  std::vector<std::string> hosts;
  for (const NodeSelectorTerm& term : terms) {
    const auto by_host =
        std::find_if(term.match_expressions.begin(), term.match_expressions.end(), [](const auto& one) {
          return one.key == "kubernetes.io/hostname" && one.op == SelectorOperator::In;
        });
    if (by_host == term.match_expressions.end()) {
      return std::nullopt;
    }
    hosts.insert(hosts.end(), by_host->values.begin(), by_host->values.end());
  }
  return hosts;
}

/// Until 1.31 a volume that lies on named hosts narrowed the nodes before any filter was asked; kubernetes
/// pull request 125398 removed it. Source: volumebinding/binder.go GetEligibleNodes.
void narrow_to_hosts(Search& search, const std::vector<std::string>& hosts) {
  std::vector<Row> rows;
  for (const std::string& host : hosts) {
    const Row row = search.cluster->find_node(host);
    const bool excluded =
        search.narrowed && !std::binary_search(search.candidates.begin(), search.candidates.end(), row);
    if (row != kNoRow && !excluded &&
        position_of(search.cluster->scheduler, row) < search.cluster->scheduler.nodes.size()) {
      rows.push_back(row);
    }
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  search.candidates = std::move(rows);
  search.narrowed = true;
  search.narrowed_by = Filter::VolumeBinding;
}

void reject(Search& search, std::string message) {
  search.rejection = std::move(message);
  search.rejected_by = Filter::VolumeBinding;
}

}  // namespace

std::vector<Row> claims_of(const Cluster& cluster, const Pod& pod, std::string& missing) {
  std::vector<Row> rows;
  const std::string& name_space = cluster.strings[pod.meta.name_space];
  const auto add = [&](const std::string& name) {
    rows.push_back(cluster.find_claim(name_space, name));
    if (rows.back() == kNoRow && missing.empty()) {
      missing = name;
    }
  };
  for (const std::string& name : cluster.template_of(pod).volumes.claims) {
    add(name);
  }
  if (pod.owner.kind == Kind::StatefulSet && pod.index >= 0 && cluster.statefulsets.alive(pod.owner.row)) {
    if (const auto& claims = cluster.statefulsets[pod.owner.row].spec.claims) {
      for (const ClaimTemplate& claim : *claims) {
        add(claim_name(claim.name, cluster.strings[pod.base_name], pod.index));
      }
    }
  }
  return rows;
}

void look_at_volumes(Search& search) {
  const Cluster& cluster = *search.cluster;
  std::string missing;
  for (const Row row : claims_of(cluster, cluster.pods[search.pod], missing)) {
    // Source: volumebinding/volume_binding.go podHasPVCs.
    if (row == kNoRow) {
      reject(search, fmt::format("persistentvolumeclaim \"{}\" not found", missing));
      return;
    }
    const PersistentVolumeClaim& claim = cluster.claims[row];
    if (claim.phase == ClaimPhase::Lost) {
      reject(search, fmt::format("persistentvolumeclaim \"{}\" bound to non-existent persistentvolume \"{}\"",
                                 cluster.name_of(claim.meta), cluster.strings[claim.volume]));
      return;
    }
    if (claim.meta.deleting()) {
      reject(search,
             fmt::format("persistentvolumeclaim \"{}\" is being deleted", cluster.name_of(claim.meta)));
      return;
    }
    if (claim.phase != ClaimPhase::Bound) {
      if (binds_at_once(cluster, claim)) {
        reject(search, "pod has unbound immediate PersistentVolumeClaims");
        return;
      }
      continue;
    }
    if (const VolumeAffinity* affinity = affinity_of(cluster, claim)) {
      search.volumes.push_back(&affinity->terms);
      if (const auto hosts = hosts_of(affinity->terms); hosts && !cluster.features().since(32)) {
        narrow_to_hosts(search, *hosts);
      }
    }
  }
}

}  // namespace models::kubernetes::scheduler
