#include "tests/benchmarks/watched_job.h"

#include <fmt/core.h>

#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace benchmarks {

namespace {

using Json = nlohmann::ordered_json;

// The marks in a template, each in the place of what differs.
constexpr std::string_view kMarks = "\x01\x02\x03\x04\x05\x06";
constexpr char kIndex = 1;    // the completion index
constexpr char kUid = 2;      // the pod's uid
constexpr char kVersion = 3;  // its resourceVersion
constexpr char kNode = 4;     // the node's number
constexpr char kTime = 5;     // the second of the pod's creation
constexpr char kSuffix = 6;   // the five random characters

constexpr std::uint32_t kNodes = 10;
constexpr const char* kJobUid = "0b000000-0000-4000-8000-000000000001";

std::string mark(char which) { return std::string(1, which); }

std::string time_of(std::uint32_t second) {
  return fmt::format("2026-01-01T{:02}:{:02}:{:02}Z", 1 + second / 3600, second / 60 % 60, second % 60);
}

/// Five characters as the API server draws them. Source: apimachinery pkg/util/rand/rand.go, alphanums.
std::string suffix_of(std::uint32_t number) {
  constexpr std::string_view kCharacters = "bcdfghjklmnpqrstvwxz2456789";
  std::string suffix;
  for (std::uint32_t rest = number * 2654435761U; suffix.size() < 5; rest /= 27) {
    suffix.push_back(kCharacters[rest % kCharacters.size()]);
  }
  return suffix;
}

Json names(std::initializer_list<const char*> fields) {
  Json tree = Json::object();
  for (const char* field : fields) {
    tree[std::string("f:") + field] = Json::object();
  }
  return tree;
}

/// Environment variables, as an application with a few services beside it has them.
Json environment(int count) {
  Json list = Json::array();
  for (int i = 0; i < count; ++i) {
    list.push_back(
        {{"name", fmt::format("SETTING_{:02}", i)}, {"value", fmt::format("a value of some length {}", i)}});
  }
  return list;
}

Json container(const std::string& name, int variables) {
  return {
      {"command", {"/opt/task/bin/run", "--index=$(JOB_COMPLETION_INDEX)", "--verbose"}},
      {"env", environment(variables)},
      {"image", "registry.example/task/" + name + ":1.4.2"},
      {"imagePullPolicy", "IfNotPresent"},
      {"name", name},
      {"resources", {{"limits", {{"memory", "64Mi"}}}, {"requests", {{"cpu", "10m"}, {"memory", "16Mi"}}}}},
      {"terminationMessagePath", "/dev/termination-log"},
      {"terminationMessagePolicy", "File"},
      {"volumeMounts",
       {{{"mountPath", "/var/run/secrets/kubernetes.io/serviceaccount"},
         {"name", "kube-api-access-" + mark(kSuffix)},
         {"readOnly", true}}}}};
}

Json managed_container(int variables) {
  Json env = Json::object();
  env["."] = Json::object();
  for (int i = 0; i < variables; ++i) {
    env[fmt::format("k:{{\"name\":\"SETTING_{:02}\"}}", i)] = names({"name", "value"});
  }
  Json fields = names(
      {"command", "image", "imagePullPolicy", "name", "terminationMessagePath", "terminationMessagePolicy"});
  fields["f:env"] = std::move(env);
  fields["f:resources"] = {{"f:limits", names({"memory"})}, {"f:requests", names({"cpu", "memory"})}};
  return fields;
}

constexpr int kVariables = 14;

Json managed_fields(std::uint32_t stage) {
  Json list = Json::array();
  Json metadata = names({"generateName"});
  metadata["f:labels"] = names({"batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name",
                                "batch.kubernetes.io/job-completion-index", "controller-uid", "job-name"});
  metadata["f:ownerReferences"] = {{fmt::format("k:{{\"uid\":\"{}\"}}", kJobUid), Json::object()}};
  Json spec = names({"dnsPolicy", "enableServiceLinks", "restartPolicy", "schedulerName", "securityContext",
                     "terminationGracePeriodSeconds"});
  spec["f:containers"] = {{"k:{\"name\":\"main\"}", managed_container(kVariables)}};
  list.push_back({{"apiVersion", "v1"},
                  {"fieldsType", "FieldsV1"},
                  {"fieldsV1", {{"f:metadata", std::move(metadata)}, {"f:spec", std::move(spec)}}},
                  {"manager", "kube-controller-manager"},
                  {"operation", "Update"},
                  {"time", mark(kTime)}});
  if (stage >= 2) {
    Json conditions = Json::object();
    for (const char* type : {"ContainersReady", "Initialized", "PodReadyToStartContainers", "Ready"}) {
      conditions[fmt::format("k:{{\"type\":\"{}\"}}", type)] =
          names({"lastProbeTime", "lastTransitionTime", "status", "type"});
    }
    Json status = names({"containerStatuses", "hostIP", "hostIPs", "phase", "podIP", "podIPs", "startTime"});
    status["f:conditions"] = std::move(conditions);
    list.push_back({{"apiVersion", "v1"},
                    {"fieldsType", "FieldsV1"},
                    {"fieldsV1", {{"f:status", std::move(status)}}},
                    {"manager", "kubelet"},
                    {"operation", "Update"},
                    {"subresource", "status"},
                    {"time", mark(kTime)}});
  }
  return list;
}

Json metadata(std::uint32_t stage) {
  const std::string name = "work-" + mark(kIndex) + "-" + mark(kSuffix);
  Json out = {{"annotations", {{"batch.kubernetes.io/job-completion-index", mark(kIndex)}}},
              {"creationTimestamp", mark(kTime)},
              {"finalizers", {"batch.kubernetes.io/job-tracking"}},
              {"generateName", "work-" + mark(kIndex) + "-"},
              {"labels",
               {{"batch.kubernetes.io/controller-uid", kJobUid},
                {"batch.kubernetes.io/job-completion-index", mark(kIndex)},
                {"batch.kubernetes.io/job-name", "work"},
                {"controller-uid", kJobUid},
                {"job-name", "work"}}},
              {"managedFields", managed_fields(stage)},
              {"name", name},
              {"namespace", "default"},
              {"ownerReferences",
               {{{"apiVersion", "batch/v1"},
                 {"blockOwnerDeletion", true},
                 {"controller", true},
                 {"kind", "Job"},
                 {"name", "work"},
                 {"uid", kJobUid}}}},
              {"resourceVersion", mark(kVersion)},
              {"uid", mark(kUid)}};
  if (stage == 5) {
    out.erase("finalizers");
  }
  return out;
}

Json condition(const char* type, bool is_true, const char* reason = "") {
  Json out = {{"lastProbeTime", nullptr},
              {"lastTransitionTime", mark(kTime)},
              {"status", is_true ? "True" : "False"},
              {"type", type}};
  if (*reason != '\0') {
    out["reason"] = reason;
  }
  return out;
}

Json status(std::uint32_t stage) {
  Json out = {{"phase", stage < 3    ? "Pending"
                        : stage == 3 ? "Running"
                                     : "Succeeded"},
              {"qosClass", "Burstable"}};
  if (stage == 0) {
    return out;
  }
  out["conditions"] = Json::array({condition("PodScheduled", true)});
  if (stage == 1) {
    return out;
  }
  const bool ready = stage == 3;
  const char* reason = ready ? "" : stage == 2 ? "ContainersNotReady" : "PodCompleted";
  for (const char* type : {"Ready", "ContainersReady"}) {
    out["conditions"].push_back(condition(type, ready, reason));
  }
  out["conditions"].push_back(condition("Initialized", true, stage > 3 ? "PodCompleted" : ""));
  Json state = stage == 2   ? Json{{"waiting", {{"reason", "ContainerCreating"}}}}
               : stage == 3 ? Json{{"running", {{"startedAt", mark(kTime)}}}}
                            : Json{{"terminated",
                                    {{"exitCode", 0},
                                     {"finishedAt", mark(kTime)},
                                     {"reason", "Completed"},
                                     {"startedAt", mark(kTime)}}}};
  out["containerStatuses"] = Json::array({{{"image", "registry.example/task/main:1.4.2"},
                                           {"imageID", "sha256:4b7a"},
                                           {"lastState", Json::object()},
                                           {"name", "main"},
                                           {"ready", ready},
                                           {"restartCount", 0},
                                           {"started", ready},
                                           {"state", std::move(state)}}});
  out["hostIP"] = "10.0.0.7";
  out["startTime"] = mark(kTime);
  return out;
}

Json pod(std::uint32_t stage) {
  Json spec = {{"containers", {container("main", kVariables)}},
               {"dnsPolicy", "ClusterFirst"},
               {"enableServiceLinks", true},
               {"preemptionPolicy", "PreemptLowerPriority"},
               {"priority", 0},
               {"restartPolicy", "Never"},
               {"schedulerName", "default-scheduler"},
               {"securityContext", Json::object()},
               {"serviceAccount", "default"},
               {"serviceAccountName", "default"},
               {"terminationGracePeriodSeconds", 30}};
  if (stage > 0) {
    spec["nodeName"] = "worker-" + mark(kNode);
  }
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata", metadata(stage)},
          {"spec", std::move(spec)},
          {"status", status(stage)}};
}

