#include "scenarios/observed_iomesh.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "models/iomesh/growth.h"
#include "models/iomesh/metas.h"
#include "scenarios/described_iomesh.h"
#include "scenarios/language/load.h"

namespace scenarios {

namespace {

namespace iomesh = models::iomesh;
namespace kubernetes = models::kubernetes;
using kubernetes::Row;
using language::Diagnostics;

/// What a scenario that says nothing of its storage means.
const language::IOMesh& nothing_said() {
  static const language::IOMesh storage =
      *language::load_scenario_text(
           "apiVersion: rehearsal/v1\nscenario: storage\ncluster: {nodes: {n: {cpu: "
           "1, memory: 1Gi}}, iomesh: {}}\nplan: [{step: none, wait: 1s}]\n",
           "")
           .scenario->cluster->iomesh;
  return storage;
}

/// The member at `path`, names with dots between them; nullptr: there is none.
const Json* find(const Json& object, std::string_view path) {
  const Json* at = &object;
  while (at != nullptr && !path.empty()) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    const auto member = at->is_object() ? at->find(std::string(path.substr(0, dot))) : at->end();
    at = at->is_object() && member != at->end() ? &*member : nullptr;
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return at;
}

std::string text_at(const Json& object, std::string_view path) {
  const Json* found = find(object, path);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::int32_t> number_at(const Json& object, std::string_view path) {
  const Json* found = find(object, path);
  constexpr std::int64_t kMost = 1'000'000;
  if (found == nullptr || !found->is_number_integer() || found->get<std::int64_t>() < 0 ||
      found->get<std::int64_t>() > kMost) {
    return std::nullopt;
  }
  return static_cast<std::int32_t>(found->get<std::int64_t>());
}

/// node-9 before node-10.
bool earlier(const std::string& a, const std::string& b) {
  return std::make_tuple(a.size(), std::string_view(a)) < std::make_tuple(b.size(), std::string_view(b));
}

class Observer {
 public:
  Observer(const FileObject& resource, const NodeAddresses& addresses, const language::IOMesh* described,
           iomesh::Turn& turn, Diagnostics& diagnostics)
      : resource_(resource),
        addresses_(addresses),
        described_(described != nullptr ? *described : nothing_said()),
        turn_(turn),
        state_(turn.state),
        diagnostics_(diagnostics) {}

  std::vector<sim::Basis> observe() {
    const std::string name_space = text_at(resource_.object, "metadata.namespace");
    state_.described = true;
    state_.name_space = turn_.cluster().strings.intern(name_space.empty() ? "iomesh-system" : name_space);
    state_.uid = turn_.cluster().next_uid++;
    turn_.kubernetes.context.history.introduce(state_.uid, {});
    state_.copies = static_cast<std::int32_t>(described_.replica_factor.value);
    state_.parameters = parameters_of(described_.parameters, diagnostics_);
    license();
    release();
    chunks();
    if (diagnostics_.has_errors()) {
      return {};
    }
    assign_pods();
    place_data();
    leader();
    iomesh::growth::begin(turn_);
    tell_parameters(described_, state_, basis_);
    if (!described_.replica_factor.given()) {
      assumed(fmt::format("iomesh.replicaFactor {}", state_.copies),
              "it stands in the StorageClasses; cluster.iomesh.replicaFactor sets it");
    }
    return std::move(basis_);
  }

 private:
  void fail(const std::string& field, std::string problem, std::string hint) {
    diagnostics_.error(resource_.at, field, std::move(problem), std::move(hint));
  }
  void assumed(std::string what, std::string why) {
    basis_.push_back({std::move(what), "assumed", std::move(why)});
  }

  void license() {
    const std::string edition = text_at(resource_.object, "status.license.edition");
    const bool community = edition.empty() ? described_.edition.value == "community"
                                           : edition == "COMMUNITY" || edition == "community";
    state_.license = {community ? iomesh::Edition::community : iomesh::Edition::enterprise,
                      number_at(resource_.object, "status.license.maxChunkNum")
                          .value_or(static_cast<std::int32_t>(described_.max_chunk_num.value))};
  }

  Row set_of(std::string_view name) const {
    const kubernetes::Cluster& cluster = turn_.cluster();
    return cluster.find_statefulset(cluster.strings[state_.name_space], name);
  }

  void release() {
    const auto replicas = [&](std::string_view set, const char* path) {
      const Row row = set_of(set);
      if (row == kubernetes::kNoRow) {
        fail("",
             fmt::format("there is an IOMesh resource, but no StatefulSet {} in {}", set,
                         turn_.cluster().strings[state_.name_space]),
             "give the StatefulSets and pods of its namespace as well");
        return 0;
      }
      return number_at(resource_.object, path).value_or(turn_.cluster().statefulsets[row].spec.replicas);
    };
    state_.release.chunk_replicas = replicas(iomesh::kChunkSet, "spec.chunk.replicaCount");
    state_.release.meta_replicas = replicas(iomesh::kMetaSet, "spec.meta.replicaCount");
  }

  void chunks() {
    const Json* list = find(resource_.object, "status.summary.chunkSummary.chunks");
    if (list == nullptr || !list->is_array()) {
      fail("status.summary.chunkSummary.chunks", "the IOMesh resource lists no chunks",
           "give what kubectl get iomesh iomesh -o json prints");
      return;
    }
    for (std::size_t i = 0; i < list->size() && !diagnostics_.has_errors(); ++i) {
      chunk((*list)[i], fmt::format("status.summary.chunkSummary.chunks[{}]", i));
    }
  }

  void chunk(const Json& seen, const std::string& path) {
    iomesh::Chunk chunk;
    const auto id = number_at(seen, "id");
    const auto address = parse_ipv4(text_at(seen, "ip"));
    if (!id || *id == 0 || state_.find_id(*id) != iomesh::kNone) {
      fail(path + ".id", id && *id != 0 ? fmt::format("two chunks have id {}", *id) : "the chunk has no id",
           "");
      return;
    }
    if (!address) {
      fail(path + ".ip", fmt::format("\"{}\" is no IPv4 address", text_at(seen, "ip")), "");
      return;
    }
    chunk.id = *id;
    chunk.address = *address;
    chunk.uid = turn_.cluster().next_uid++;
    turn_.kubernetes.context.history.introduce(chunk.uid, {});
    const std::string status = text_at(seen, "status");
    chunk.status = status.empty() ? iomesh::ChunkStatus::healthy : status_of(status, path);
    iomesh::Amount held;
    const auto size = [&](const char* name) {
      const std::string text = text_at(seen, std::string("spaceInfo.") + name);
      const auto bytes = iomesh::parse_size(text);
      if (!bytes) {
        fail(fmt::format("{}.spaceInfo.{}", path, name), fmt::format("\"{}\" is no size", text),
             "such as 400GiB or 0B");
      }
      return bytes.value_or(0);
    };
    chunk.capacity = size("totalDataCapacity");
    held.used = size("usedDataSpace");
    held.claimed =
        find(seen, "spaceInfo.provisionedDataSpace") == nullptr ? held.used : size("provisionedDataSpace");
    held.claimed = std::max(held.used, held.claimed);
    chunk.cache = find(seen, "spaceInfo.totalCacheCapacity") == nullptr ? 0 : size("totalCacheCapacity");
    if (chunk.status == iomesh::ChunkStatus::session_expired) {
      chunk.recovers = true;
      assumed(fmt::format("iomesh: what lay on chunk {} has been recovered", chunk.id),
              "an expired chunk shows 0B");
    }
    state_.new_capacity = std::max(state_.new_capacity, chunk.capacity);
    state_.new_cache = std::max(state_.new_cache, chunk.cache);
    state_.chunks.push_back(chunk);
    held_.push_back(held);
  }

  iomesh::ChunkStatus status_of(const std::string& text, const std::string& path) {
    for (const auto status : {iomesh::ChunkStatus::initializing, iomesh::ChunkStatus::healthy,
                              iomesh::ChunkStatus::error, iomesh::ChunkStatus::session_expired}) {
      if (iomesh::to_text(status) == text) {
        return status;
      }
    }
    fail(path + ".status", fmt::format("\"{}\" is no status of a chunk", text),
         "known: CHUNK_STATUS_INITIALIZING, CHUNK_STATUS_CONNECTED_HEALTHY, CHUNK_STATUS_CONNECTED_ERROR, "
         "CHUNK_STATUS_SESSION_EXPIRED");
    return iomesh::ChunkStatus::healthy;
  }

  // --- Which pod serves which chunk

  struct ServingPod {
    Row row = kubernetes::kNoRow;
    std::string node;
    bool taken = false;
  };

  std::vector<ServingPod> serving_pods() const {
    const kubernetes::Cluster& cluster = turn_.cluster();
    std::vector<ServingPod> pods;
    for (Row row = cluster.statefulsets[set_of(iomesh::kChunkSet)].pods_head; row != kubernetes::kNoRow;
         row = cluster.pods[row].owner_next) {
      if (!cluster.pods[row].meta.removed && iomesh::serves(cluster, row)) {
        pods.push_back({row, cluster.name_of(cluster.nodes[cluster.pods[row].node].meta), false});
      }
    }
    std::sort(pods.begin(), pods.end(),
              [](const ServingPod& a, const ServingPod& b) { return earlier(a.node, b.node); });
    return pods;
  }

  /// The id that the scenario gives the chunk of a pod; 0: none.
  std::int64_t stated_id(const std::string& pod) const {
    for (const language::IOMeshChunkEntry& entry : described_.chunks) {
      const auto& names = entry.names.hosts;
      if (std::find(names.begin(), names.end(), pod) != names.end() && entry.group.id.given()) {
        return entry.group.id.value;
      }
    }
    return 0;
  }

  bool has_address(const std::string& node, std::uint32_t address) const {
    const auto known = addresses_.find(node);
    return known != addresses_.end() &&
           std::any_of(known->second.begin(), known->second.end(),
                       [&](const std::string& text) { return parse_ipv4(text) == address; });
  }

  void serve(iomesh::Chunk& chunk, ServingPod& pod) {
    const kubernetes::Pod& server = turn_.cluster().pods[pod.row];
    pod.taken = true;
    chunk.ordinal = server.index;
    chunk.node = turn_.cluster().nodes[server.node].meta.name;
    chunk.pod = server.meta.uid;
    chunk.pod_restarts = turn_.cluster().restarts_of(server);
    chunk.up = true;
    if (chunk.status == iomesh::ChunkStatus::initializing) {
      chunk.connects_at = turn_.now() + state_.parameters.connect;
      iomesh::schedule(turn_, chunk.connects_at, iomesh::Event::ChunkConnect,
                       static_cast<std::uint32_t>(&chunk - state_.chunks.data()), sim::kNoTransition);
    }
  }

  void assign_pods() {
    std::vector<ServingPod> pods = serving_pods();
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < state_.chunks.size(); ++i) {
      iomesh::Chunk& chunk = state_.chunks[i];
      if (chunk.status == iomesh::ChunkStatus::session_expired) {
        continue;
      }
      const auto own = std::find_if(pods.begin(), pods.end(), [&](const ServingPod& pod) {
        return !pod.taken && (stated_id(turn_.cluster().name_of(turn_.cluster().pods[pod.row])) == chunk.id ||
                              has_address(pod.node, chunk.address));
      });
      if (own != pods.end()) {
        serve(chunk, *own);
      } else {
        left.push_back(i);
      }
    }
    std::sort(left.begin(), left.end(), [&](std::size_t a, std::size_t b) {
      return state_.chunks[a].address < state_.chunks[b].address;
    });
    std::string taken;
    for (const std::size_t i : left) {
      const auto free =
          std::find_if(pods.begin(), pods.end(), [](const ServingPod& pod) { return !pod.taken; });
      if (free == pods.end()) {
        fail("status.summary.chunkSummary.chunks",
             fmt::format("chunk {} is not expired, and no pod of {} is left that serves it",
                         state_.chunks[i].id, iomesh::kChunkSet),
             "give the pods of its namespace as they were at that moment");
        return;
      }
      serve(state_.chunks[i], *free);
      taken += fmt::format("{}chunk {} on {}", taken.empty() ? "" : ", ", state_.chunks[i].id, free->node);
    }
    if (!taken.empty()) {
      assumed("iomesh: " + taken,
              "these nodes show no data address, so addresses and names of nodes were taken in order; "
              "cluster.iomesh.chunks: {POD: {id: ID}} says whose each is");
    }
    for (const iomesh::Chunk& chunk : state_.chunks) {
      state_.first_address = std::max(state_.first_address, chunk.address + 1);
    }
  }

  void place_data() {
    auto groups = iomesh::spread_evenly(held_, static_cast<std::size_t>(state_.copies));
    if (!groups) {
      fail("status.summary.chunkSummary.chunks",
           fmt::format("no placement of {} replicas on distinct chunks gives these amounts", state_.copies),
           "is cluster.iomesh.replicaFactor right?");
      return;
    }
    state_.groups = *std::move(groups);
    assumed("iomesh: data is spread evenly over all sets of chunks",
            "where the replicas lie is not in the resource");
  }

  void leader() {
    const kubernetes::Cluster& cluster = turn_.cluster();
    std::int32_t running = 0;
    for (Row row = cluster.statefulsets[set_of(iomesh::kMetaSet)].pods_head; row != kubernetes::kNoRow;
         row = cluster.pods[row].owner_next) {
      if (cluster.pods[row].meta.removed || !iomesh::serves(cluster, row)) {
        continue;
      }
      ++running;
      if (cluster.label_of(cluster.pods[row], iomesh::metas::kLeaderLabel)) {
        state_.leader = cluster.pods[row].meta.uid;
      }
    }
    state_.quorum = running * 2 > cluster.statefulsets[set_of(iomesh::kMetaSet)].spec.replicas;
    state_.quorum_seen = state_.quorum;
    if (state_.leader == 0 && state_.quorum) {
      state_.election_at = turn_.now() + state_.parameters.election;
      iomesh::schedule(turn_, state_.election_at, iomesh::Event::Elect, 0, sim::kNoTransition);
    }
  }

  const FileObject& resource_;
  const NodeAddresses& addresses_;
  const language::IOMesh& described_;
  iomesh::Turn& turn_;
  iomesh::State& state_;
  Diagnostics& diagnostics_;
  std::vector<iomesh::Amount> held_;
  std::vector<sim::Basis> basis_;
};

}  // namespace

bool is_iomesh(const Json& object) {
  return text_at(object, "kind") == "IOMesh" && text_at(object, "apiVersion").starts_with("iomesh.com/");
}

void note_addresses(const Json& object, NodeAddresses& addresses) {
  const Json* list = text_at(object, "kind") == "Node" ? find(object, "status.addresses") : nullptr;
  if (list == nullptr || !list->is_array()) {
    return;
  }
  for (const Json& one : *list) {
    addresses[text_at(object, "metadata.name")].push_back(text_at(one, "address"));
  }
}

std::vector<sim::Basis> observe_iomesh(const FileObject& resource, const NodeAddresses& addresses,
                                       const language::IOMesh* described, iomesh::Turn& turn,
                                       Diagnostics& diagnostics) {
  return Observer(resource, addresses, described, turn, diagnostics).observe();
}

}  // namespace scenarios
