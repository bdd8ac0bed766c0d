#include "scenarios/language/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "scenarios/language/nearest_word.h"
#include "scenarios/language/validate_plan.h"

namespace scenarios::language {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Source: Kubernetes apimachinery pkg/util/validation, IsDNS1123Label.
bool is_label(std::string_view text) {
  if (text.empty() || text.size() > 63 || text.front() == '-' || text.back() == '-') return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

/// Source: Kubernetes apimachinery pkg/util/validation, IsDNS1123Subdomain.
bool is_subdomain(std::string_view text) {
  if (text.size() > 253) return false;
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

/// Applies commands that may bring objects which no field describes.
bool brings_objects(const Scenario& scenario) {
  for (const Step& step : scenario.plan) {
    for (const Text& run : step.run) {
      for (const char* word : {" -f", " --filename", " apply ", " create "}) {
        if (run.value.find(word) != std::string::npos) return true;
      }
    }
  }
  return false;
}

/// All candidates for a pod's name that are worth suggesting.
std::vector<std::string> pod_candidates(const ObjectNames& names, std::string_view wrong) {
  std::vector<std::string> out = names.pods;
  const std::size_t dash = wrong.rfind('-');
  const std::string_view number = dash == std::string_view::npos ? "" : wrong.substr(dash);
  for (const std::string& object : names.objects) out.push_back(object + std::string(number));
  return out;
}

class Validation {
 public:
  Validation(const Scenario& scenario, const KnownWords& known, const ObjectNames& names,
             Diagnostics& diagnostics)
      : scenario_(scenario), known_(known), names_(names), diagnostics_(diagnostics) {}

  void run() {
    if (scenario_.cluster) judge_cluster(*scenario_.cluster);
    judge_behaviour();
    judge_faults();
    for (std::size_t i = 0; i < scenario_.plan.size(); ++i) {
      judge_condition(scenario_.plan[i].then, fmt::format("plan[{}].then", i));
    }
    judge_checks();
    judge_expectation();
  }

 private:
  void error(const Location& at, std::string field, std::string problem, std::string hint) {
    diagnostics_.error(at, std::move(field), std::move(problem), std::move(hint));
  }

  template <class T>
  void judge_names(const std::vector<Entry<T>>& entries, const std::string& field) {
    for (const Entry<T>& entry : entries) {
      if (is_label(entry.name.value)) continue;
      error(entry.name.at, field + "." + entry.name.value,
            fmt::format("{} is not a name that Kubernetes accepts", entry.name.value),
            "at most 63 small letters, digits and dashes, with a letter or digit at both ends");
    }
  }

  void judge_cluster(const Cluster& cluster) {
    judge_names(cluster.statefulsets, "cluster.statefulsets");
    judge_names(cluster.deployments, "cluster.deployments");
    judge_names(cluster.daemonsets, "cluster.daemonsets");
    judge_names(cluster.jobs, "cluster.jobs");
    judge_names(cluster.miniclusters, "cluster.miniclusters");
    judge_names(cluster.pod_disruption_budgets, "cluster.podDisruptionBudgets");
    std::map<std::string_view, const NodeEntry*> seen;
    for (const NodeEntry& entry : cluster.nodes) {
      const std::string field = "cluster.nodes." + entry.names.written.front().value;
      for (const std::string& host : entry.names.hosts) {
        if (!is_subdomain(host)) {
          error(entry.names.at, field, fmt::format("{} is not a name that Kubernetes accepts", host),
                "small letters, digits, dashes and dots");
          break;
        }
        const auto [found, fresh] = seen.emplace(host, &entry);
        if (fresh) continue;
        error(entry.names.at, field,
              fmt::format("the node {} is described twice, first in line {}", host,
                          found->second->names.at.line),
              "");
        break;
      }
    }
    // A MiniCluster owns a Job of its own name.
    for (const auto& minicluster : cluster.miniclusters) {
      for (const auto& job : cluster.jobs) {
        const bool same = job.name.value == minicluster.name.value &&
                          job.value.name_space.value == minicluster.value.name_space.value;
        if (same)
          error(job.name.at, "cluster.jobs." + job.name.value,
                fmt::format("the MiniCluster {} owns a Job of the same name", job.name.value),
                "rename one of them");
      }
    }
    judge_kubernetes(cluster.kubernetes);
  }

  void judge_kubernetes(const Kubernetes& kubernetes) {
    if (known_.kubernetes_versions) {
      const Version& version = kubernetes.version.value;
      const auto minor = [](const Version& v) { return std::pair(v.major_number, v.minor_number); };
      const KnownWords::VersionRange& range = *known_.kubernetes_versions;
      if (version < range.oldest || minor(version) > minor(range.newest)) {
        error(kubernetes.version.at, "cluster.kubernetes.version",
              fmt::format("Kubernetes {} is not modelled", format_version(version)),
              fmt::format("known here: {} to {}.{}", format_version(range.oldest), range.newest.major_number,
                          range.newest.minor_number));
      }
    }
    for (const auto& gate : kubernetes.feature_gates) {
      judge_word(gate.name, "cluster.kubernetes.featureGates." + gate.name.value, "there is no feature gate",
                 known_.feature_gates);
    }
    if (kubernetes.profile.given())
      judge_word(kubernetes.profile, "cluster.kubernetes.profile", "there is no profile", known_.profiles);
    if (scenario_.profile.given())
      judge_word(scenario_.profile, "profile", "there is no profile", known_.profiles);
  }

  void judge_word(const Text& text, const std::string& field, const std::string& problem,
                  const std::vector<std::string>& words) {
    if (words.empty() || std::find(words.begin(), words.end(), text.value) != words.end()) return;
    error(text.at, field, fmt::format("{} {}", problem, text.value), did_you_mean(text.value, words));
  }

  void judge_behaviour() {
    if (!names_.complete) return;
    for (const auto& entry : scenario_.behaviour) {
      const std::string field = "behaviour." + entry.name.value;
      const auto hosts = expand_hostlist(entry.name.value);
      if (!hosts.value) {
        error(entry.name.at, field, hosts.problem, hosts.hint);
        continue;
      }
      for (const std::string& host : *hosts.value) {
        if (std::find(names_.objects.begin(), names_.objects.end(), host) != names_.objects.end()) continue;
        if (names_.may_name_pod(host)) continue;
        std::vector<std::string> candidates = names_.objects;
        candidates.insert(candidates.end(), names_.pods.begin(), names_.pods.end());
        error(entry.name.at, field,
              fmt::format("the scenario has no object or pod {}, so this is never used", host),
              did_you_mean(host, candidates));
        break;
      }
    }
  }

  void judge_pods(const HostSet& set, const std::string& field) {
    if (!names_.complete || set.open) return;
    for (const std::string& host : set.hosts) {
      if (names_.may_name_pod(host)) continue;
      const std::vector<std::string> candidates = pod_candidates(names_, host);
      error(set.at, field, fmt::format("no object of the scenario has a pod {}", host),
            did_you_mean(host, candidates));
      return;
    }
  }

  /// Servers or compute hosts that the scenario describes.
  std::vector<std::string> cloud_names(bool servers) const {
    std::vector<std::string> names;
    if (!scenario_.cluster || !scenario_.cluster->openstack) return servers ? names_.servers : names;
    const OpenStack& cloud = *scenario_.cluster->openstack;
    const auto add = [&](const auto& entries) {
      for (const auto& entry : entries)
        names.insert(names.end(), entry.names.hosts.begin(), entry.names.hosts.end());
    };
    if (servers) {
      add(cloud.servers);
    } else {
      add(cloud.hosts);
    }
    return names;
  }

  /// Whether there is a cloud whose names can be judged; that there is none is an error once all is read.
  bool has_cloud(const Location& at, const std::string& field) {
    const bool known = (scenario_.cluster && scenario_.cluster->openstack) || !names_.servers.empty();
    if (!known && !names_.may_have_cloud)
      error(at, field, "the scenario has no cloud",
            "describe one in cluster.openstack, or give openstack server list -f json to --cluster");
    return known;
  }

  void judge_cloud(const Fault& fault, const std::string& field) {
    if (!has_cloud(fault.where, field)) {
      return;
    }
    const bool servers = fault.kind == FaultKind::lock_server || fault.kind == FaultKind::snapshot_fails;
    judge_cloud_names(fault.targets(), field, servers);
  }

  void judge_cloud_names(const HostSet& set, const std::string& field, bool servers) {
    const std::vector<std::string> names = cloud_names(servers);
    for (const std::string& host : set.hosts) {
      if (std::find(names.begin(), names.end(), host) != names.end()) continue;
      error(set.at, field, fmt::format("the cloud has no {} {}", servers ? "server" : "compute host", host),
            did_you_mean(host, names));
      break;
    }
  }

  void judge_servers(const Entry<HostSet>& entry, const std::string& field) {
    static const std::vector<std::string> kStatuses = {
        "ACTIVE", "BUILD", "ERROR", "PAUSED", "SHELVED", "SHELVED_OFFLOADED", "SHUTOFF", "SUSPENDED"};
    if (std::find(kStatuses.begin(), kStatuses.end(), entry.name.value) == kStatuses.end())
      error(entry.name.at, field, fmt::format("no server is ever {}", entry.name.value),
            did_you_mean(entry.name.value, kStatuses));
    has_cloud(entry.name.at, field);
  }

  void judge_faults() {
    for (std::size_t i = 0; i < scenario_.faults.size(); ++i) {
      const Fault& fault = scenario_.faults[i];
      const std::string field = fmt::format("faults[{}].{}", i, to_text(fault.kind));
      if (is_of_cloud(fault.kind)) {
        judge_cloud(fault, field);
        continue;
      }
      if (!strikes_nodes(fault.kind)) {
        judge_pods(fault.targets(), field);
        continue;
      }
      if (!names_.complete) continue;
      for (const std::string& host : fault.targets().hosts) {
        if (std::find(names_.nodes.begin(), names_.nodes.end(), host) != names_.nodes.end()) continue;
        error(fault.targets().at, field, fmt::format("the cluster has no node {}", host),
              did_you_mean(host, names_.nodes));
        break;
      }
    }
  }

  void judge_object(const Text& name, const std::string& field, const std::vector<std::string>& objects) {
    if (!names_.complete || name.empty() || !references_in(name.value).empty()) return;
    if (std::find(objects.begin(), objects.end(), name.value) != objects.end()) return;
    error(name.at, field, fmt::format("the scenario has no object {}", name.value),
          did_you_mean(name.value, objects));
  }

  void judge_condition(const Condition& condition, const std::string& field) {
    judge_pods(condition.running, field + ".running");
    judge_pods(condition.ready, field + ".ready");
    judge_pods(condition.absent, field + ".absent");
    for (const PodCount& count : condition.pods) judge_object(count.object, field + ".pods", names_.objects);
    for (const auto& entry : condition.servers) judge_servers(entry, field + ".servers." + entry.name.value);
    if (!condition.flux) return;
    judge_object(condition.flux->minicluster, field + ".flux.minicluster", names_.miniclusters);
    judge_pods_of_flux(condition.flux->free, field + ".flux.free");
    judge_pods_of_flux(condition.flux->allocated, field + ".flux.allocated");
    judge_pods_of_flux(condition.flux->down, field + ".flux.down");
    if (names_.complete && names_.miniclusters.empty())
      error(condition.at, field + ".flux", "the scenario has no MiniCluster",
            "describe one in cluster.miniclusters");
  }

  void judge_pods_of_flux(const FluxNodes& nodes, const std::string& field) {
    if (nodes.given() && !nodes.count) judge_pods(nodes.hosts, field);
  }

  void judge_checks() {
    std::vector<const CheckUse*> bare;
    for (std::size_t i = 0; i < scenario_.checks.size(); ++i) {
      const CheckUse& check = scenario_.checks[i];
      const std::string field = fmt::format("checks[{}].{}", i, check.name.value);
      bool given = false;
      for (const CheckArgument& argument : check.arguments) {
        given = given || argument.given();
        if (argument.type == ParameterType::condition)
          judge_condition(argument.condition, field + "." + argument.name.value);
      }
      if (given) continue;
      const auto same = std::find_if(bare.begin(), bare.end(), [&](const CheckUse* other) {
        return other->name.value == check.name.value;
      });
      if (same != bare.end())
        error(check.name.at, field,
              fmt::format("the check {} is asked for twice, first in line {}", check.name.value,
                          (*same)->name.at.line),
              "");
      bare.push_back(&check);
    }
  }

  void judge_expectation() {
    if (!scenario_.expect.given()) return;
    std::vector<std::string> checks = {"then", "all"};
    for (const CheckUse& check : scenario_.checks) checks.push_back(check.name.value);
    for (const CheckDeclaration& check : known_.checks) {
      if (check.invariant) checks.push_back(check.name);
    }
    const auto judge = [&](const std::vector<Text>& names, const std::string& field) {
      if (known_.checks.empty()) return;
      for (const Text& name : names)
        judge_word(name, field, "the scenario does not ask for the check", checks);
    };
    judge(scenario_.expect.holds, "expect.holds");
    judge(scenario_.expect.violates, "expect.violates");
    judge(scenario_.expect.not_reached, "expect.not_reached");
    std::vector<std::string> steps;
    for (const Step& step : scenario_.plan) steps.push_back(step.name.value);
    const auto judge_step = [&](const Text& name, const std::string& field) {
      if (std::find(steps.begin(), steps.end(), name.value) != steps.end()) return;
      error(name.at, field, fmt::format("the plan has no step \"{}\"", name.value),
            did_you_mean(name.value, steps));
    };
    if (scenario_.expect.stalls.given()) judge_step(scenario_.expect.stalls, "expect.stalls");
    for (const Text& step : scenario_.expect.because_of) judge_step(step, "expect.because_of");
    for (std::size_t i = 0; i < scenario_.expect.prints.size(); ++i) {
      judge_step(scenario_.expect.prints[i].step, fmt::format("expect.prints[{}].step", i));
    }
  }

  const Scenario& scenario_;
  const KnownWords& known_;
  const ObjectNames& names_;
  Diagnostics& diagnostics_;
};

}  // namespace

bool ObjectNames::may_name_pod(std::string_view name) const {
  if (std::find(pods.begin(), pods.end(), name) != pods.end()) return true;
  return std::any_of(objects.begin(), objects.end(), [&](const std::string& object) {
    if (!name.starts_with(object) || name.size() < object.size() + 2 || name[object.size()] != '-')
      return false;
    const std::string_view rest = name.substr(object.size() + 1);
    const std::size_t dash = rest.find('-');
    // A Job's pod ends in five random characters; a NonIndexed Job's has no index before them.
    if (dash == std::string_view::npos) return all_digits(rest) || rest.size() == 5;
    return all_digits(rest.substr(0, dash)) && dash + 1 < rest.size();
  });
}

ObjectNames names_in(const Scenario& scenario) {
  ObjectNames out;
  out.complete = scenario.cluster.has_value() && scenario.files.empty() && !brings_objects(scenario);
  if (!scenario.cluster) return out;
  const Cluster& cluster = *scenario.cluster;
  if (!cluster.manifests.empty() || !cluster.snapshot.empty()) out.complete = false;
  for (const auto& entry : cluster.statefulsets) out.objects.push_back(entry.name.value);
  for (const auto& entry : cluster.deployments) out.objects.push_back(entry.name.value);
  for (const auto& entry : cluster.daemonsets) out.objects.push_back(entry.name.value);
  for (const auto& entry : cluster.jobs) out.objects.push_back(entry.name.value);
  for (const auto& entry : cluster.miniclusters) {
    out.objects.push_back(entry.name.value);
    out.miniclusters.push_back(entry.name.value);
  }
  if (cluster.iomesh) {
    out.objects.emplace_back("iomesh-chunk");
    out.objects.emplace_back("iomesh-meta");
  }
  for (const NodeEntry& entry : cluster.nodes)
    out.nodes.insert(out.nodes.end(), entry.names.hosts.begin(), entry.names.hosts.end());
  return out;
}

void validate(const Scenario& scenario, const KnownWords& known, const ObjectNames& names,
              Diagnostics& diagnostics) {
  Validation(scenario, known, names, diagnostics).run();
  validate_plan(scenario, diagnostics);
}

}  // namespace scenarios::language
