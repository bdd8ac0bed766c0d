// StatefulSets and Jobs in the mirror. Their specs are read only when they changed: most observations are of
// the status.

#include <utility>

#include "models/kubernetes/json/job_json.h"
#include "models/kubernetes/json/metadata_json.h"
#include "models/kubernetes/json/mirror.h"
#include "models/kubernetes/json/mirror_parts.h"
#include "models/kubernetes/json/object_links.h"
#include "models/kubernetes/json/statefulset_json.h"

namespace models::kubernetes::json {

using mirror_parts::hash_of_metadata;
using mirror_parts::take_spec;

// ---------------------------------------------------------------------------------------------------------
// StatefulSets

bool Mirror::create_statefulset_of(Turn& turn, const Seen& seen, Known& known) {
  Cluster& cluster = turn.cluster;
  Problems problems;
  StatefulSet set;
  const bool readable = read_statefulset(cluster, seen.object, set, problems);
  note(seen, problems);
  if (!readable) {
    return false;
  }
  read_times(seen.metadata, epoch_, set.meta);
  set.propagation = deletion_finalizer(seen.object);
  known.manifest_hash = hash_of_metadata(seen.metadata);
  const bool there_before = was_there_before(set.meta);
  StatefulSet first = set;
  if (there_before) {
    read_statefulset_status(cluster, seen.object, first);
  } else {
    first.meta.deletion_timestamp = sim::kNever;
    first.propagation = DeletionFinalizer::None;
  }
  const WriteResult written = create_statefulset(
      turn, std::move(first), there_before ? By{Writer::Setup} : creator(seen, known.owner_kind));
  StatefulSet& stored = cluster.statefulsets[written.row];
  stored.meta.created = set.meta.created;
  known.at = {Kind::StatefulSet, written.row, stored.meta.uid};
  if (!there_before) {
    update<StatefulSet>(turn, written.row, By{}, Verb::Update,
                        [&](StatefulSet& into) { take_spec(set, into); });
    change_statefulset(turn, known, seen);
  }
  return true;
}

void Mirror::change_statefulset(Turn& turn, Known& known, const Seen& seen) {
  Cluster& cluster = turn.cluster;
  const Row row = known.at.row;
  Meta meta;
  read_times(seen.metadata, epoch_, meta);
  const std::uint64_t hash = hash_of_metadata(seen.metadata);
  if (meta.generation != cluster.statefulsets[row].meta.generation || hash != known.manifest_hash) {
    Problems problems;
    StatefulSet set;
    const bool readable = read_statefulset(cluster, seen.object, set, problems);
    note(seen, problems);
    if (!readable) {
      return;
    }
    known.manifest_hash = hash;
    read_times(seen.metadata, epoch_, set.meta);
    set.propagation = deletion_finalizer(seen.object);
    update<StatefulSet>(turn, row, by(known, seen, Aspect::Spec), Verb::Update,
                        [&](StatefulSet& into) { take_spec(set, into); });
  }
  StatefulSet status;
  read_statefulset_status(cluster, seen.object, status);
  update<StatefulSet>(turn, row, by(known, seen, Aspect::Status), Verb::UpdateStatus,
                      [&](StatefulSet& into) { into.status = status.status; });
}

// ---------------------------------------------------------------------------------------------------------
// Jobs

bool Mirror::create_job_of(Turn& turn, const Seen& seen, Known& known) {
  Cluster& cluster = turn.cluster;
  Problems problems;
  Job job;
  const bool readable = read_job(cluster, seen.object, job, problems);
  note(seen, problems);
  if (!readable) {
    return false;
  }
  read_times(seen.metadata, epoch_, job.meta);
  job.propagation = deletion_finalizer(seen.object);
  known.manifest_hash = hash_of_metadata(seen.metadata);
  const bool there_before = was_there_before(job.meta);
  Job first = job;
  if (there_before) {
    read_job_status(cluster, seen.object, epoch_, first);
    read_uncounted(turn, seen.object, known, first.status);
  } else {
    first.meta.deletion_timestamp = sim::kNever;
    first.propagation = DeletionFinalizer::None;
  }
  const WriteResult written =
      create_job(turn, std::move(first), there_before ? By{Writer::Setup} : creator(seen, known.owner_kind));
  Job& stored = cluster.jobs[written.row];
  stored.meta.created = job.meta.created;
  known.at = {Kind::Job, written.row, stored.meta.uid};
  if (!there_before) {
    update<Job>(turn, written.row, By{}, Verb::Update, [&](Job& into) { take_spec(job, into); });
    change_job(turn, known, seen);
  }
  return true;
}

void Mirror::change_job(Turn& turn, Known& known, const Seen& seen) {
  Cluster& cluster = turn.cluster;
  const Row row = known.at.row;
  Meta meta;
  read_times(seen.metadata, epoch_, meta);
  const std::uint64_t hash = hash_of_metadata(seen.metadata);
  if (meta.generation != cluster.jobs[row].meta.generation || hash != known.manifest_hash) {
    Problems problems;
    Job job;
    const bool readable = read_job(cluster, seen.object, job, problems);
    note(seen, problems);
    if (!readable) {
      return;
    }
    known.manifest_hash = hash;
    read_times(seen.metadata, epoch_, job.meta);
    job.propagation = deletion_finalizer(seen.object);
    update<Job>(turn, row, by(known, seen, Aspect::Spec), Verb::Update,
                [&](Job& into) { take_spec(job, into); });
  }
  Job status;
  status.spec.completions = cluster.jobs[row].spec.completions;  // index lists are read against it
  read_job_status(cluster, seen.object, epoch_, status);
  read_uncounted(turn, seen.object, known, status.status);
  update<Job>(turn, row, by(known, seen, Aspect::Status), Verb::UpdateStatus,
              [&](Job& into) { into.status = std::move(status.status); });
}

void Mirror::read_uncounted(Turn& turn, const Json& object, Known& known, JobStatus& status) const {
  std::vector<std::pair<std::string, Uid>> listed;
  const Json* lists = at_path(object, "status.uncountedTerminatedPods");
  for (const auto& [name, uids] :
       {std::pair{"failed", &status.uncounted_failed}, std::pair{"succeeded", &status.uncounted_succeeded}}) {
    const Json* list = lists == nullptr ? nullptr : member(*lists, name);
    for (std::size_t i = 0; list != nullptr && list->is_array() && i < list->size(); ++i) {
      const std::string source = (*list)[i].get<std::string>();
      const Uid before = known.named_before(source);
      const Place pod = find(source);
      // A pod that has not been seen, or is gone, gets a uid that nothing else has.
      const Uid uid = before != 0 ? before : pod.kind == Kind::Pod ? pod.uid : turn.cluster.next_uid++;
      listed.emplace_back(source, uid);
      uids->push_back(uid);
    }
  }
  known.named = std::move(listed);
}

}  // namespace models::kubernetes::json
