#pragma once
// How far a `kubectl drain` has come: plain values, so that a world that is copied in the middle of one goes
// on in both copies.

#include <cstdint>
#include <string>
#include <vector>

#include "models/kubernetes/objects.h"
#include "sim/time.h"

namespace scenarios::commands {

/// A pod that the drain is about to evict, or waits for.
struct DrainedPod {
  enum class Stage : std::uint8_t {
    evict,    ///< to be evicted
    request,  ///< its request was told to come again, which the client does by itself
    wait,     ///< evicted or deleted; to be gone
    done,
  };
  std::string name_space;
  std::string name;
  models::kubernetes::Uid uid = 0;  ///< of the pod that is meant
  Stage stage = Stage::evict;
  bool refused = false;             ///< for its budget, before
  std::uint8_t requests_again = 0;  ///< how often the client has sent the request under way again
  sim::Time next{};                 ///< when it is looked at again
};

/// A node whose drain has failed.
struct DrainFailure {
  std::string node;
  std::vector<std::string> errors;
  bool aggregate = true;  ///< several errors, or one of a list, which is printed without a prefix
};

struct DrainState {
  std::vector<models::kubernetes::Uid> nodes;  ///< in the order of the command
  std::vector<models::kubernetes::Row> rows;   ///< beside them
  std::uint32_t node = 0;                      ///< the one under way
  bool under_way = false;                      ///< its pods were listed
  sim::Time expires = sim::kNever;             ///< --timeout of the node under way
  std::vector<DrainedPod> pods;                ///< of the node under way
  std::vector<std::string> errors;             ///< of the node under way
  std::vector<DrainFailure> failures;
};

}  // namespace scenarios::commands
