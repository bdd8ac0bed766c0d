#include "tests/unit/kubernetes/statefulset_story.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

#include "models/kubernetes/statefulset_controller.h"

namespace models::kubernetes::testing_support {

namespace {

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \n");
  if (begin == std::string_view::npos) {
    return {};
  }
  return std::string(text.substr(begin, text.find_last_not_of(" \n") - begin + 1));
}

std::vector<std::string> split(std::string_view text, char divider) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(divider);
    if (std::string part = trimmed(text.substr(0, end)); !part.empty()) {
      parts.push_back(std::move(part));
    }
    if (end == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(end + 1);
  }
}

bool is_number(const std::string& word) {
  return !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
}

sim::Duration duration_of(const std::string& word) {
  std::size_t unit = 0;
  const long long count = std::stoll(word, &unit);
  const std::string name = word.substr(unit);
  if (name == "ms") return std::chrono::milliseconds{count};
  if (name == "s") return std::chrono::seconds{count};
  if (name == "h") return std::chrono::hours{count};
  throw std::invalid_argument("no duration: " + word);
}

/// Watch events arrive before the shortest back-off (5 ms) is over, as with the immediate caches of
/// upstream's tests.
timing::Profile prompt_profile() {
  timing::Profile profile;
  profile.set(timing::Key::watch_latency, timing::Distribution::fixed(std::chrono::milliseconds{1}));
  return profile;
}

/// The name of a wait in stories; the vocabulary has sentences.
std::string name_of_wait(std::uint16_t reason) {
  switch (static_cast<WaitReason>(reason)) {
    case WaitReason::None:
      return "none";
    case WaitReason::PodNotReady:
      return "PodNotReady";
    case WaitReason::PodNotAvailable:
      return "PodNotAvailable";
    case WaitReason::PodTerminating:
      return "PodTerminating";
    case WaitReason::PodTerminal:
      return "PodTerminal";
    case WaitReason::ClaimStale:
      return "ClaimStale";
    case WaitReason::UpdatePaused:
      return "UpdatePaused";
    case WaitReason::MaxUnavailable:
      return "MaxUnavailable";
    default:
      return "something else";
  }
}

/// The calls that an error text of a sync tells of: `D1!`; `error` if it tells of none.
std::vector<std::string> failed_calls(const std::string& text) {
  std::vector<std::string> calls;
  static constexpr std::string_view kAbout = "e Pod web-";
  for (std::size_t at = text.find(kAbout); at != std::string::npos; at = text.find(kAbout, at + 1)) {
    const bool creation = at >= 5 && text.compare(at - 5, 5, "creat") == 0;
    calls.push_back(fmt::format("{}{}!", creation ? 'C' : 'D', std::stoi(text.substr(at + kAbout.size()))));
  }
  return calls.empty() ? std::vector<std::string>{"error"} : calls;
}

/// `C2` stands for `C2` at any revision.
bool is_call(const std::string& wanted, const std::string& made) {
  return made == wanted ||
         (wanted.find('@') == std::string::npos && made.substr(0, made.find('@')) == wanted);
}

/// Whether the calls of one sync are the wanted ones: `C0 {C1 C2}`.
bool is_sync(const std::string& wanted, const std::vector<std::string>& made) {
  std::size_t next = 0;
  std::size_t group_begin = 0;
  bool in_group = false;
  for (std::string word : split(wanted, ' ')) {
    if (word.front() == '{') {
      in_group = true;
      group_begin = next;
      word.erase(0, 1);
    }
    const bool ends = word.back() == '}';
    if (ends) {
      word.pop_back();
    }
    if (!in_group) {
      if (next >= made.size() || !is_call(word, made[next])) return false;
    } else {
      // The group's calls stand together; which of them this one is does not matter.
      const std::size_t group_end = std::min(made.size(), group_begin + 16);
      if (std::none_of(made.begin() + static_cast<std::ptrdiff_t>(group_begin),
                       made.begin() + static_cast<std::ptrdiff_t>(group_end),
                       [&](const std::string& call) { return is_call(word, call); })) {
        return false;
      }
    }
    ++next;
    in_group = in_group && !ends;
  }
  return next == made.size();
}

}  // namespace

StatefulSetStory::StatefulSetStory(std::string_view start, std::string_view version,
                                   const std::vector<std::pair<std::string, bool>>& gates)
    : world(version, gates, prompt_profile()) {
  world.receive(ObserverId::ControllerManager, statefulset_controller::observe);
  world.handle(statefulset_controller::on_event);
  node_ = world.add_node("node-0", 1'000'000);
  spec_.pod_template = template_named("A");
  const std::vector<std::string> words = split(start, ' ');
  for (std::size_t i = 1; i < words.size(); ++i) {
    configure(words[i]);
  }
  if (words.front() != "none") {
    create(std::stoi(words.front()));
    bring_up();
  }
}