std::string event_text(const char* type, Json object) {
  return Json{{"type", type}, {"object", std::move(object)}}.dump(4) + "\n";
}

Json node(std::uint32_t number) {
  return {{"apiVersion", "v1"},
          {"kind", "Node"},
          {"metadata",
           {{"name", fmt::format("worker-{}", number)},
            {"uid", fmt::format("0a000000-0000-4000-8000-{:012}", number)},
            {"resourceVersion", fmt::format("{}", 10 + number)},
            {"creationTimestamp", "2026-01-01T00:00:00Z"}}},
          {"status",
           {{"allocatable", {{"cpu", "64"}, {"memory", "256Gi"}, {"pods", "250"}}},
            {"capacity", {{"cpu", "64"}, {"memory", "256Gi"}, {"pods", "250"}}},
            {"conditions",
             {{{"type", "Ready"}, {"status", "True"}, {"lastTransitionTime", "2026-01-01T00:00:00Z"}}}}}}};
}

constexpr std::uint64_t kFirstVersion = 1000;

}  // namespace

WatchedJob::Template WatchedJob::cut(const std::string& text) {
  // JSON writes the marks as a backslash, u and four digits.
  Template out;
  std::string piece;
  for (std::size_t at = 0; at < text.size();) {
    if (text.compare(at, 5, "\\u000") == 0 &&
        kMarks.find(static_cast<char>(text[at + 5] - '0')) != std::string_view::npos) {
      out.pieces.push_back(std::move(piece));
      piece.clear();
      out.gaps.push_back(static_cast<char>(text[at + 5] - '0'));
      at += 6;
    } else {
      piece.push_back(text[at++]);
    }
  }
  out.pieces.push_back(std::move(piece));
  return out;
}

