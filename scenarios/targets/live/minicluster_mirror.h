#pragma once
// The MiniClusters of a real cluster, beside the mirror of what Kubernetes itself knows: what the watch shows
// of them becomes the same transitions as in a simulation. Brokers cannot be watched; what `flux` prints of
// them inside a pod is in the output of the plan's commands.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/flux/state.h"
#include "models/kubernetes/json/managed_fields.h"
#include "models/kubernetes/json/notes.h"

namespace scenarios::targets {

class MiniClusterMirror {
 public:
  /// `epoch`: the date at which the time line of the cluster begins.
  explicit MiniClusterMirror(models::kubernetes::json::UnixSeconds epoch) : epoch_(epoch) {}

  /// Takes a watch event. A version that is known or older changes nothing; what cannot be read is a note.
  void observe(models::flux::FluxTurn& turn, models::kubernetes::WatchType type,
               const models::kubernetes::json::Json& object);
  /// Takes a list: those that are known and not among them were removed. `list_version`: what is known to be
  /// newer stays.
  void observe_list(models::flux::FluxTurn& turn, const std::vector<models::kubernetes::json::Json>& objects,
                    std::string_view list_version);
  /// Finds the Jobs of MiniClusters that have none yet.
  void link_jobs(models::flux::FluxTurn& turn) const;

  [[nodiscard]] const models::kubernetes::json::Notes& notes() const { return notes_; }

 private:
  using Json = models::kubernetes::json::Json;
  struct Known {
    models::kubernetes::Row row = models::kubernetes::kNoRow;
    std::uint64_t version = 0;
    models::kubernetes::json::ManagedFields managed;
  };

  void create(models::flux::FluxTurn& turn, const std::string& uid, std::uint64_t version,
              const Json& object);
  void change(models::flux::FluxTurn& turn, Known& known, const Json& object);

  models::kubernetes::json::UnixSeconds epoch_;
  std::map<std::string, Known, std::less<>> known_;  // by uid in the source
  models::kubernetes::json::Notes notes_;
};

}  // namespace scenarios::targets
