// Nodes, claims, revisions and budgets in the mirror.

#include <utility>

#include "models/kubernetes/json/budget_json.h"
#include "models/kubernetes/json/claim_json.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/json/mirror.h"
#include "models/kubernetes/json/node_json.h"
#include "models/kubernetes/json/object_links.h"
#include "models/kubernetes/json/pod_json.h"
#include "models/kubernetes/json/statefulset_json.h"

namespace models::kubernetes::json {

// ---------------------------------------------------------------------------------------------------------
// Nodes

bool Mirror::create_node_of(Turn& turn, const Seen& seen, Known& known) {
  Problems problems;
  Node node;
  const bool readable = read_node(turn.cluster, seen.object, node, problems, epoch_);
  note(seen, problems);
  if (!readable) {
    return false;
  }
  node.kubelet_alive = true;  // no watch shows it; that the condition is Unknown is another thing
  const sim::Time created = node.meta.created;
  const WriteResult written =
      create_node(turn, node, was_there_before(node.meta) ? By{Writer::Setup} : creator(seen, Kind::None));
  turn.cluster.nodes[written.row].meta.created = created;
  known.at = {Kind::Node, written.row, turn.cluster.nodes[written.row].meta.uid};
  return true;
}

void Mirror::change_node(Turn& turn, Known& known, const Seen& seen) {
  Problems problems;
  Node node;
  node.ready = false;  // a node that loses its conditions is not Ready
  const bool readable = read_node(turn.cluster, seen.object, node, problems, epoch_);
  note(seen, problems);
  if (!readable) {
    return;
  }
  const Row row = known.at.row;
  update<Node>(turn, row, by(known, seen, Aspect::Status), Verb::UpdateStatus, [&](Node& into) {
    into.ready = node.ready;
    into.ready_unknown = node.ready_unknown;
    into.ready_changed = node.ready_changed;
    into.shape = node.shape;
  });
  update<Node>(turn, row, by(known, seen, Aspect::Spec), Verb::Update, [&](Node& into) {
    into.unschedulable = node.unschedulable;
    into.taint_set = node.taint_set;
    into.meta.deletion_timestamp = node.meta.deletion_timestamp;
  });
  turn.cluster.nodes[row].manifest = node.manifest;
}

// ---------------------------------------------------------------------------------------------------------
// Claims

bool Mirror::read_claim_state(Turn& turn, const Seen& seen, Known& known, PersistentVolumeClaim& claim) {
  Problems problems;
  const bool readable = read_claim(turn.cluster, seen.object, claim, problems);
  note(seen, problems);
  if (!readable) {
    return false;
  }
  Json whole = seen.object;
  make_path(whole, "spec");
  make_path(whole, "status");
  if (text_or(whole["status"], "phase").empty()) {
    whole["status"]["phase"] = "Pending";  // what the API server fills in; tells stored claims from manifests
  }
  claim_from(turn.cluster, whole, epoch_, claim);
  link_claim_to_set(turn.cluster, text_or(seen.metadata, "name"), claim);
  std::vector<std::pair<std::string, Uid>> named;
  const Json* references = member(seen.metadata, "ownerReferences");
  for (std::size_t i = 0; references != nullptr && references->is_array() && i < references->size(); ++i) {
    const Json& reference = (*references)[i];
    const std::string kind = text_or(reference, "kind");
    if (kind != "StatefulSet" && kind != "Pod") {
      claim.foreign_controller = claim.foreign_controller || bool_or(reference, "controller", false);
      continue;
    }
    // The reference stays when the owner is gone.
    const std::string source = text_or(reference, "uid");
    const Uid before = known.named_before(source);
    const Uid uid = before != 0 ? before : find(source).uid;
    (kind == "Pod" ? claim.owner_pod : claim.owner_set) = uid;
    if (uid == 0) {
      await_owner(source, seen.uid);
      known.link_untold = !was_there_before(claim.meta);
    } else {
      named.emplace_back(source, uid);
    }
  }
  known.named = std::move(named);
  return true;
}

bool Mirror::create_claim_of(Turn& turn, const Seen& seen, Known& known) {
  PersistentVolumeClaim claim;
  if (!read_claim_state(turn, seen, known, claim)) {
    return false;
  }
  const sim::Time created = claim.meta.created;
  const bool there_before = was_there_before(claim.meta);
  PersistentVolumeClaim first = claim;
  if (!there_before) {
    first.phase = ClaimPhase::Pending;
    first.volume = 0;
    first.protection = true;
    first.meta.deletion_timestamp = sim::kNever;
  }
  const By by = there_before ? By{Writer::Setup}
                             : creator(seen, claim.set_name != 0 ? Kind::StatefulSet : known.owner_kind);
  const WriteResult written = create_claim(turn, first, by);
  turn.cluster.claims[written.row].meta.created = created;
  known.at = {Kind::PersistentVolumeClaim, written.row, turn.cluster.claims[written.row].meta.uid};
  if (!there_before) {
    change_claim(turn, known, seen);
  }
  return true;
}

void Mirror::change_claim(Turn& turn, Known& known, const Seen& seen) {
  PersistentVolumeClaim claim;
  if (!read_claim_state(turn, seen, known, claim)) {
    return;
  }
  const Row row = known.at.row;
  const auto write = [&](Aspect aspect, auto&& change) {
    const By by{writer_called(changed_by(known.managed, seen.managed, aspect), Kind::PersistentVolumeClaim,
                              aspect, claim.set_name != 0 ? Kind::StatefulSet : known.owner_kind)};
    update<PersistentVolumeClaim>(turn, row, by, Verb::Update, change);
  };
  // Upstream binds in two writes, the volume first. Source: pkg/controller/volume/persistentvolume
  // bindClaimToVolume, updateClaimStatus.
  const bool phase = turn.cluster.claims[row].phase != claim.phase;
  write(phase ? Aspect::Status : Aspect::Spec, [&](PersistentVolumeClaim& into) {
    into.volume = claim.volume;
    into.phase = claim.phase;
  });
  write(Aspect::Owner, [&](PersistentVolumeClaim& into) {
    into.owner_set = claim.owner_set;
    into.owner_pod = claim.owner_pod;
    into.foreign_controller = claim.foreign_controller;
  });
  update<PersistentVolumeClaim>(turn, row, By{}, Verb::Delete, [&](PersistentVolumeClaim& into) {
    into.meta.deletion_timestamp = claim.meta.deletion_timestamp;
  });
  write(Aspect::Finalizer, [&](PersistentVolumeClaim& into) { into.protection = claim.protection; });
  turn.cluster.claims[row].manifest = claim.manifest;
}

void Mirror::link_claims_of_set(Turn& turn, Row set) {
  Cluster& cluster = turn.cluster;
  const Text name_space = cluster.statefulsets[set].meta.name_space;
  for (Row row = 0; row < cluster.claims.extent(); ++row) {
    if (cluster.claims.exists(row) && cluster.claims[row].set_name == 0 &&
        cluster.claims[row].meta.name_space == name_space) {
      link_claim_to_set(cluster, cluster.name_of(cluster.claims[row].meta), cluster.claims[row]);
    }
  }
}

// ---------------------------------------------------------------------------------------------------------
// Revisions

bool Mirror::create_revision_of(Turn& turn, const Seen& seen, Known& known) {
  const Json* pod_template = at_path(seen.object, "data.spec.template");
  if (pod_template == nullptr ||
      (known.owner_kind != Kind::StatefulSet && known.owner_kind != Kind::DaemonSet)) {
    ++other_kinds_["ControllerRevision"];  // of a controller that is not modelled
    return false;
  }
  Problems problems;
  Json content = *pod_template;
  content.erase("$patch");
  ControllerRevision revision;
  read_metadata(turn.cluster, seen.object, true, epoch_, revision.meta);
  revision.revision = int_or(seen.object, "revision", 1);
  revision.owner = owner_of(known);
  const bool readable = read_pod_template(turn.cluster, content, revision.pod_template, problems);
  note(seen, problems);
  if (!readable) {
    return false;
  }
  if (revision.owner.kind == Kind::Other) {
    await_owner(known.owner_uid, seen.uid);
  }
  const sim::Time created = revision.meta.created;
  const WriteResult written = create_revision(
      turn, revision, was_there_before(revision.meta) ? By{Writer::Setup} : creator(seen, known.owner_kind));
  turn.cluster.revisions[written.row].meta.created = created;
  known.at = {Kind::ControllerRevision, written.row, turn.cluster.revisions[written.row].meta.uid};
  return true;
}

void Mirror::change_revision(Turn& turn, Known& known, const Seen& seen) {
  const By by_spec = by(known, seen, Aspect::Spec);
  const OwnerRef before = turn.cluster.revisions[known.at.row].owner;
  const std::string owner_uid = known.owner_uid;
  name_controller(seen, known);
  const OwnerRef owner = known.owner_uid == owner_uid ? before : owner_of(known);
  update<ControllerRevision>(turn, known.at.row, by_spec, Verb::Update, [&](ControllerRevision& into) {
    into.revision = int_or(seen.object, "revision", into.revision);
    into.owner = owner;
  });
}

// ---------------------------------------------------------------------------------------------------------
// Budgets

bool Mirror::create_budget_of(Turn& turn, const Seen& seen, Known& known) {
  Problems problems;
  PodDisruptionBudget budget;
  const bool readable = read_budget(turn.cluster, seen.object, budget, problems);
  note(seen, problems);
  if (!readable) {
    return false;
  }
  read_metadata(turn.cluster, seen.object, true, epoch_, budget.meta);
  const bool there_before = was_there_before(budget.meta);
  if (there_before) {
    read_budget_status(turn.cluster, seen.object, epoch_, budget);
  }
  const sim::Time created = budget.meta.created;
  const WriteResult written =
      create_budget(turn, std::move(budget), there_before ? By{Writer::Setup} : creator(seen, Kind::None));
  turn.cluster.budgets[written.row].meta.created = created;
  known.at = {Kind::PodDisruptionBudget, written.row, turn.cluster.budgets[written.row].meta.uid};
  if (!there_before) {
    change_budget(turn, known, seen);
  }
  return true;
}

void Mirror::change_budget(Turn& turn, Known& known, const Seen& seen) {
  Problems problems;
  PodDisruptionBudget budget;
  const bool readable = read_budget(turn.cluster, seen.object, budget, problems);
  note(seen, problems);
  if (!readable) {
    return;
  }
  read_metadata(turn.cluster, seen.object, true, epoch_, budget.meta);
  read_budget_status(turn.cluster, seen.object, epoch_, budget);
  const Row row = known.at.row;
  update<PodDisruptionBudget>(turn, row, by(known, seen, Aspect::Spec), Verb::Update,
                              [&](PodDisruptionBudget& into) {
                                into.spec = budget.spec;
                                into.manifest = budget.manifest;
                                into.labels_json = budget.labels_json;
                                into.meta.generation = budget.meta.generation;
                                into.meta.deletion_timestamp = budget.meta.deletion_timestamp;
                              });
  update<PodDisruptionBudget>(turn, row, by(known, seen, Aspect::Status), Verb::UpdateStatus,
                              [&](PodDisruptionBudget& into) { into.status = budget.status; });
}

}  // namespace models::kubernetes::json
