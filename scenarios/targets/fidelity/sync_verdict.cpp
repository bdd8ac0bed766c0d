#include "scenarios/targets/fidelity/sync_verdict.h"

#include <map>
#include <set>
#include <utility>

namespace scenarios::targets {

namespace kubernetes = models::kubernetes;
using kubernetes::Writer;

namespace {

/// Where the change stands among those that are left: for one of the controller's the next of its own.
std::size_t find(const std::vector<RecordedChange>& changes, std::size_t position, const Observation& one,
                 bool by_key) {
  for (std::size_t i = position; i < changes.size(); ++i) {
    if (changes[i].field == one.field && changes[i].value == one.value) {
      return i;
    }
    if (by_key && (changes[i].writer == one.writer || changes[i].writer == Writer::None)) {
      break;
    }
  }
  return changes.size();
}

}  // namespace

bool belongs(const std::string& subject, const SyncKey& key) {
  if (key.path.empty()) {
    return true;  // the scheduler's: whatever it writes
  }
  if (!key.set.empty() && subject.compare(0, key.name.size(), key.name) == 0) {
    return subject == key.set;
  }
  const std::size_t path = subject.find(' ');
  if (path == std::string::npos || subject.compare(path + 1, key.path.size(), key.path) != 0) {
    return false;
  }
  const std::size_t end = path + 1 + key.path.size();
  return end == subject.size() || subject[end] == ' ' || subject[end] == '-';
}

SyncVerdict judge(const std::vector<Observation>& seen, const SyncKey& key, const RecordedChanges& recorded,
                  const Progress& progress) {
  SyncVerdict verdict;
  std::map<std::string, std::size_t> positions;
  std::set<std::pair<std::string, std::uint64_t>> writes;
  for (const Observation& one : seen) {
    const std::vector<RecordedChange>* changes = recorded.of(one.subject);
    std::size_t& position = positions.try_emplace(one.subject, progress.position(one.subject)).first->second;
    const bool by_key = one.writer == key.writer && belongs(one.subject, key);
    verdict.written += by_key ? 1 : 0;
    verdict.counts =
        verdict.counts ||
        (by_key && (one.field == static_cast<std::uint16_t>(kubernetes::Field::Created) ||
                    one.field == static_cast<std::uint16_t>(kubernetes::Field::DeletionRequested)));
    const std::size_t found = changes == nullptr ? 0 : find(*changes, position, one, by_key);
    if (changes == nullptr || found == changes->size()) {
      verdict.wrong += by_key ? 1 : 0;
      continue;
    }
    position = found + 1;
    if (by_key) {
      writes.emplace(one.subject, (*changes)[found].version);
    }
  }
  for (const auto& [subject, version] : writes) {
    const std::vector<RecordedChange>& changes = *recorded.of(subject);
    const std::size_t position = positions[subject];
    // Of a write whose last change was not made something is missing.
    if (position < changes.size() && changes[position].version == version) {
      verdict.whole = false;
    }
  }
  return verdict;
}

}  // namespace scenarios::targets