void StatefulSetStory::configure(std::string_view option) {
  const std::size_t equals = option.find('=');
  const std::string name(option.substr(0, equals));
  const std::string value(equals == std::string_view::npos ? std::string_view() : option.substr(equals + 1));
  const auto number = [&] { return std::stoi(value); };
  if (name == "parallel") {
    spec_.pod_management_policy = PodManagementPolicy::Parallel;
  } else if (name == "ondelete") {
    spec_.update_strategy = UpdateStrategy::OnDelete;
    spec_.rolling_update_block = false;
  } else if (name == "noblock") {
    spec_.rolling_update_block = false;
  } else if (name == "partition") {
    spec_.partition = number();
  } else if (name == "max") {
    spec_.max_unavailable = IntOrPercent{number(), value.back() == '%'};
  } else if (name == "start") {
    spec_.start = number();
  } else if (name == "minReady") {
    spec_.min_ready_seconds = number();
  } else if (name == "history") {
    spec_.revision_history_limit = number();
  } else if (name == "claims") {
    spec_.claims = std::make_shared<const std::vector<ClaimTemplate>>(
        std::vector<ClaimTemplate>{{"data", "1Gi", "standard"}});
  } else if (name == "scaled" || name == "deleted") {
    (name == "scaled" ? spec_.when_scaled : spec_.when_deleted) =
        value == "Delete" ? ClaimRetention::Delete : ClaimRetention::Retain;
  } else {
    throw std::invalid_argument("no option of a story: " + std::string(option));
  }
}

void StatefulSetStory::create(std::int32_t replicas) {
  spec_.replicas = replicas;
  set_ = world.add_statefulset("web", spec_);
}

void StatefulSetStory::bring_up() {
  for (std::size_t pods = world.pods().size() + 1; pods != world.pods().size();) {
    pods = world.pods().size();
    settle();
    happen_to_pods({}, "ready");
    settle();
    if (spec_.min_ready_seconds > 0) {
      // A timer that was set earlier swallows the one for availability, so that it may take as long again.
      world.run_for(std::chrono::seconds{2 * spec_.min_ready_seconds + 2});
      settle();
    }
  }
  mark_ = world.history.next_id();
}

Row StatefulSetStory::pod(std::int32_t ordinal) const { return world.pod(fmt::format("web-{}", ordinal)); }

Row StatefulSetStory::claim(std::int32_t ordinal) const {
  return world.cluster.find_claim("default", fmt::format("data-web-{}", ordinal));
}

std::vector<std::string> StatefulSetStory::errors() const {
  std::vector<std::string> texts;
  for (const sim::Transition& transition :
       world.transitions(Field::SyncFailed, Writer::StatefulSetController)) {
    texts.push_back(world.history.text_at(transition.detail));
  }
  return texts;
}

TemplateId StatefulSetStory::template_named(const std::string& letter) {
  const auto found = templates_.find(letter);
  if (found != templates_.end()) {
    return found->second;
  }
  return templates_[letter] = world.add_template("web", "app:" + letter);
}

std::string StatefulSetStory::letter_of(TemplateId pod_template) const {
  for (const auto& [letter, id] : templates_) {
    if (id == pod_template) return letter;
  }
  return "?";
}

std::string StatefulSetStory::letter_of_revision(Text name) const {
  for (Row row = 0; row < world.cluster.revisions.extent(); ++row) {
    if (world.cluster.revisions.exists(row) && world.cluster.revisions[row].meta.name == name) {
      return letter_of(world.cluster.revisions[row].pod_template);
    }
  }
  return "?";
}

// Events
// -----------------------------------------------------------------------------------------------------

void StatefulSetStory::happen(const std::string& event) {
  const std::vector<std::string> words = split(event, ' ');
  std::vector<std::int32_t> ordinals;
  for (const std::string& word : words) {
    if (is_number(word)) {
      ordinals.push_back(std::stoi(word));
    }
  }
  if (happen_to_set(event)) {
    return;
  }
  if (words.front() == "wait") {
    world.run_for(duration_of(words[1]));
  } else if (event == "delete fails") {
    world.cluster.write_faults.push_back({Kind::Pod, static_cast<std::uint8_t>(Verb::Delete), 1, 0});
  } else if (words.front() == "quota") {
    world.cluster.pod_quotas = {{world.text("default"), ordinals.front()}};
  } else if (event.starts_with("user deletes")) {
    happen_to_pods(ordinals, "deleted");
  } else {
    happen_to_pods(ordinals, words.back());
  }
}

