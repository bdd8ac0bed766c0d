#include "models/kubernetes/job_pod_creation.h"

#include <fmt/format.h>

#include <iterator>
#include <limits>

#include "models/kubernetes/purposes.h"
#include "sim/hash.h"

namespace models::kubernetes::job_controller {
namespace {

JobAttempts& attempts_of(Cluster& cluster, const JobIdentity& job) {
  if (job.row >= cluster.job_attempts.size()) {
    cluster.job_attempts.resize(job.row + std::size_t{1});
  }
  JobAttempts& attempts = cluster.job_attempts[job.row];
  if (attempts.uid != job.uid) {
    attempts = {job.uid, {}, 0};
  }
  return attempts;
}

/// How many pods were created before for this index.
std::uint32_t attempts_before(const JobAttempts& attempts, std::int32_t index) {
  if (index < 0) {
    return attempts.without_index;
  }
  const auto position = static_cast<std::size_t>(index);
  return position < attempts.by_index.size() ? attempts.by_index[position] : 0;
}

void count_attempt(JobAttempts& attempts, std::int32_t index) {
  if (index < 0) {
    ++attempts.without_index;
    return;
  }
  const auto position = static_cast<std::size_t>(index);
  if (position >= attempts.by_index.size()) {
    attempts.by_index.resize(position + 1);
  }
  if (std::uint16_t& count = attempts.by_index[position]; count < std::numeric_limits<std::uint16_t>::max()) {
    ++count;
  }
}

/// Five characters after the pod's name. Each attempt is moved on by a step that has no factor in common with
/// the number of suffixes, so that attempts differ even where chance gives the same answer every time. Pods
/// without an index share one draw: the step alone tells them apart, and so no two of a Job have the same
/// name.
std::uint32_t choose_suffix(Turn& turn, const JobIdentity& job, std::int32_t index, std::uint32_t attempt) {
  constexpr std::uint64_t kStep = 5'700'641;
  fmt::memory_buffer entity;
  fmt::format_to(std::back_inserter(entity), "{}/{}/{}", turn.cluster.strings[job.name_space],
                 turn.cluster.strings[job.name], index);
  const sim::ChoiceKey key{sim::text_hash({entity.data(), entity.size()}),
                           static_cast<std::uint32_t>(Purpose::PodSuffix), index < 0 ? 0 : attempt};
  const std::uint64_t drawn = turn.context.choices.pick(key, kSuffixes);
  return static_cast<std::uint32_t>((drawn + attempt * kStep) % kSuffixes) + 1;
}

}  // namespace

WriteResult create_job_pod(Turn& turn, const JobIdentity& job, const JobPodCreation& creation, By by) {
  Cluster& cluster = turn.cluster;
  if (!cluster.jobs.exists(job.row) || cluster.jobs[job.row].meta.uid != job.uid) {
    return {Outcome::NotFound};
  }
  JobAttempts& attempts = attempts_of(cluster, job);
  Pod pod;
  pod.meta.name_space = job.name_space;
  pod.base_name = job.name;
  pod.index = creation.index;
  pod.owner = {Kind::Job, job.row, job.uid};
  pod.pod_template = job.pod_template;
  pod.failure_count = creation.failure_count;
  pod.ignored_failure_count = creation.ignored_failure_count;
  pod.job_tracking = true;
  pod.attempt = attempts_before(attempts, creation.index);
  pod.suffix = choose_suffix(turn, job, creation.index, pod.attempt);
  const WriteResult result = create_pod(turn, pod, by);
  if (result.ok()) {
    count_attempt(attempts, creation.index);
  }
  return result;
}

}  // namespace models::kubernetes::job_controller
