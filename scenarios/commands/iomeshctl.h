#pragma once
// iomeshctl, the program in the pods of the meta servers, and what helm, ssh and edits share with it.

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "models/iomesh/state.h"
#include "scenarios/commands/emulated.h"

namespace scenarios::commands {

namespace iomesh = models::iomesh;

/// A command of iomeshctl, performed in a container of the meta leader's pod.
class IomeshctlAction : public Action {
 public:
  /// At a prompt there is no iomeshctl: it is reached through kubectl exec.
  void advance(CommandState& state, Systems& systems, By by) const final;
  /// Goes on with the command. `state.waiting_for` belongs to the caller, `state.stage` to the command.
  virtual void perform(CommandState& state, iomesh::Turn& turn, By by) const = 0;
};

/// Whether a word is iomeshctl, with or without its folder.
bool is_iomeshctl(std::string_view word);
/// The command that `words` ("/opt/iomesh/iomeshctl", "chunk", "unregister", "2") name; nullptr with a
/// problem.
std::shared_ptr<const IomeshctlAction> read_iomeshctl(Reading& reading, std::span<const Argument> words);

/// The storage of the cluster, or nothing where there is none.
std::optional<iomesh::Turn> iomesh_turn(Systems& systems);

/// Whether `kind` names the resource of IOMesh, as kubectl takes it.
bool names_iomesh(std::string_view kind);

/// A value as YAML and helm's --set read it: a whole number, true or false, null, else text.
nlohmann::json scalar_of(std::string_view text);

/// Whether a file describes one object of the cluster, rather than values of helm.
bool is_manifest(const ManifestFile& file);
/// Writes a value, as `scalar_of` reads it, at a dotted path. @return false: the path leads into something
/// that is no mapping.
bool set_field(nlohmann::ordered_json& manifest, std::string_view path, std::string_view value);

}  // namespace scenarios::commands
