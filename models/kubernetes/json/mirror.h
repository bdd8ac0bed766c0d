#pragma once
// A real cluster as a value: what a watch shows of its objects is written into a `Cluster` in which nobody
// acts, so that the same transitions come out as of a simulated one and the same checks can judge them.
//
//     Mirror mirror(epoch);                       // the recording's start
//     turn.agenda.now = …;                        // the moment of the observation
//     mirror.observe_list(turn, Kind::Pod, …);    // the first list, and each list after a broken watch
//     mirror.observe(turn, WatchType::Modified, object);
//
// Each kind has its own watch, so the order among kinds is open: a pod may come before its owner and node.
// What came before `epoch` is told as created by `Writer::Setup`. An object that is met later and was created
// since (its first versions may have been missed) is told as created and then as changed to what it is now.
//
// The cluster belongs to the mirror: it starts empty, and nobody else writes it.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/kubernetes/api.h"
#include "models/kubernetes/json/managed_fields.h"
#include "models/kubernetes/json/notes.h"

namespace models::kubernetes::json {

class Mirror {
 public:
  /// `epoch`: the date at which the time line of the cluster begins.
  explicit Mirror(UnixSeconds epoch) : epoch_(epoch) {}

  /// Takes a watch event: writes the difference to what is known of the object. Nodes, Pods, StatefulSets,
  /// Jobs, Deployments, ReplicaSets, DaemonSets, PersistentVolumeClaims, PodDisruptionBudgets, and the
  /// ControllerRevisions of StatefulSets and DaemonSets; other kinds are counted. A version that is known or
  /// older changes nothing. What cannot be read becomes a note.
  void observe(Turn& turn, WatchType type, const Json& object);
  /// Takes all objects of a kind, as a list shows them: known ones that are not among them were removed.
  /// `list_version`: the list's resourceVersion; what is known to be newer stays. Empty: the list is newest.
  void observe_list(Turn& turn, Kind kind, const std::vector<Json>& objects,
                    std::string_view list_version = "");

  [[nodiscard]] const Notes& notes() const { return notes_; }
  /// How many events were about kinds that are not mirrored, by kind.
  [[nodiscard]] const std::map<std::string, std::size_t>& other_kinds() const { return other_kinds_; }

  /// Where an object of the real cluster is.
  struct Place {
    Kind kind = Kind::None;
    Row row = kNoRow;
    Uid uid = 0;  ///< in the mirror
  };
  /// The object with this uid in the real cluster; `Kind::None` if it is not there.
  [[nodiscard]] Place find(std::string_view source_uid) const;
  [[nodiscard]] std::size_t size() const { return known_.size(); }
  /// Whether the object with this uid is there.
  [[nodiscard]] bool knows(std::string_view source_uid) const { return known_.contains(source_uid); }
  /// Whether it is there in this version or a newer one, so that observing it again changes nothing.
  [[nodiscard]] bool has_seen(std::string_view source_uid, std::uint64_t version) const {
    const auto found = known_.find(source_uid);
    return found != known_.end() && version <= found->second.version;
  }

 private:
  /// An object that is there.
  struct Known {
    Place at;
    std::uint64_t version = 0;
    std::string name;              // its key in `uids_`
    Kind owner_kind = Kind::None;  // of the controller
    std::string owner_uid;         // of the controller, in the source
    std::string awaited_node;      // of a pod: bound to this node, which has not been seen
    bool link_untold = false;      // … and that it was bound, or owned, has not been told
    ManagedFields managed;
    std::uint64_t manifest_hash = 0;  // of what of a workload's metadata is kept
    // Uids in the source that it names: uncounted pods of a Job, owners of a claim. They may be gone.
    std::vector<std::pair<std::string, Uid>> named;
    Writer evicts = Writer::None;   // of a pod: whose disruption it is the target of
    Writer removes = Writer::None;  // of a pod: who set its grace period to 0

    /// The mirror's uid for one that it named before; 0 if it did not.
    [[nodiscard]] Uid named_before(std::string_view source_uid) const {
      for (const auto& [source, uid] : named) {
        if (source == source_uid) {
          return uid;
        }
      }
      return 0;
    }
  };
  using Objects = std::map<std::string, Known, std::less<>>;  // by uid in the source
  using Waiting = std::map<std::string, std::vector<std::string>, std::less<>>;

  /// One observation of an object that can be read.
  struct Seen {
    const Json& object;
    const Json& metadata;
    Kind kind = Kind::None;
    std::string uid;
    std::string name;  // kind, namespace and name
    std::uint64_t version = 0;
    ManagedFields managed;
  };
  /// A pod as an object shows it; the links to owner and node are made elsewhere.
  struct PodState {
    Pod pod;
    std::vector<ContainerStatus> containers;
    std::string node;
    Writer disrupts = Writer::None;
  };

