#pragma once
// A cluster as files: what `kubectl get nodes,pods,statefulsets,jobs,pvc -A -o json` prints becomes the start
// of a scenario, status included.

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "models/kubernetes/api.h"
#include "models/kubernetes/json/fields.h"
#include "models/kubernetes/json/notes.h"

namespace models::kubernetes::json {

using SnapshotNote = ObjectNote;

/// A controller reference to a kind of another folder, for that folder to link.
struct ForeignOwner {
  Kind kind = Kind::None;  ///< of the owned object
  Row row = kNoRow;
  std::string owner_kind;  ///< MiniCluster
  std::string owner_name;
  std::string owner_uid;  ///< in the source
};

struct SnapshotResult {
  std::vector<SnapshotNote> errors;
  std::vector<SnapshotNote> warnings;
  std::map<std::string, std::size_t> other_kinds;  ///< objects of kinds that nothing here models, by kind
  std::vector<ForeignOwner> foreign_owners;
  std::vector<Json> custom_resources;  ///< MiniClusters, for models/flux
  std::size_t objects = 0;             ///< created
};

/// Takes all objects, then creates and links them: owners and nodes before pods, pods before claims.
///
/// Times count from `epoch`, the date at which the scenario begins: what the snapshot shows happened before.
/// Uids of the source only link objects; the objects get new ones.
///
/// Pods of a workload get the workload's template where they run its current revision, so that 5,000 pods
/// share one. ControllerRevisions that are not in the snapshot are made from the set's status and its pods'
/// labels.
class SnapshotLinker {
 public:
  explicit SnapshotLinker(UnixSeconds epoch) : epoch_(epoch) {}

  /// Takes an object; a List is taken apart. Parts that nothing reads (managed fields, images) are dropped at
  /// once.
  void add(Json object);

  /// Sets the date at which the scenario begins, where it is known only once all objects were seen.
  void begin_at(UnixSeconds epoch) { epoch_ = epoch; }
  /// Notes a pod that `finish` is handed when all that it refers to was created.
  void await_pod(const std::string& name_space, const std::string& name);
  /// Hands the pods that were awaited to its argument, one at a time, in the order in which they were noted.
  using AwaitedPods = std::function<void(const std::function<void(Json&&)>&)>;
  /// Creates everything that was taken, as `Writer::Setup`.
  SnapshotResult finish(Turn& turn, const AwaitedPods& awaited = {});

 private:
  std::vector<Json> nodes_, statefulsets_, deployments_, replicasets_, daemonsets_, jobs_, revisions_, pods_,
      claims_, budgets_;
  /// Whether the name is free; where it is not, the object is left out with a warning.
  bool take_name(const std::string& kind, const std::string& name);

  void note_gone(const std::string& kind, const std::string& name);

  std::set<std::string> taken_;  // kind/namespace/name
  std::set<std::string> twice_;  // namespace/name of pods that were noted more than once
  SnapshotResult result_;
  UnixSeconds epoch_;
};

/// Whether times below a member of this name do not count for `latest_time`.
bool is_timeless(std::string_view name);
/// The latest time that an object (or a List) mentions: when the snapshot was taken, at the earliest. 0:
/// none.
UnixSeconds latest_time(const Json& object);

}  // namespace models::kubernetes::json