WatchedJob::WatchedJob(std::uint32_t pods) : pods_(pods) {
  for (std::uint32_t stage = 0; stage < kStages; ++stage) {
    stages_.push_back(cut(event_text(stage == 0 ? "ADDED" : "MODIFIED", pod(stage))));
  }
}

std::string WatchedJob::snapshot() const {
  Json items = Json::array();
  for (std::uint32_t i = 0; i < kNodes; ++i) {
    items.push_back(node(i));
  }
  return Json{{"apiVersion", "v1"}, {"items", std::move(items)}, {"kind", "List"}}.dump(4) + "\n";
}

std::string WatchedJob::nodes() const {
  std::string out;
  for (std::uint32_t i = 0; i < kNodes; ++i) {
    out += event_text("ADDED", node(i));
  }
  return out;
}

std::string WatchedJob::job_event(std::uint32_t done, std::uint64_t version) const {
  Json status = {{"succeeded", done}, {"startTime", time_of(0)}, {"uncountedTerminatedPods", Json::object()}};
  if (done > 0) {
    status["completedIndexes"] = fmt::format("0-{}", done - 1);
  }
  if (done == pods_) {
    status["conditions"] = Json::array();
    for (const char* type : {"SuccessCriteriaMet", "Complete"}) {
      status["conditions"].push_back({{"lastProbeTime", time_of(0)},
                                      {"lastTransitionTime", time_of(0)},
                                      {"reason", "CompletionsReached"},
                                      {"status", "True"},
                                      {"type", type}});
    }
    status["completionTime"] = time_of(0);
  }
  const Json pod_template = {
      {"metadata",
       {{"labels",
         {{"batch.kubernetes.io/controller-uid", kJobUid},
          {"batch.kubernetes.io/job-name", "work"},
          {"controller-uid", kJobUid},
          {"job-name", "work"}}}}},
      {"spec", {{"containers", {container("main", kVariables)}}, {"restartPolicy", "Never"}}}};
  return event_text(done == 0 ? "ADDED" : "MODIFIED",
                    {{"apiVersion", "batch/v1"},
                     {"kind", "Job"},
                     {"metadata",
                      {{"creationTimestamp", time_of(0)},
                       {"generation", 1},
                       {"name", "work"},
                       {"namespace", "default"},
                       {"resourceVersion", fmt::format("{}", version)},
                       {"uid", kJobUid}}},
                     {"spec",
                      {{"backoffLimit", 6},
                       {"completionMode", "Indexed"},
                       {"completions", pods_},
                       {"manualSelector", false},
                       {"parallelism", kBatch},
                       {"podReplacementPolicy", "TerminatingOrFailed"},
                       {"selector", {{"matchLabels", {{"batch.kubernetes.io/controller-uid", kJobUid}}}}},
                       {"suspend", false},
                       {"template", pod_template}}},
                     {"status", std::move(status)}});
}