bool StatefulSetStory::happen_to_set(const std::string& event) {
  const std::vector<std::string> words = split(event, ' ');
  const auto change = [&](auto&& what) { world.change_spec<StatefulSet>(set_, what); };
  if (words.front() == "create") {
    create(std::stoi(words[1]));
  } else if (event.starts_with("->")) {
    change([&](StatefulSetSpec& spec) { spec.replicas = std::stoi(event.substr(2)); });
  } else if (words.front() == "template") {
    const TemplateId id = template_named(words[1]);
    change([&](StatefulSetSpec& spec) { spec.pod_template = id; });
  } else if (words.front() == "partition") {
    change([&](StatefulSetSpec& spec) { spec.partition = std::stoi(words[1]); });
  } else if (words.front() == "start") {
    change([&](StatefulSetSpec& spec) { spec.start = std::stoi(words[1]); });
  } else if (words.front() == "minReady") {
    change([&](StatefulSetSpec& spec) { spec.min_ready_seconds = std::stoi(words[1]); });
  } else if (event == "touched") {
    change([](StatefulSetSpec&) {});
  } else {
    return false;
  }
  return true;
}

bool StatefulSetStory::suits(const Pod& pod, const std::string& what) const {
  if (what == "ready") {
    return !pod.ready && !pod.terminal() && !pod.meta.deleting();
  }
  if (what == "gone") {
    return pod.meta.deleting();
  }
  return true;
}

void StatefulSetStory::happen_to_pods(const std::vector<std::int32_t>& ordinals, const std::string& what) {
  if (what == "unschedulable") {
    unschedulable_.insert(unschedulable_.end(), ordinals.begin(), ordinals.end());
    return;
  }
  if (ordinals.empty()) {
    for (const Row row : world.pods()) {
      if (suits(world.cluster.pods[row], what)) {
        happen_to_pod(row, what);
      }
    }
    return;
  }
  for (const std::int32_t ordinal : ordinals) {
    const Row row = pod(ordinal);
    if (row == kNoRow) {
      throw std::invalid_argument(fmt::format("there is no pod {} to become {}", ordinal, what));
    }
    happen_to_pod(row, what);
  }
}

void StatefulSetStory::happen_to_pod(Row row, const std::string& what) {
  Turn turn = world.turn();
  if (what == "ready") {
    world.make_ready(row);
  } else if (what == "unready") {
    world.make_unready(row);
  } else if (what == "failed") {
    world.fail(row);
  } else if (what == "succeeded") {
    world.succeed(row);
  } else if (what == "gone" || what == "vanish") {
    world.change_pod(row, [](Pod& pod) { pod.foreign_finalizer = false; });
    world.remove(row, what == "gone" ? Writer::Kubelet : Writer::Fault);
  } else if (what == "deleted") {
    delete_pod(turn, row, {Writer::User});
  } else if (what == "evicted") {
    delete_pod(turn, row, {Writer::TaintEvictionController});
  } else if (what == "finalizer") {
    world.change_pod(row, [](Pod& pod) { pod.foreign_finalizer = true; });
  } else if (what == "touched") {
    world.change_pod(row, [](Pod& pod) { ++pod.status_changes; });
  } else {
    throw std::invalid_argument("no event of a story: " + what);
  }
}

/// Lets everything arrive, and binds what was created.
void StatefulSetStory::settle() {
  for (bool bound = true; bound;) {
    world.settle();
    bound = false;
    for (const Row row : world.pods()) {
      const Pod& pod = world.cluster.pods[row];
      const bool never =
          std::find(unschedulable_.begin(), unschedulable_.end(), pod.index) != unschedulable_.end();
      if (pod.node == kNoRow && !pod.terminal() && !pod.meta.deleting() && !never) {
        world.bind(row, node_);
        bound = true;
      }
    }
  }
}

// Calls
// ------------------------------------------------------------------------------------------------------

void StatefulSetStory::collect_calls() {
  calls_.clear();
  std::vector<Uid> deleted;
  for (; mark_ < world.history.next_id(); ++mark_) {
    const sim::Transition& transition = world.history.at(mark_);
    if (transition.writer != static_cast<std::uint16_t>(Writer::StatefulSetController)) {
      continue;
    }
    const auto field = static_cast<Field>(transition.field);
    if (field == Field::SyncFailed) {
      for (std::string& call : failed_calls(world.history.text_at(transition.detail))) {
        calls_.push_back({transition.at, std::move(call)});
      }
      continue;
    }
    const sim::Subject subject = world.history.subject(transition.subject);
    if (subject.kind != static_cast<std::uint32_t>(Kind::Pod)) {
      continue;
    }
    // A pod without grace period is gone at once: one call, two transitions.
    const bool deletion = (field == Field::DeletionRequested || field == Field::Removed) &&
                          std::find(deleted.begin(), deleted.end(), transition.subject) == deleted.end();
    if (!deletion && field != Field::Created) {
      continue;
    }
    TemplateId pod_template = 0;
    for (Row row = 0; row < world.cluster.pods.extent(); ++row) {
      if (world.cluster.pods.alive(row) && world.cluster.pods[row].meta.uid == transition.subject) {
        pod_template = world.cluster.pods[row].pod_template;
      }
    }
    if (deletion) {
      deleted.push_back(transition.subject);
    }
    const std::string name = world.subject_of(transition);
    calls_.push_back({transition.at, fmt::format("{}{}@{}", deletion ? 'D' : 'C',
                                                 name.substr(name.rfind('-') + 1), letter_of(pod_template))});
  }
}

