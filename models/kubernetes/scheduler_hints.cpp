// Which changes of the cluster may help a pod that found no node.

#include <algorithm>

#include "models/kubernetes/scheduler_counts.h"
#include "models/kubernetes/scheduler_filters.h"
#include "models/kubernetes/scheduler_queue.h"
#include "models/kubernetes/scheduler_volumes.h"

namespace models::kubernetes::scheduler {

namespace {

/// What a hint looks at.
struct Hint {
  Cluster& cluster;
  const Pod& pod;
  const PodTemplate& content;
  const PodClass& pod_class;
  const Change& change;

  [[nodiscard]] bool about_node() const {
    return change.what == Happened::NodeAdded || change.what == Happened::NodeChanged;
  }
  [[nodiscard]] bool added() const { return change.what == Happened::NodeAdded; }
  [[nodiscard]] bool relabelled() const {
    return change.what == Happened::NodeChanged && cluster.node_shapes[change.before.shape]->labels !=
                                                       cluster.node_shapes[change.after.shape]->labels;
  }
  [[nodiscard]] bool retainted() const {
    return change.what == Happened::NodeChanged &&
           (change.before.taint_set != change.after.taint_set ||
            change.before.unschedulable != change.after.unschedulable);
  }
};

bool counted(const PodClass& pod_class, std::uint32_t tally) {
  return std::find(pod_class.counted_in.begin(), pod_class.counted_in.end(), tally) !=
         pod_class.counted_in.end();
}

/// Source: nodeunschedulable/node_unschedulable.go isSchedulableAfterNodeChange.
bool unschedulable_helps(const Hint& hint) {
  return (hint.added() || (hint.retainted() && hint.change.before.unschedulable)) &&
         !hint.change.after.unschedulable;
}

/// Source: tainttoleration/taint_toleration.go isSchedulableAfterNodeChange.
bool taint_helps(const Hint& hint) {
  const auto kept_away = [&](const SchedulableNode& node) {
    return has_untolerated_taint(hint.cluster, node, hint.content);
  };
  return (hint.added() || (hint.retainted() && kept_away(hint.change.before))) &&
         !kept_away(hint.change.after);
}

/// Source: nodeaffinity/node_affinity.go isSchedulableAfterNodeChange.
bool node_affinity_helps(const Hint& hint) {
  const auto selected = [&](const SchedulableNode& node) {
    return selects(hint.cluster, node, hint.content) &&
           (hint.pod.pinned_node == 0 || hint.cluster.nodes[node.row].meta.name == hint.pod.pinned_node);
  };
  return (hint.added() || (hint.relabelled() && !selected(hint.change.before))) &&
         selected(hint.change.after);
}

/// Source: noderesources/fit.go isSchedulableAfterPodEvent, isSchedulableAfterNodeChange.
bool resources_help(const Hint& hint) {
  if (hint.change.what == Happened::PodGone) {
    return true;
  }
  if (!hint.about_node()) {
    return false;
  }
  const PodRequests& requests = requests_of(hint.cluster, hint.pod.pod_template);
  const SchedulableNode& after = hint.change.after;
  const SchedulableNode& before = hint.change.before;
  const bool takes_it = after.pods > 0 && requests.cpu_millicores <= after.cpu_millicores &&
                        requests.memory_bytes <= after.memory_bytes;
  const bool grew = after.pods > before.pods ||
                    (requests.cpu_millicores > 0 && after.cpu_millicores > before.cpu_millicores) ||
                    (requests.memory_bytes > 0 && after.memory_bytes > before.memory_bytes);
  return takes_it && (hint.added() || grew);
}

/// Source: nodeports/node_ports.go isSchedulableAfterPodDeleted.
bool ports_help(const Hint& hint) {
  if (hint.change.what != Happened::PodGone) {
    return hint.added();
  }
  const Pod& gone = hint.cluster.scheduler.classes[hint.change.pod_class].like;
  const std::vector<HostPort>& freed = hint.cluster.template_of(gone).host_ports;
  return std::any_of(freed.begin(), freed.end(), [&](const HostPort& port) {
    return std::any_of(
        hint.content.host_ports.begin(), hint.content.host_ports.end(),
        [&](const HostPort& wanted) { return wanted.port == port.port && wanted.protocol == port.protocol; });
  });
}

/// Source: volumebinding/volume_binding.go EventsToRegister, isSchedulableAfterPersistentVolumeClaimChange.
bool volumes_help(const Hint& hint) {
  if (hint.change.what != Happened::ClaimChanged) {
    return hint.added() || hint.relabelled();
  }
  std::string missing;
  const std::vector<Row> claims = claims_of(hint.cluster, hint.pod, missing);
  return std::find(claims.begin(), claims.end(), hint.change.claim) != claims.end();
}

bool has_keys(const Hint& hint, const SchedulableNode& node) {
  return std::all_of(hint.pod_class.spread.begin(), hint.pod_class.spread.end(), [&](const SpreadRule& rule) {
    return label_of(hint.cluster, node, hint.cluster.scheduler.topologies[rule.topology].key).has_value();
  });
}

/// Source: podtopologyspread/plugin.go isSchedulableAfterPodChange, isSchedulableAfterNodeChange.
bool spread_helps(const Hint& hint) {
  const Change& change = hint.change;
  const std::vector<PodClass>& classes = hint.cluster.scheduler.classes;
  switch (change.what) {
    case Happened::PodAssigned:
    case Happened::PodGone:
      return std::any_of(hint.pod_class.spread.begin(), hint.pod_class.spread.end(),
                         [&](const auto& rule) { return counted(classes[change.pod_class], rule.tally); });
    case Happened::PodRelabelled:
      return std::any_of(hint.pod_class.spread.begin(), hint.pod_class.spread.end(), [&](const auto& rule) {
        return counted(classes[change.pod_class], rule.tally) !=
               counted(classes[change.class_before], rule.tally);
      });
    case Happened::NodeAdded:
      return has_keys(hint, change.after);
    case Happened::NodeGone:
      return has_keys(hint, change.before);
    case Happened::NodeChanged:
      return has_keys(hint, change.before) != has_keys(hint, change.after) ||
             (has_keys(hint, change.after) && (hint.relabelled() || hint.retainted()));
    case Happened::ClaimChanged:
      return false;
  }
  return false;
}

bool label_differs(const Hint& hint, const TopologyRule& rule) {
  const std::string& key = hint.cluster.scheduler.topologies[rule.topology].key;
  return label_of(hint.cluster, hint.change.before, key) != label_of(hint.cluster, hint.change.after, key);
}

/// Source: interpodaffinity/plugin.go isSchedulableAfterPodChange, isSchedulableAfterNodeChange. As upstream
/// has it, a pod that went helps only one whose own anti-affinity terms it matches, all of them: one that was
/// kept away by the terms of the pod that went waits for the flush.
bool affinity_helps(const Hint& hint) {
  const Change& change = hint.change;
  const std::vector<PodClass>& classes = hint.cluster.scheduler.classes;
  const auto wanted = [&](std::uint32_t pod_class) {
    return !hint.pod_class.required.empty() &&
           counted(classes[pod_class], hint.pod_class.required.front().tally);
  };
  const auto hated = [&](std::uint32_t pod_class) {
    const std::vector<TopologyRule>& rules = hint.pod_class.forbidden;
    return !rules.empty() && std::all_of(rules.begin(), rules.end(), [&](const TopologyRule& rule) {
      return counted(classes[pod_class], rule.tally);
    });
  };
  switch (change.what) {
    case Happened::PodAssigned:
      return wanted(change.pod_class);
    case Happened::PodGone:
      return hated(change.pod_class);
    case Happened::PodRelabelled:
      return (wanted(change.pod_class) && !wanted(change.class_before)) ||
             (!hated(change.pod_class) && hated(change.class_before));
    case Happened::NodeAdded:
      return !hint.pod_class.forbidden.empty() ||
             std::any_of(hint.pod_class.required.begin(), hint.pod_class.required.end(),
                         [&](const auto& rule) {
                           const std::string& key = hint.cluster.scheduler.topologies[rule.topology].key;
                           return label_of(hint.cluster, change.after, key).has_value();
                         });
    case Happened::NodeChanged: {
      const auto differs = [&](const TopologyRule& rule) { return label_differs(hint, rule); };
      return std::any_of(hint.pod_class.required.begin(), hint.pod_class.required.end(), differs) ||
             std::any_of(hint.pod_class.forbidden.begin(), hint.pod_class.forbidden.end(), differs);
    }
    default:
      return false;
  }
}

/// Whether any change of a node's taints is worth a try for what this filter rejected: so it is for plugins
/// that ask for new nodes and not for changed taints. Source: pkg/scheduler/scheduler.go
/// buildQueueingHintMap, which mends kubernetes 109437; the plugins' EventsToRegister.
bool any_taint_helps(const Hint& hint, Filter filter) {
  return hint.change.what == Happened::NodeChanged &&
         hint.change.before.taint_set != hint.change.after.taint_set && filter != Filter::NodeUnschedulable &&
         filter != Filter::TaintToleration && filter != Filter::PodTopologySpread;
}

bool plugin_helps(const Hint& hint, Filter filter) {
  if (any_taint_helps(hint, filter)) {
    return true;
  }
  switch (filter) {
    case Filter::NodeUnschedulable:
      return unschedulable_helps(hint);
    case Filter::TaintToleration:
      return taint_helps(hint);
    case Filter::NodeAffinity:
      return node_affinity_helps(hint);
    case Filter::NodePorts:
      return ports_help(hint);
    case Filter::NodeResourcesFit:
      return resources_help(hint);
    case Filter::VolumeBinding:
      return volumes_help(hint);
    case Filter::PodTopologySpread:
      return spread_helps(hint);
    case Filter::InterPodAffinity:
      return affinity_helps(hint);
    case Filter::None:
      return false;
  }
  return false;
}

/// Before 1.32: which events a plugin is registered for. Source: EventsToRegister of the plugins in 1.28.
bool registered(const Hint& hint, Filter filter) {
  switch (hint.change.what) {
    case Happened::PodGone:
      return filter == Filter::NodeResourcesFit || filter == Filter::NodePorts ||
             filter == Filter::PodTopologySpread || filter == Filter::InterPodAffinity;
    case Happened::PodAssigned:
    case Happened::PodRelabelled:
      return filter == Filter::PodTopologySpread || filter == Filter::InterPodAffinity;
    case Happened::NodeAdded:
      return true;
    case Happened::NodeChanged:
      return filter == Filter::InterPodAffinity || filter == Filter::VolumeBinding ? hint.relabelled() : true;
    case Happened::NodeGone:
      return filter == Filter::PodTopologySpread;
    case Happened::ClaimChanged:
      return filter == Filter::VolumeBinding;
  }
  return false;
}

/// Source: eventhandlers.go preCheckForNode: without queueing hints a node is checked first.
bool node_passes_check(const Hint& hint) {
  if (!hint.about_node()) {
    return true;
  }
  static const std::vector<Taint> none;
  const SchedulableNode& node = hint.change.after;
  const std::vector<Taint>& taints =
      node.taint_set == 0 ? none : *hint.cluster.taint_sets[node.taint_set - 1];
  const bool kept_away = std::any_of(taints.begin(), taints.end(), [&](const Taint& taint) {
    return taint.effect == "NoSchedule" && !tolerates(hint.content.tolerations, taint);
  });
  return !kept_away && selects(hint.cluster, node, hint.content) &&
         (hint.pod.pinned_node == 0 || hint.cluster.nodes[node.row].meta.name == hint.pod.pinned_node) &&
         fits(hint.cluster, node, hint.content, requests_of(hint.cluster, hint.pod.pod_template));
}

/// The filters that may let a pod through after such a change, whatever its content.
std::uint16_t interested_in(Happened what) {
  constexpr auto kByPods =
      static_cast<std::uint16_t>(bit(Filter::PodTopologySpread) | bit(Filter::InterPodAffinity));
  switch (what) {
    case Happened::PodAssigned:
    case Happened::PodRelabelled:
      return kByPods;
    case Happened::PodGone:
      return static_cast<std::uint16_t>(kByPods | bit(Filter::NodeResourcesFit) | bit(Filter::NodePorts));
    case Happened::NodeGone:
      return bit(Filter::PodTopologySpread);
    case Happened::ClaimChanged:
      return bit(Filter::VolumeBinding);
    case Happened::NodeAdded:
    case Happened::NodeChanged:
      return 0xffffU;
  }
  return 0xffffU;
}

}  // namespace

bool helps(Cluster& cluster, const QueuedPod& queued, const Change& change) {
  if (queued.rejected_by == 0) {
    return true;  // scheduling_queue.go isPodWorthRequeuing: no plugin is known to be in the way
  }
  if ((queued.rejected_by & interested_in(change.what)) == 0) {
    return false;
  }
  if (change.what == Happened::PodGone && (queued.rejected_by & bit(Filter::NodeResourcesFit)) != 0) {
    return true;  // what most pods wait for
  }
  const Pod& pod = cluster.pods[queued.row];
  const std::uint32_t pod_class = class_of(cluster, pod);
  const Hint hint{cluster, pod, cluster.template_of(pod), cluster.scheduler.classes[pod_class], change};
  const bool hints = cluster.features().since(32);  // SchedulerQueueingHints
  for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(Filter::None); ++i) {
    const auto filter = static_cast<Filter>(i);
    if ((queued.rejected_by & bit(filter)) != 0 &&
        (hints ? plugin_helps(hint, filter) : registered(hint, filter) && node_passes_check(hint))) {
      return true;
    }
  }
  return false;
}

}  // namespace models::kubernetes::scheduler
