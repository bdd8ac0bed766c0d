#include "models/kubernetes/statefulset_revisions.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <tuple>

#include "models/kubernetes/json/placement_json.h"
#include "sim/hash.h"

namespace models::kubernetes {

namespace {

void append_labels(std::string& text, const LabelMap& labels) {
  for (const auto& [key, value] : labels) {
    fmt::format_to(std::back_inserter(text), "{}={},", key, value);
  }
  text += ';';
}

/// Every field of a template, for those that were not read from a manifest.
std::string content_of(const PodTemplate& pod_template) {
  std::string text;
  append_labels(text, pod_template.labels);
  append_labels(text, pod_template.annotations);
  for (const Container& container : pod_template.containers) {
    fmt::format_to(std::back_inserter(text), "{}|{}|{}|{}|{}|{};", container.name, container.image,
                   container.cpu_millicores, container.memory_bytes, container.init, container.restartable);
  }
  fmt::format_to(std::back_inserter(text), "{}|{}|{}|{};", static_cast<int>(pod_template.restart_policy),
                 pod_template.termination_grace_seconds, pod_template.active_deadline_seconds,
                 pod_template.node_name);
  append_labels(text, pod_template.node_selector);
  for (const Toleration& toleration : pod_template.tolerations) {
    fmt::format_to(std::back_inserter(text), "{}|{}|{}|{}|{};", toleration.key, toleration.value,
                   toleration.effect, toleration.exists, toleration.seconds);
  }
  json::Json placement = json::Json::object();
  json::write_placement(pod_template, placement);
  if (!placement.empty()) {
    text += placement.dump();
  }
  return text;
}

/// Whether a revision, which carries its template's labels, is among those that the set's selector lists.
bool selects_revision(const Cluster& cluster, const LabelMap& selector, const ControllerRevision& revision) {
  const LabelMap& labels = cluster.templates[revision.pod_template]->labels;
  return std::all_of(selector.begin(), selector.end(), [&](const auto& wanted) {
    const std::string* value = find_label(labels, wanted.first);
    return value != nullptr && *value == wanted.second;
  });
}

/// All revisions of the set in upstream's order: by number, then by age, then by name.
std::vector<Row> list_revisions(const View& view, Row set_row, const StatefulSet& set,
                                std::vector<Row>& orphans) {
  const Cluster& cluster = view.cluster();
  std::vector<Row> rows;
  for (const Row row : revisions_for_statefulset(cluster.revision_index, set_row)) {
    const ControllerRevision* revision = view.revision(row);
    if (revision == nullptr) {
      continue;
    }
    const bool owned = revision->owner.uid == set.meta.uid && revision->owner.row == set_row;
    const bool orphan = !owned && revision->owner.kind == Kind::None &&
                        revision->meta.name_space == set.meta.name_space &&
                        selects_revision(cluster, *set.spec.selector, *revision);
    if (owned || orphan) {
      rows.push_back(row);
    }
    if (orphan) {
      orphans.push_back(row);
    }
  }
  if (rows.size() > 1) {
    std::sort(rows.begin(), rows.end(), [&](Row a, Row b) {
      const ControllerRevision& left = *view.revision(a);
      const ControllerRevision& right = *view.revision(b);
      return std::tie(left.revision, left.meta.created, cluster.strings[left.meta.name]) <
             std::tie(right.revision, right.meta.created, cluster.strings[right.meta.name]);
    });
  }
  return rows;
}

}  // namespace

std::string revision_name(std::string_view set_name, const PodTemplate& pod_template,
                          std::uint32_t collisions) {
  static constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
  std::string content = pod_template.manifest.empty() ? content_of(pod_template) : pod_template.manifest;
  if (collisions > 0) {
    content += std::to_string(collisions);
  }
  constexpr std::uint64_t kTenDigits = 10'000'000'000ULL;
  std::string hash = fmt::format("{:010}", sim::text_hash(content) % kTenDigits);
  for (char& character : hash) {
    character = kAlphabet[static_cast<unsigned char>(character) % kAlphabet.size()];
  }
  // Source: controller_history.go ControllerRevisionName keeps room for the hash in 253 characters.
  constexpr std::size_t kPrefixMax = 223;
  return fmt::format("{}-{}", set_name.substr(0, kPrefixMax), hash);
}

RevisionChoice choose_revisions(const View& view, Row set_row, const StatefulSet& set) {
  RevisionChoice choice;
  choice.known = list_revisions(view, set_row, set, choice.adopt);
  choice.update_template = set.spec.pod_template;
  choice.number = choice.known.empty() ? 1 : view.revision(choice.known.back())->revision + 1;
  choice.change = RevisionChoice::Change::Create;
  for (const Row row : choice.known) {
    const ControllerRevision& revision = *view.revision(row);
    if (revision.pod_template == set.spec.pod_template) {
      // Templates are stored once, so equal content has an equal id. The newest of equals counts.
      choice.update_row = row;
      choice.update = revision.meta.name;
      choice.change =
          row == choice.known.back() ? RevisionChoice::Change::None : RevisionChoice::Change::Renumber;
    }
    if (set.status.current_revision != 0 && revision.meta.name == set.status.current_revision) {
      choice.current = revision.meta.name;
      choice.current_template = revision.pod_template;
    }
  }
  if (choice.current == kUnknownText) {
    choice.current = choice.update;
    choice.current_template = choice.update_template;
  }
  return choice;
}

std::vector<Row> superfluous_revisions(const View& view, const RevisionChoice& choice,
                                       const std::vector<Text>& live, std::int32_t history_limit) {
  std::vector<Row> history;
  for (const Row row : choice.known) {
    const Text name = view.revision(row)->meta.name;
    if (name != choice.current && name != choice.update &&
        std::find(live.begin(), live.end(), name) == live.end()) {
      history.push_back(row);
    }
  }
  if (history_limit < 0 || history.size() <= static_cast<std::size_t>(history_limit)) {
    return {};
  }
  history.resize(history.size() - static_cast<std::size_t>(history_limit));
  return history;
}

}  // namespace models::kubernetes