std::vector<std::vector<std::string>> StatefulSetStory::calls_by_sync() const {
  std::vector<std::vector<std::string>> syncs;
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    // Without throttling, a sync takes no time; two syncs of a set are at least a watch event apart.
    if (i == 0 || calls_[i].at != calls_[i - 1].at) {
      syncs.emplace_back();
    }
    syncs.back().push_back(calls_[i].text);
  }
  const auto repeats_failure = [](const std::vector<std::string>& sync,
                                  const std::vector<std::string>& next) {
    return sync == next && (next.back().back() == '!' || next.back() == "error");
  };
  syncs.erase(std::unique(syncs.begin(), syncs.end(), repeats_failure), syncs.end());
  return syncs;
}

// Checks
// -----------------------------------------------------------------------------------------------------

std::string StatefulSetStory::check(const std::string& text) const {
  const std::vector<std::string> words = split(text, ' ');
  const std::pair<const char*, std::int32_t> counts[] = {{"rep", status().replicas},
                                                         {"rdy", status().ready_replicas},
                                                         {"avail", status().available_replicas},
                                                         {"cur", status().current_replicas},
                                                         {"upd", status().updated_replicas}};
  for (const auto& [name, count] : counts) {
    if (words.front() == name) {
      return std::to_string(count) == words[1] ? "" : fmt::format("{} is {}", name, count);
    }
  }
  if (words.front() == "waits") {
    return check_wait(words);
  }
  if (text.starts_with("current=") || text.starts_with("update=")) {
    const Text name = text.front() == 'c' ? status().current_revision : status().update_revision;
    const std::string letter = letter_of_revision(name);
    return letter == text.substr(text.find('=') + 1) ? "" : fmt::format("that revision is {}", letter);
  }
  if (words.front() == "present") {
    for (std::size_t i = 1; i < words.size(); ++i) {
      if (pod(std::stoi(words[i])) == kNoRow) return fmt::format("pod {} is not there", words[i]);
    }
    return {};
  }
  throw std::invalid_argument("no check of a story: " + text);
}

std::string StatefulSetStory::check_wait(const std::vector<std::string>& words) const {
  const Wait& wait = world.cluster.statefulsets[set_].wait;
  const std::string told = name_of_wait(wait.reason);
  std::string wanted = words[1];
  if (words.size() > 2) {
    const Row row = pod(std::stoi(words[2]));
    const bool on_it = row != kNoRow && world.cluster.pods[row].meta.uid == wait.on;
    wanted += on_it ? "" : " on pod " + words[2];
  }
  return told == wanted ? "" : fmt::format("it waits for {} of uid {}", told, wait.on);
}

// Scenes
// -----------------------------------------------------------------------------------------------------

std::string StatefulSetStory::play(std::string_view scenes) {
  std::string differences;
  for (const std::string& scene : split(scenes, '|')) {
    const std::size_t colon = scene.find(':');
    for (const std::string& event : split(scene.substr(0, colon), ',')) {
      happen(event);
    }
    settle();
    collect_calls();
    const std::vector<std::string> outcome = split(scene.substr(colon + 1), ';');
    const std::vector<std::vector<std::string>> made = calls_by_sync();
    std::vector<std::string> wanted =
        outcome.front() == "-" ? std::vector<std::string>{} : split(outcome.front(), ',');
    if (!std::equal(wanted.begin(), wanted.end(), made.begin(), made.end(), is_sync)) {
      std::vector<std::string> texts;
      for (const auto& sync : made) {
        texts.push_back(fmt::format("{}", fmt::join(sync, " ")));
      }
      differences +=
          fmt::format("{}: made {}\n", scene,
                      texts.empty() ? std::string("no calls") : fmt::format("{}", fmt::join(texts, ", ")));
    }
    for (std::size_t i = 1; i < outcome.size(); ++i) {
      for (const std::string& text : split(outcome[i], ',')) {
        if (const std::string problem = check(text); !problem.empty()) {
          differences += fmt::format("{}: {}: {}\n", scene, text, problem);
        }
      }
    }
  }
  return differences;
}

}  // namespace models::kubernetes::testing_support
