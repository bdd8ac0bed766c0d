#pragma once
// Which release of Kubernetes the files of a cluster come from, where the scenario names none.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "scenarios/language/diagnostic.h"
#include "scenarios/language/version.h"
#include "sim/result.h"

namespace scenarios {

/// The release in a version that a cluster tells: "1.32.2" of "v1.32.2", and of what a vendor makes of it
/// ("v1.32.2+k3s1", "v1.32.2-gke.100").
std::string release_of(std::string version);

/// A release, and why it is taken.
struct ToldVersion {
  language::Version release;
  language::Location at;
  std::string field;
  sim::Basis basis;
};

/// Collects what the files of a cluster tell of its release.
class ClusterVersion {
 public:
  /// Takes note of a file with what `kubectl version -o json` prints. @return false for any other file.
  bool take_file(const std::string& file, language::Diagnostics& diagnostics);
  /// Takes note of the kubelet of a Node; other objects, and versions that are none, are passed over.
  void take_object(const nlohmann::ordered_json& object, const language::Location& at);

  /// The API server's, where a file tells it, else that of the newest kubelet: a control plane is at least as
  /// new as its kubelets. Source: kubernetes website, releases/version-skew-policy, kubelet.
  [[nodiscard]] std::optional<ToldVersion> told() const;

  /// Warns of a release that is older than a kubelet.
  void warn_of_newer_kubelets(const language::Version& release, language::Diagnostics& diagnostics) const;

 private:
  struct Place {
    language::Version release;
    language::Location at;
    std::string name;     ///< of the node, or of the file
    std::string as_told;  ///< "v1.32.2+k3s1"
  };

  std::optional<Place> server_;
  std::optional<Place> oldest_;
  std::optional<Place> newest_;
  std::size_t kubelets_ = 0;
};

}  // namespace scenarios
