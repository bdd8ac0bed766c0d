#include "scenarios/described_iomesh.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "models/iomesh/growth.h"
#include "models/iomesh/release.h"
#include "models/kubernetes/statefulset_claims.h"

namespace scenarios {

namespace {

namespace iomesh = models::iomesh;
namespace kubernetes = models::kubernetes;
using Json = nlohmann::ordered_json;
using language::Diagnostics;

constexpr std::string_view kClaim = "data";
/// Containers of the pods: READY prints 3/3 and 2/2. Source: IOMesh documentation, Scale Out Cluster; only
/// the name iomesh-meta was published.
constexpr std::array kChunkContainers = {"iomesh-chunk", "iomesh-chunk-monitor", "iomesh-chunk-agent"};
constexpr std::array kMetaContainers = {"iomesh-meta", "iomesh-meta-monitor"};

std::uint32_t parse_address(const language::Text& text, Diagnostics& diagnostics) {
  const std::optional<std::uint32_t> address = parse_ipv4(text.value);
  if (!address) {
    diagnostics.error(text.at, "cluster.iomesh.dataAddress", fmt::format("{} is no IPv4 address", text.value),
                      "write it as 192.168.29.21");
  }
  return address.value_or(0);
}

template <std::size_t size>
Json manifest(std::string_view name, const std::string& name_space, std::int64_t replicas,
              const std::array<const char*, size>& containers, bool with_disks) {
  Json list = Json::array();
  for (const char* container : containers) {
    list.push_back({{"name", container}, {"image", std::string(name)}});
  }
  const Json labels = {{"app", std::string(name)}};
  Json spec = {{"serviceName", std::string(name)},
               {"replicas", replicas},
               {"selector", {{"matchLabels", labels}}},
               {"template", {{"metadata", {{"labels", labels}}}, {"spec", {{"containers", list}}}}}};
  spec["template"]["spec"]["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] =
      Json::array(
          {{{"labelSelector", {{"matchLabels", labels}}}, {"topologyKey", "kubernetes.io/hostname"}}});
  if (with_disks) {
    spec["volumeClaimTemplates"] = Json::array(
        {{{"metadata", {{"name", std::string(kClaim)}}},
          {"spec",
           {{"accessModes", {"ReadWriteOnce"}}, {"resources", {{"requests", {{"storage", "1Gi"}}}}}}}}});
  }
  return {{"apiVersion", "apps/v1"},
          {"kind", "StatefulSet"},
          {"metadata", {{"name", std::string(name)}, {"namespace", name_space}}},
          {"spec", std::move(spec)}};
}

class IOMeshMaker {
 public:
  IOMeshMaker(const language::IOMesh& described, iomesh::Turn& turn, kubernetes::ClusterClasses& classes,
              Diagnostics& diagnostics)
      : described_(described),
        turn_(turn),
        state_(turn.state),
        classes_(classes),
        diagnostics_(diagnostics) {}

  std::vector<DescribedObject> make() {
    state_.described = true;
    state_.name_space = turn_.cluster().strings.intern(described_.name_space.value);
    state_.uid = turn_.cluster().next_uid++;
    turn_.kubernetes.context.history.introduce(state_.uid, {});
    state_.copies = static_cast<std::int32_t>(described_.replica_factor.value);
    state_.new_capacity = described_.capacity.value.value;
    state_.new_cache = described_.cache.value.value;
    state_.license = {
        described_.edition.value == "community" ? iomesh::Edition::community : iomesh::Edition::enterprise,
        static_cast<std::int32_t>(described_.max_chunk_num.value)};
    state_.first_address = parse_address(described_.data_address, diagnostics_);
    state_.parameters = parameters_of(described_.parameters, diagnostics_);
    chunks();
    if (diagnostics_.has_errors()) {
      return {};
    }
    data();
    state_.release.chunk_replicas = static_cast<std::int32_t>(replicas_);
    state_.release.meta_replicas = static_cast<std::int32_t>(described_.meta_replicas.value);
    const std::string& name_space = described_.name_space.value;
    std::vector<DescribedObject> objects;
    objects.push_back(
        {manifest(iomesh::kMetaSet, name_space, described_.meta_replicas.value, kMetaContainers, false),
         described_.where, "cluster.iomesh"});
    objects.push_back({manifest(iomesh::kChunkSet, name_space, replicas_, kChunkContainers, true),
                       described_.where, "cluster.iomesh"});
    return objects;
  }

 private:
  /// The ordinal that a pod's name ends in; nullopt with an error for another name.
  std::optional<std::int32_t> ordinal_of(const std::string& name, const language::Location& at) {
    std::int32_t ordinal = 0;
    const std::string prefix = std::string(iomesh::kChunkSet) + "-";
    const char* const end = name.data() + name.size();
    if (name.starts_with(prefix)) {
      const auto [next, error] = std::from_chars(name.data() + prefix.size(), end, ordinal);
      if (error == std::errc() && next == end && ordinal >= 0 && ordinal < 255) {
        return ordinal;
      }
    }
    diagnostics_.error(at, "cluster.iomesh.chunks",
                       fmt::format("{} is no pod of {}", name, iomesh::kChunkSet),
                       "name them as in \"iomesh-chunk-[0-4]\"");
    return std::nullopt;
  }

  void chunks() {
    std::map<std::int32_t, const language::IOMeshChunkEntry*> by_ordinal;
    for (const language::IOMeshChunkEntry& entry : described_.chunks) {
      if (entry.names.hosts.size() > 1 && (entry.group.id.given() || entry.group.node.given())) {
        diagnostics_.error(entry.names.at, "cluster.iomesh.chunks", "several chunks with one id or one node",
                           "give each an entry of its own");
      }
      for (const std::string& name : entry.names.hosts) {
        if (const auto ordinal = ordinal_of(name, entry.names.at)) {
          by_ordinal[*ordinal] = &entry;
        }
      }
    }
    constexpr std::int64_t kInstalled = 3;
    replicas_ = described_.chunk_replicas.given() ? described_.chunk_replicas.value
                : by_ordinal.empty()              ? kInstalled
                                                  : by_ordinal.rbegin()->first + 1;
    if (!by_ordinal.empty() && by_ordinal.rbegin()->first >= replicas_) {
      diagnostics_.error(by_ordinal.rbegin()->second->names.at, "cluster.iomesh.chunks",
                         fmt::format("{}-{} is beyond chunkReplicas {}", iomesh::kChunkSet,
                                     by_ordinal.rbegin()->first, replicas_),
                         "ordinals count from 0");
      return;
    }
    const std::vector<std::string> workers = worker_names();
    for (std::int32_t ordinal = 0; ordinal < replicas_; ++ordinal) {
      const auto entry = by_ordinal.find(ordinal);
      static const language::IOMeshChunkEntry kNothing;
      chunk(ordinal, entry == by_ordinal.end() ? kNothing : *entry->second, workers);
    }
  }

  std::vector<std::string> worker_names() const {
    std::vector<std::string> names;
    const kubernetes::Cluster& cluster = turn_.cluster();
    for (kubernetes::Row row = 0; row < cluster.nodes.extent(); ++row) {
      if (cluster.nodes.exists(row) && cluster.taints_of(cluster.nodes[row]).empty()) {
        names.push_back(cluster.name_of(cluster.nodes[row].meta));
      }
    }
    return names;
  }

  void chunk(std::int32_t ordinal, const language::IOMeshChunkEntry& entry,
             const std::vector<std::string>& workers) {
    const language::IOMeshChunks& given = entry.group;
    iomesh::Chunk made;
    made.id = given.id.given() ? static_cast<std::int32_t>(given.id.value) : ordinal + 1;
    made.uid = turn_.cluster().next_uid++;
    turn_.kubernetes.context.history.introduce(made.uid, {});
    made.ordinal = ordinal;
    made.capacity = given.capacity.given() ? given.capacity.value.value : described_.capacity.value.value;
    made.cache = described_.cache.value.value;
    if (state_.find_id(made.id) != iomesh::kNone) {
      diagnostics_.error(entry.names.at, "cluster.iomesh.chunks",
                         fmt::format("two chunks have id {}", made.id),
                         "without id: a chunk has its ordinal plus 1");
    }
    if (made.capacity <= 0) {
      diagnostics_.error(entry.names.at, "cluster.iomesh.chunks", "a chunk has no capacity",
                         "such as 1000Gi");
    }
    state_.chunks.push_back(made);
    const std::int64_t used = given.used.given() ? given.used.value.value : described_.used.value.value;
    const std::int64_t provisioned = given.provisioned.given()        ? given.provisioned.value.value
                                     : described_.provisioned.given() ? described_.provisioned.value.value
                                                                      : used;
    held_.push_back({used, std::max(used, provisioned)});
    const std::string node = given.node.given() ? given.node.value
                             : static_cast<std::size_t>(ordinal) < workers.size()
                                 ? workers[static_cast<std::size_t>(ordinal)]
                                 : std::string();
    if (given.node.given() && turn_.cluster().find_node(node) == kubernetes::kNoRow) {
      diagnostics_.error(given.node.at, "cluster.iomesh.chunks.node",
                         fmt::format("there is no node {}", node), "");
    }
    if (!node.empty()) {
      bind_disks(ordinal, node);
    }
  }

  /// A claim that is bound to a volume of the node, so that the chunk's pod runs there and nowhere else.
  void bind_disks(std::int32_t ordinal, const std::string& node) {
    kubernetes::Cluster& cluster = turn_.cluster();
    const std::string name = kubernetes::claim_name(kClaim, iomesh::kChunkSet, ordinal);
    const std::string volume = fmt::format("disks-of-{}", node);
    kubernetes::PersistentVolumeClaim claim;
    claim.meta.name = cluster.strings.intern(name);
    claim.meta.name_space = state_.name_space;
    claim.set_name = cluster.strings.intern(iomesh::kChunkSet);
    claim.ordinal = ordinal;
    claim.phase = kubernetes::ClaimPhase::Bound;
    claim.storage = cluster.strings.intern("1Gi");
    claim.volume = cluster.strings.intern(volume);
    kubernetes::create_claim(turn_.kubernetes, claim, {kubernetes::Writer::Setup});
    kubernetes::NodeSelectorTerm term;
    term.match_expressions.push_back({"kubernetes.io/hostname", kubernetes::SelectorOperator::In, {node}});
    classes_.volumes.push_back({volume, {term}});
  }

  void data() {
    const auto copies = static_cast<std::size_t>(state_.copies);
    const bool any = std::any_of(held_.begin(), held_.end(),
                                 [](const iomesh::Amount& amount) { return amount != iomesh::Amount{}; });
    if (!any) {
      return;
    }
    for (std::size_t i = 0; i < held_.size(); ++i) {
      if (held_[i].claimed > state_.chunks[i].capacity) {
        diagnostics_.error(described_.where, "cluster.iomesh",
                           fmt::format("{}-{} holds more than its capacity", iomesh::kChunkSet, i), "");
        return;
      }
    }
    if (described_.extent_groups.given()) {
      if (held_.size() <= copies ||
          std::adjacent_find(held_.begin(), held_.end(), std::not_equal_to<>()) != held_.end()) {
        diagnostics_.error(described_.extent_groups.at, "cluster.iomesh.extentGroups",
                           "it needs more chunks than replicas, all with the same amount of data",
                           "leave it out: the data then falls into one group for each set of holders");
        return;
      }
      state_.groups =
          iomesh::spread_in_groups(held_.front(), held_.size(), copies, described_.extent_groups.value);
      return;
    }
    auto groups = iomesh::spread_evenly(held_, copies);
    if (!groups) {
      diagnostics_.error(
          described_.where, "cluster.iomesh",
          fmt::format("no placement of {} replicas on distinct chunks gives these amounts", copies),
          "let the largest amounts be held by at least as many chunks as there are replicas");
      return;
    }
    state_.groups = *std::move(groups);
  }

  const language::IOMesh& described_;
  iomesh::Turn& turn_;
  iomesh::State& state_;
  kubernetes::ClusterClasses& classes_;
  Diagnostics& diagnostics_;
  std::int64_t replicas_ = 0;
  std::vector<iomesh::Amount> held_;
};

}  // namespace

iomesh::Parameters parameters_of(const language::IOMeshParameters& from, Diagnostics& diagnostics) {
  iomesh::Parameters to;
  to.precheck = from.precheck.value == "stall" ? iomesh::Precheck::stall : iomesh::Precheck::refuse;
  to.move_provisioned = from.move_provisioned.value;
  to.ceiling_percent = static_cast<std::int32_t>(from.ceiling_percent.value);
  to.warn_percent = static_cast<std::int32_t>(from.warn_percent.value);
  to.rebalance_percent = static_cast<std::int32_t>(from.rebalance_percent.value);
  to.extent_bytes = from.extent_size.value.value;
  to.migrate_bytes_per_second = from.migrate_limit.value.value;
  to.recover_bytes_per_second = from.recover_limit.value.value;
  to.network_bytes_per_second = from.network_limit.value.value;
  to.application_percent = static_cast<std::int32_t>(from.application_load.value);
  to.command = from.command_time.value;
  to.scan = from.scan_time.value;
  to.session_expiry = from.session_expiry.value;
  to.recovery_delay = from.recovery_delay.value;
  to.connect = from.connect_time.value;
  to.device_claim = from.device_claim.value;
  to.election = from.leader_election.value;
  to.operator_sync = from.operator_sync.value;
  to.helm = from.helm_time.value;
  to.client_bytes_per_second = from.client_writes.value.value;
  for (const auto& [bytes, name] :
       {std::pair{&from.extent_size, "extentSize"}, std::pair{&from.migrate_limit, "migrateLimit"},
        std::pair{&from.recover_limit, "recoverLimit"}, std::pair{&from.network_limit, "networkLimit"}}) {
    if (bytes->value.value < 1) {
      diagnostics.error(bytes->at, fmt::format("cluster.iomesh.parameters.{}", name), "it must be positive",
                        "such as 100Mi");
    }
  }
  return to;
}

std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
  std::uint32_t address = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  for (int part = 0; part < 4; ++part) {
    unsigned number = 256;
    const auto [next, error] = std::from_chars(at, end, number);
    const bool dot = part == 3 ? next == end : next != end && *next == '.';
    if (error != std::errc() || number > 255 || !dot) {
      return std::nullopt;
    }
    address = address << 8U | number;
    at = part == 3 ? next : next + 1;
  }
  return address;
}

std::vector<DescribedObject> make_iomesh(const language::IOMesh& described, iomesh::Turn& turn,
                                         kubernetes::ClusterClasses& classes, Diagnostics& diagnostics) {
  std::vector<DescribedObject> objects = IOMeshMaker(described, turn, classes, diagnostics).make();
  iomesh::growth::begin(turn);
  return objects;
}

void take_values_files(iomesh::State& state, std::vector<commands::ManifestFile>& files) {
  constexpr const char* kExported = "iomesh.yaml";
  const bool given = std::any_of(files.begin(), files.end(),
                                 [&](const commands::ManifestFile& file) { return file.name == kExported; });
  if (!given) {
    files.push_back({kExported, {nlohmann::ordered_json(iomesh::release::values_of(state.release))}});
  }
  for (const commands::ManifestFile& file : files) {
    if (file.documents.size() == 1 && file.documents.front().is_object()) {
      state.files.push_back({file.name, file.documents.front().dump()});
    }
  }
}

void tell_parameters(const language::IOMesh& described, const iomesh::State& state,
                     std::vector<sim::Basis>& basis) {
  const language::IOMeshParameters& p = described.parameters;
  const std::map<std::string_view, language::Location> stated = {{"precheck", p.precheck.at},
                                                                 {"moveProvisioned", p.move_provisioned.at},
                                                                 {"ceilingPercent", p.ceiling_percent.at},
                                                                 {"warnPercent", p.warn_percent.at},
                                                                 {"rebalancePercent", p.rebalance_percent.at},
                                                                 {"extentSize", p.extent_size.at},
                                                                 {"migrateLimit", p.migrate_limit.at},
                                                                 {"recoverLimit", p.recover_limit.at},
                                                                 {"networkLimit", p.network_limit.at},
                                                                 {"applicationLoad", p.application_load.at},
                                                                 {"commandTime", p.command_time.at},
                                                                 {"scanTime", p.scan_time.at},
                                                                 {"sessionExpiry", p.session_expiry.at},
                                                                 {"recoveryDelay", p.recovery_delay.at},
                                                                 {"connectTime", p.connect_time.at},
                                                                 {"clientWrites", p.client_writes.at},
                                                                 {"deviceClaim", p.device_claim.at},
                                                                 {"leaderElection", p.leader_election.at},
                                                                 {"operatorSync", p.operator_sync.at},
                                                                 {"helmTime", p.helm_time.at}};
  for (const iomesh::KnownParameter& known : iomesh::known_parameters()) {
    const auto at = stated.find(known.name);
    const bool is_stated = at != stated.end() && at->second.known();
    basis.push_back(
        {fmt::format("iomesh.{} {}", known.name, known.value(state.parameters)),
         is_stated ? std::string("stated") : std::string(known.kind),
         is_stated ? fmt::format("in the scenario, line {}", at->second.line) : std::string(known.origin)});
  }
}

}  // namespace scenarios