  // mirror.cpp
  void take(Turn& turn, WatchType type, const Json& object);
  void create(Turn& turn, Seen& seen);
  void change(Turn& turn, Known& known, const Seen& seen);
  void remove(Turn& turn, Objects::iterator known);
  void remove_from_api(Turn& turn, const Known& known);
  void now_there(Turn& turn, const std::string& uid);
  [[nodiscard]] By by(const Known& known, const Seen& seen, Aspect aspect) const;
  [[nodiscard]] By creator(const Seen& seen, Kind owner_kind) const;
  [[nodiscard]] bool was_there_before(const Meta& meta) const { return meta.created < sim::Time{}; }
  void name_controller(const Seen& seen, Known& known) const;
  void await_owner(const std::string& owner_uid, const std::string& uid);
  void note(const Seen& seen, const Problems& problems);

  // mirror_pods.cpp
  bool create_pod_of(Turn& turn, const Seen& seen, Known& known);
  void change_pod(Turn& turn, Known& known, const Seen& seen);
  void write_pod(Turn& turn, Known& known, const Seen& seen, const PodState& state);
  void write_pod_status(Turn& turn, const Known& known, const Seen& seen, const PodState& state);
  void write_pod_metadata(Turn& turn, const Known& known, const Seen& seen, const PodState& state);
  void write_pod_owner(Turn& turn, Known& known, const Seen& seen);
  void write_pod_deletion(Turn& turn, Known& known, const PodState& state);
  void bind_to_node(Turn& turn, const std::string& uid, Known& known, const PodState& state);
  PodState read_pod_state(Turn& turn, const Seen& seen, Pod pod);
  [[nodiscard]] OwnerRef owner_of(const Known& known) const;
  [[nodiscard]] Row find_node(std::string_view name) const;
  void remove_pod(Turn& turn, const Known& known);
  void link_pod_to_owner(Turn& turn, const Known& known);
  void node_is_there(Turn& turn, const std::string& name, Row node);

  // mirror_workloads.cpp
  bool create_statefulset_of(Turn& turn, const Seen& seen, Known& known);
  bool create_job_of(Turn& turn, const Seen& seen, Known& known);
  void change_statefulset(Turn& turn, Known& known, const Seen& seen);
  void change_job(Turn& turn, Known& known, const Seen& seen);
  void read_uncounted(Turn& turn, const Json& object, Known& known, JobStatus& status) const;

  // mirror_apps.cpp: ReplicaSets, Deployments and DaemonSets
  bool create_app_of(Turn& turn, const Seen& seen, Known& known);
  void change_app_of(Turn& turn, Known& known, const Seen& seen);
  void remove_app(Turn& turn, const Known& known);
  template <class T>
  bool create_app(Turn& turn, const Seen& seen, Known& known);
  template <class T>
  void change_app(Turn& turn, Known& known, const Seen& seen);
  template <class T>
  bool read_app(Turn& turn, const Seen& seen, const Known& known, T& out);
  [[nodiscard]] OwnerRef owner_of_app(const Known& known) const;

  // mirror_small_objects.cpp
  bool create_node_of(Turn& turn, const Seen& seen, Known& known);
  bool create_claim_of(Turn& turn, const Seen& seen, Known& known);
  bool create_revision_of(Turn& turn, const Seen& seen, Known& known);
  bool create_budget_of(Turn& turn, const Seen& seen, Known& known);
  void change_node(Turn& turn, Known& known, const Seen& seen);
  void change_claim(Turn& turn, Known& known, const Seen& seen);
  void change_revision(Turn& turn, Known& known, const Seen& seen);
  void change_budget(Turn& turn, Known& known, const Seen& seen);
  bool read_claim_state(Turn& turn, const Seen& seen, Known& known, PersistentVolumeClaim& claim);
  void link_claims_of_set(Turn& turn, Row set);

  UnixSeconds epoch_;
  Objects known_;
  std::map<std::string, std::string, std::less<>> uids_;  // by kind, namespace and name
  Waiting owned_;  // uids of objects whose owner has not been seen, by its uid
  Waiting bound_;  // uids of pods whose node has not been seen, by its name
  // What was removed last, by uid in the source: watches that begin anew may repeat what came before, and
  // dependents that are seen only now still name their owner.
  std::deque<std::string> removed_order_;
  std::map<std::string, Place, std::less<>> removed_;
  Notes notes_;
  std::map<std::string, std::size_t> other_kinds_;
};

}  // namespace models::kubernetes::json