void WatchedJob::events(const std::function<void(bool of_pod, std::string_view event)>& receive) const {
  std::uint64_t version = kFirstVersion;
  receive(false, job_event(0, ++version));
  std::string text;
  std::uint64_t told = 0;
  for (std::uint32_t first = 0; first < pods_; first += kBatch) {
    const std::uint32_t end = std::min(pods_, first + kBatch);
    for (std::uint32_t stage = 0; stage < kStages; ++stage) {
      for (std::uint32_t index = first; index < end; ++index) {
        const Template& parts = stages_[stage];
        const auto second = static_cast<std::uint32_t>(++told / 1000);
        text.clear();
        for (std::size_t i = 0; i < parts.pieces.size(); ++i) {
          text += parts.pieces[i];
          if (i == parts.gaps.size()) {
            break;
          }
          switch (parts.gaps[i]) {
            case kIndex:
              text += std::to_string(index);
              break;
            case kUid:
              text += fmt::format("0c000000-0000-4000-8000-{:012}", index);
              break;
            case kVersion:
              text += std::to_string(version + 1);
              break;
            case kNode:
              text += std::to_string(index % kNodes);
              break;
            case kTime:
              text += time_of(second);
              break;
            default:
              text += suffix_of(index);
          }
        }
        ++version;
        receive(true, text);
      }
    }
    receive(false, job_event(end, ++version));
  }
}

std::string plan_of(const WatchedJob& job) {
  return fmt::format(R"(apiVersion: rehearsal/v1
scenario: a large Job runs
until: 10h
files:
  work.yaml: |
    apiVersion: batch/v1
    kind: Job
    metadata: {{name: work}}
    spec:
      completions: {}
      parallelism: {}
      completionMode: Indexed
      template:
        spec:
          restartPolicy: Never
          containers: [{{name: main, image: "registry.example/task/main:1.4.2", resources: {{requests: {{cpu: 10m, memory: 16Mi}}}}}}]
plan:
  - {{step: create it, run: kubectl apply -f work.yaml}}
  - {{step: it completes, run: kubectl wait --for=condition=complete job/work --timeout=5h, timeout: 5h}}
)",
                     job.pods(), WatchedJob::kBatch);
}

void record(const WatchedJob& job, const std::string& path) {
  using namespace scenarios::targets;
  using namespace std::chrono_literals;
  using Kind = ProgramEvent::Kind;
  RecordingHeader header;
  header.tool = "the benchmark";
  header.started = "2026-01-01T01:00:00Z";
  header.cluster = {{"version", "v1.32.2"}};
  header.plan = plan_of(job);
  RecordingWriter writer(path, header, {.compression_level = 1, .batch_bytes = std::size_t{16} << 20U});
  sim::Time now = 1ms;
  ProcessId last = 0;
  const auto start = [&](std::vector<std::string> arguments) {
    writer.start(now, {++last, std::move(arguments), {}});
    return last;
  };
  const auto tell = [&](ProcessId process, Kind kind, std::string data) {
    writer.event({process, kind, std::move(data), 0, now});
  };
  const ProcessId list =
      start({"kubectl", "get", "nodes,pods,statefulsets,jobs,persistentvolumeclaims,controllerrevisions",
             "-A", "--show-managed-fields", "-o", "json"});
  tell(list, Kind::Output, job.snapshot());
  tell(list, Kind::Exited, {});
  std::vector<ProcessId> watches;
  for (const char* kind :
       {"nodes", "pods", "statefulsets", "jobs", "persistentvolumeclaims", "controllerrevisions"}) {
    watches.push_back(start({"kubectl", "get", kind, "-A", "--watch", "--output-watch-events",
                             "--show-managed-fields", "-o", "json"}));
  }
  now += 1ms;
  tell(watches[0], Kind::Output, job.nodes());
  now += 1ms;
  const ProcessId apply = start({"kubectl", "apply", "-f", "-"});
  now += 10ms;
  tell(apply, Kind::Output, "job.batch/work created\n");
  tell(apply, Kind::Exited, {});
  const ProcessId wait = start({"kubectl", "wait", "--for=condition=complete", "job/work", "--timeout=5h"});
  job.events([&](bool of_pod, std::string_view event) {
    now += 1ms;
    tell(watches[of_pod ? 1 : 3], Kind::Output, std::string(event));
  });
  now += 1ms;
  tell(wait, Kind::Output, "job.batch/work condition met\n");
  tell(wait, Kind::Exited, {});
  now += 5s;
  for (const ProcessId watch : watches) {
    writer.note(now, fmt::format("{{\"kill\":{}}}", watch));
  }
  writer.finish({});
  if (!writer.problem().empty()) {
    fmt::print(stderr, "{}\n", writer.problem());
    std::exit(2);
  }
}

}  // namespace benchmarks
