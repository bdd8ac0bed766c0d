#include "scenarios/build.h"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "models/flux/minicluster_api.h"
#include "models/kubernetes/json/cluster_classes_json.h"
#include "models/kubernetes/json/snapshot.h"
#include "models/kubernetes/node_taints.h"
#include "models/kubernetes/object_writes.h"
#include "scenarios/cluster_files.h"
#include "scenarios/cluster_version.h"
#include "scenarios/commands/manifest_text.h"
#include "scenarios/described_cloud.h"
#include "scenarios/described_cluster.h"
#include "scenarios/described_iomesh.h"
#include "scenarios/dropped_fields.h"
#include "scenarios/language/load.h"
#include "scenarios/language/validate.h"
#include "scenarios/observed_cloud.h"
#include "scenarios/observed_iomesh.h"
#include "scenarios/other_kinds.h"
#include "scenarios/plan/compile.h"
#include "scenarios/plan/contexts.h"
#include "scenarios/profiles.h"
#include "scenarios/unlabelled_pods.h"

namespace scenarios {

namespace {

namespace kubernetes = models::kubernetes;
namespace flux = models::flux;
using kubernetes::Writer;
using language::Diagnostics;
using language::Location;

constexpr std::string_view kDefaultVersion = "1.34.0";
/// 2024-01-01T00:00:00Z, where a scenario states no date. Assumed; only printed.
constexpr std::int64_t kDefaultEpoch = 1'704'067'200;

language::KnownWords known_words() {
  language::KnownWords words;
  words.kubernetes_versions = {{1, 26, 0}, {1, 35, 0}};
  words.checks = checks::declarations();
  words.profiles = profile_names();
  return words;
}

class Builder {
 public:
  Builder(language::Scenario scenario, const LoadRequest& request, Diagnostics& diagnostics)
      : request_(request), diagnostics_(diagnostics), turn_{world().cluster, world().agenda, context_} {
    rehearsal_.scenario = std::move(scenario);
  }

  std::optional<Rehearsal> build() {
    read_files();
    const std::size_t errors_of_files = diagnostics_.error_count();
    settings();
    if (diagnostics_.error_count() > errors_of_files) {
      return std::nullopt;
    }
    nodes();
    cloud();
    objects();
    cloud_as_listed();
    check_names();
    program();
    if (diagnostics_.has_errors()) {
      return std::nullopt;
    }
    basis();
    world().cluster.strings.freeze();
    rehearsal_.arguments = arguments();
    rehearsal_.hash = hash_of_input();
    return std::move(rehearsal_);
  }

 private:
  World& world() { return rehearsal_.world; }
  const language::Scenario& scenario() const { return rehearsal_.scenario; }
  const language::Cluster& described() const {
    static const language::Cluster none;
    return scenario().cluster ? *scenario().cluster : none;
  }

  std::int64_t epoch() const {
    const std::string& date = scenario().date.value;
    const auto seconds = date.empty() ? std::nullopt : kubernetes::json::parse_time(date);
    return seconds.value_or(latest_ != 0 ? latest_ : kDefaultEpoch);
  }

  /// Gates of the observed cluster that mean something here.
  std::vector<std::pair<std::string, bool>> observed_gates() const {
    std::vector<std::pair<std::string, bool>> gates = request_.feature_gates;
    std::erase_if(gates, [&](const std::pair<std::string, bool>& gate) {
      kubernetes::Features features;
      return !kubernetes::resolve_features(version_, {gate}, features).empty();
    });
    return gates;
  }

  kubernetes::ComponentSettings components(const language::Kubernetes& wanted) {
    kubernetes::ComponentSettings components;
    if (wanted.shutdown_grace_period.given()) {
      components.shutdown_grace = wanted.shutdown_grace_period.value;
    }
    if (wanted.shutdown_grace_period_critical.given()) {
      components.shutdown_grace_critical = wanted.shutdown_grace_period_critical.value;
      // Source: pkg/kubelet/apis/config/validation/validation.go ValidateKubeletConfiguration.
      if (components.shutdown_grace_critical > components.shutdown_grace) {
        diagnostics_.error(wanted.shutdown_grace_period_critical.at,
                           "cluster.kubernetes.shutdownGracePeriodCriticalPods",
                           "the part for critical pods is longer than shutdownGracePeriod",
                           "at most shutdownGracePeriod, such as 20s of 60s");
      }
    }
    if (wanted.terminated_pod_threshold.given()) {
      components.terminated_pod_threshold = wanted.terminated_pod_threshold.value;
    }
    components.force_detach_on_timeout =
        !(wanted.disable_force_detach_on_timeout.given() && wanted.disable_force_detach_on_timeout.value);
    return components;
  }

  void settings() {
    auto settings = std::make_shared<kubernetes::Settings>();
    const language::Kubernetes& wanted = described().kubernetes;
    Location told_at = wanted.version.at;
    std::string told_in = "cluster.kubernetes.version";
    if (wanted.version.given()) {
      version_ = language::format_version(wanted.version.value);
      cluster_version_.warn_of_newer_kubelets(wanted.version.value, diagnostics_);
    } else if (!request_.version.empty()) {
      version_ = request_.version;
    } else if (const std::optional<ToldVersion> told = cluster_version_.told()) {
      version_ = language::format_version(told->release);
      version_basis_ = told->basis;
      told_at = told->at;
      told_in = told->field;
    } else {
      version_ = kDefaultVersion;
    }
    std::vector<std::pair<std::string, bool>> gates = observed_gates();
    for (const auto& gate : wanted.feature_gates) {
      gates.emplace_back(gate.name.value, gate.value.value);
    }
    for (const kubernetes::FeatureError& error :
         kubernetes::resolve_features(version_, gates, settings->features)) {
      Location at = told_at;
      std::string field = told_in;
      for (const auto& gate : wanted.feature_gates) {
        if (gate.name.value == error.word) {
          at = gate.name.at;
          field = "cluster.kubernetes.featureGates." + error.word;
        }
      }
      diagnostics_.error(
          at, field, error.problem,
          version_basis_ ? error.hint + "; cluster.kubernetes.version says which to rehearse" : error.hint);
    }
    const language::Text& profile = wanted.profile.given() ? wanted.profile : scenario().profile;
    if (auto loaded = load_profile(profile, scenario().file, diagnostics_)) {
      settings->profile = *std::move(loaded);
    }
    settings->behaviours = described_behaviours(scenario());
    settings->adverse_ties = wanted.scheduler_ties.value == "adverse";
    settings->components = components(wanted);
    world().cluster.settings = std::move(settings);
  }

  /// Nodes of servers that have been off for long (assumed) are seen as such from the start. Source:
  /// pkg/controller/nodelifecycle node_lifecycle_controller.go, UnreachableTaintTemplate and its NoSchedule
  /// twin.
  void nodes() {
    const std::set<std::string> off =
        described().openstack ? nodes_without_power(*described().openstack) : std::set<std::string>{};
    for (DescribedNode& described_node : described_nodes(described(), "v" + version_)) {
      if (world().cluster.find_node(described_node.name) != kubernetes::kNoRow) {
        diagnostics_.error(described_node.at, "cluster.nodes",
                           fmt::format("node {} is described twice", described_node.name), "");
        continue;
      }
      kubernetes::Node node;
      node.meta.name = world().cluster.strings.intern(described_node.name);
      node.shape = world().cluster.add_node_shape(std::move(described_node.shape));
      if (off.contains(described_node.name)) {
        node.ready = false;
        node.ready_unknown = true;
        for (const char* effect : {"NoSchedule", "NoExecute"}) {
          described_node.taints.push_back({kubernetes::node_taints::kUnreachable, "", effect});
        }
      }
      node.taint_set = world().cluster.add_taint_set(std::move(described_node.taints));
      node.unschedulable = described_node.unschedulable;
      kubernetes::create_node(turn_, node, {Writer::Setup});
    }
  }

  models::openstack::Turn cloud_turn() {
    return {world().openstack, world().cluster.settings->profile, world().agenda, context_,
            world().cluster.next_uid};
  }

  /// The cloud below the nodes.
  void cloud() {
    if (!described().openstack) {
      return;
    }
    models::openstack::Turn turn = cloud_turn();
    make_cloud(*described().openstack, turn, diagnostics_);
  }

  /// What was seen of the cloud counts more than what the scenario says. Nodes whose servers are off are
  /// silent.
  void cloud_as_listed() {
    if (!described().openstack && server_lists_.empty()) {
      return;
    }
    world().openstack.epoch_seconds = epoch();
    models::openstack::Turn turn = cloud_turn();
    if (!described().openstack) {
      make_cloud(observed_cloud(server_lists_, world().cluster, node_addresses_, observed_basis_), turn,
                 diagnostics_);
    }
    for (const std::string& file : server_lists_) {
      read_server_list(file, turn, diagnostics_);
    }
    for (const models::openstack::Server& server : world().openstack.servers) {
      const kubernetes::Row node = world().cluster.find_node(server.kubernetes_node);
      if (!server.guest_on && node != kubernetes::kNoRow) {
        kubernetes::apply(turn_, {kubernetes::FaultKind::NodeDies, node, 0, 0});
      }
    }
  }

  [[nodiscard]] bool has_files() const {
    return !described().manifests.empty() || !described().snapshot.empty() ||
           !request_.cluster_files.empty() || request_.observed != nullptr;
  }

  /// Manifests and snapshots, whose objects are created once it is known which release they are for.
  void read_files() {
    for (const language::Text& file : described().manifests) {
      read_file(language::path_beside(scenario().file, file.value), false);
    }
    for (const language::Text& file : described().snapshot) {
      read_file(language::path_beside(scenario().file, file.value), true);
    }
    for (const std::string& path : request_.cluster_files) {
      read_file(path, false);
    }
    if (request_.observed != nullptr) {
      from_snapshot_ = true;
      for (const Json& object : *request_.observed) {
        if (!kubernetes::json::take_cluster_class(object, classes_)) {
          take_from_snapshot({object, {}});
        }
      }
    }
  }

  /// Described objects, manifests and snapshots, in that order.
  void objects() {
    if (!has_files()) {
      described_storage();
    }
    for (DescribedObject& object : described_objects(described())) {
      create(std::move(object.manifest), object.at, object.field);
    }
    for (FileObject& object : std::exchange(manifests_, {})) {
      unlabelled_pods_.take_object(object.object, object.at);
      create(std::move(object.object), object.at, {});
    }
    if (has_files() && !storage_) {
      described_storage();
    }
    link_snapshot();
    unlabelled_pods_.warn(world().cluster, diagnostics_);
    observed_storage();
    auto settings = std::make_shared<kubernetes::Settings>(*world().cluster.settings);
    settings->classes = std::move(classes_);
    world().cluster.settings = std::move(settings);
    warn_of_unmodelled();
  }

  void described_storage() {
    if (described().iomesh) {
      models::iomesh::Turn storage{world().iomesh, turn_};
      for (DescribedObject& object : make_iomesh(*described().iomesh, storage, classes_, diagnostics_)) {
        create(std::move(object.manifest), object.at, object.field);
      }
    }
  }

  /// The storage whose resource lies among the files.
  void observed_storage() {
    if (storage_) {
      models::iomesh::Turn storage{world().iomesh, turn_};
      observed_basis_ =
          observe_iomesh(*storage_, node_addresses_, described().iomesh ? &*described().iomesh : nullptr,
                         storage, diagnostics_);
    }
  }

  /// Reads a file of objects. One that carries a uid comes from a cluster: it is taken with its status. The
  /// others are manifests: they are created as a person would create them.
  void read_file(const std::string& path, bool snapshot) {
    for (const std::string& file : cluster_files(path, diagnostics_)) {
      read_.push_back(file);
      if (is_server_list(file)) {
        server_lists_.push_back(file);
        continue;
      }
      if (cluster_version_.take_file(file, diagnostics_)) {
        continue;
      }
      bool has_pods = false;
      PodsApart apart;
      apart.every_pod = snapshot;
      apart.glimpse = [&](PodGlimpse&& pod) {
        has_pods = from_snapshot_ = true;
        latest_ = std::max(latest_, pod.latest_time);
        snapshot_.await_pod(pod.name_space, pod.name);
      };
      read_objects(
          file,
          [&](FileObject&& object) {
            note_addresses(object.object, node_addresses_);
            cluster_version_.take_object(object.object, object.at);
            if (is_iomesh(object.object)) {
              storage_ = std::move(object);
              return;
            }
            if (kubernetes::json::take_cluster_class(object.object, classes_)) {
              return;
            }
            const auto metadata = object.object.find("metadata");
            const bool lives =
                metadata != object.object.end() && metadata->is_object() && metadata->contains("uid");
            if (snapshot || lives) {
              take_from_snapshot(std::move(object));
            } else {
              manifests_.push_back(std::move(object));
            }
          },
          diagnostics_, &apart);
      if (has_pods) {
        pod_files_.emplace_back(file, snapshot);
      }
    }
  }

  /// Reads the files of the snapshot's pods again.
  void read_pods(const std::function<void(Json&&)>& receive) {
    for (const auto& [file, every_pod] : pod_files_) {
      PodsApart apart;
      apart.pass = PodsApart::Pass::pods;
      apart.every_pod = every_pod;
      Diagnostics told_before;
      read_objects(
          file,
          [&](FileObject&& object) {
            unlabelled_pods_.take_object(object.object, object.at);
            receive(std::move(object.object));
          },
          told_before, &apart);
    }
  }

  static bool is_minicluster(const Json& object) { return object.value("kind", "") == "MiniCluster"; }

  void create(Json manifest, const Location& at, const std::string& field) {
    if (is_minicluster(manifest)) {
      flux::FluxTurn flux_turn{world().flux, turn_};
      const flux::ChangeResult result =
          flux::create_minicluster(flux_turn, manifest, setting_of(manifest), {Writer::Setup});
      report(result.problems, at, field);
      if (!result.ok() && result.problems.errors.empty()) {
        diagnostics_.error(at, field, result.error, "");
      }
      return;
    }
    kubernetes::ApiError error;
    kubernetes::WriteNotes notes;
    for (const std::string& dropped : dropped_fields(manifest, world().cluster.features())) {
      ++unmodelled_[dropped];
    }
    kubernetes::create_object(turn_, manifest, "default", {Writer::Setup}, error, notes);
    if (error && error.reason == "NoMatch" && is_of_other_kind(manifest)) {
      ++other_kinds_[manifest.value("kind", "")];
    } else if (error) {
      diagnostics_.error(at, field, error.message, "");
    }
    for (const kubernetes::json::Problem& problem : notes.unmodelled) {
      ++unmodelled_[problem.field + ": " + problem.text];
    }
    for (const std::string& warning : notes.warnings) {
      ++unmodelled_[warning];
    }
  }

  flux::MiniClusterSetting setting_of(const Json& manifest) const {
    flux::MiniClusterSetting setting;
    const std::string name = manifest.contains("metadata") ? manifest["metadata"].value("name", "") : "";
    for (const auto& minicluster : described().miniclusters) {
      if (minicluster.name.value == name) {
        setting.cores = static_cast<std::int32_t>(minicluster.value.cores.value);
        if (minicluster.value.flux_version.given()) {
          setting.flux_minor = minicluster.value.flux_version.value.minor_number;
        }
      }
    }
    return setting;
  }

  void take_from_snapshot(FileObject&& object) {
    from_snapshot_ = true;
    latest_ = std::max(latest_, kubernetes::json::latest_time(object.object));
    if (!object.at.known()) {
      cluster_version_.take_object(object.object, object.at);
      unlabelled_pods_.take_object(object.object, object.at);
    }
    snapshot_.add(std::move(object.object));
  }

  void link_snapshot() {
    if (!from_snapshot_) {
      return;
    }
    snapshot_.begin_at(epoch());
    kubernetes::json::SnapshotResult result =
        snapshot_.finish(turn_, [this](const std::function<void(Json&&)>& receive) { read_pods(receive); });
    for (const kubernetes::json::SnapshotNote& note : result.errors) {
      diagnostics_.error({}, fmt::format("{} {}", note.kind, note.object), note_text(note), "");
    }
    for (const kubernetes::json::SnapshotNote& note : result.warnings) {
      rehearsal_.warnings.push_back(fmt::format("{} {}: {}", note.kind, note.object, note_text(note)));
    }
    for (const auto& [kind, count] : result.other_kinds) {
      other_kinds_[kind] += count;
    }
    for (const Json& object : result.custom_resources) {
      flux::FluxTurn flux_turn{world().flux, turn_};
      const flux::ChangeResult created =
          flux::create_minicluster(flux_turn, object, setting_of(object), {Writer::Setup});
      report(created.problems, {}, {});
      if (created.ok()) {
        flux::settle_minicluster(flux_turn, created.row);
      } else if (created.problems.errors.empty()) {
        diagnostics_.error({}, {}, created.error, "");
      }
    }
  }

  static std::string note_text(const kubernetes::json::SnapshotNote& note) {
    return fmt::format("{}{}{}{}", note.field, note.field.empty() ? "" : ": ", note.text,
                       note.objects == 1 ? "" : fmt::format(" (and {} more)", note.objects - 1));
  }

  void report(const kubernetes::json::Problems& problems, const Location& at, const std::string& field) {
    for (const kubernetes::json::Problem& problem : problems.errors) {
      diagnostics_.error(at, field.empty() ? problem.field : field + "." + problem.field, problem.text, "");
    }
    for (const std::string& path : problems.unknown) {
      ++unmodelled_[fmt::format("{}: no such field", path)];
    }
    for (const kubernetes::json::Problem& problem : problems.unmodelled) {
      ++unmodelled_[problem.field + ": " + problem.text];
    }
  }

  /// What was read and is not modelled, each once, with how often it stands there.
  void warn_of_unmodelled() {
    for (const auto& [kind, count] : other_kinds_) {
      rehearsal_.warnings.push_back(fmt::format("{} {} of kind {} {} not modelled and left out", count,
                                                count == 1 ? "object" : "objects", kind,
                                                count == 1 ? "is" : "are"));
    }
    for (const auto& [what, count] : unmodelled_) {
      rehearsal_.warnings.push_back(count == 1 ? what : fmt::format("{} ({} times)", what, count));
    }
  }

  /// Now that manifests and snapshots are read, names that refer to nothing can be told.
  void check_names() {
    const kubernetes::Cluster& cluster = world().cluster;
    language::ObjectNames names = language::names_in(scenario());
    const auto add = [&](const auto& store, std::vector<std::string>& into) {
      for (kubernetes::Row row = 0; row < store.extent(); ++row) {
        if (store.exists(row)) {
          into.push_back(cluster.strings[store[row].meta.name]);
        }
      }
    };
    add(cluster.nodes, names.nodes);
    add(cluster.statefulsets, names.objects);
    add(cluster.deployments, names.objects);
    add(cluster.replicasets, names.objects);
    add(cluster.daemonsets, names.objects);
    add(cluster.jobs, names.objects);
    for (std::uint32_t row = 0; row < world().flux.miniclusters.extent(); ++row) {
      if (world().flux.miniclusters.alive(row)) {
        names.objects.push_back(cluster.strings[world().flux.miniclusters[row].meta.name]);
        names.miniclusters.push_back(names.objects.back());
      }
    }
    for (kubernetes::Row row = 0; row < cluster.pods.extent(); ++row) {
      if (cluster.pods.exists(row)) {
        names.pods.push_back(cluster.name_of(cluster.pods[row]));
      }
    }
    for (const models::openstack::Server& server : world().openstack.servers) {
      names.servers.push_back(server.name);
    }
    // Files that the plan applies may bring further objects.
    names.complete = scenario().files.empty();
    if (!described().manifests.empty() || !described().snapshot.empty() || !request_.cluster_files.empty() ||
        request_.observed != nullptr) {
      language::validate(scenario(), known_words(), names, diagnostics_);
    }
  }

  commands::LoadContext load_context() {
    commands::LoadContext context;
    context.features = world().cluster.features();
    context.epoch_seconds = epoch();
    for (const auto& entry : scenario().files) {
      commands::ManifestFile file{entry.name.value, {}};
      const std::string name = entry.value.content.given() ? scenario().file : entry.value.path.value;
      const std::vector<language::Document> documents =
          language::load_documents(entry.value.content.value, fmt::format("{} ({})", name, entry.name.value),
                                   language::manifest_limits(), diagnostics_);
      for (const language::Document& document : documents) {
        if (!document.root.is_null()) {
          file.documents.push_back(commands::json_of(document.root));
        }
      }
      context.files.push_back(std::move(file));
    }
    if (world().iomesh.given()) {
      take_values_files(world().iomesh, context.files);
    }
    return context;
  }

  void program() {
    auto program = std::make_shared<Program>();
    program->plan = plan::compile(scenario(), load_context(), diagnostics_, request_.unknown_commands);
    plan::compile_contexts(scenario(), program->plan, diagnostics_);
    judge_clouds(program->plan);
    program->checks =
        checks::compile(scenario().checks, program->plan, diagnostics_, scenario().expect.given());
    program->faults = scenario().faults;
    world().openstack.charges_matter =
        std::any_of(program->checks.begin(), program->checks.end(),
                    [](const checks::CompiledCheck& check) { return check.name == "costs-at-most"; });
    program->until = scenario().until.value;
    program->starts_settled = from_snapshot_;
    for (std::uint32_t i = 0; i < program->checks.size(); ++i) {
      std::vector<std::uint16_t> fields = program->checks[i].check->fields();
      if (fields.empty()) {
        every_field(fields);
      }
      for (const std::uint16_t field : fields) {
        if (field >= program->checks_by_field.size()) {
          program->checks_by_field.resize(field + std::size_t{1});
        }
        program->checks_by_field[field].push_back(i);
      }
    }
    world().plan.steps.resize(program->plan.steps.size());
    for (plan::StepState& step : world().plan.steps) {
      step.uid = world().cluster.next_uid++;
      rehearsal_.history.introduce(step.uid, {});
    }
    world().program = std::move(program);
  }

  /// A command of a cloud that is not there would fail in every rehearsal.
  void judge_clouds(const plan::CompiledPlan& plan) {
    if (world().openstack.given() || request_.observed != nullptr || request_.unknown_commands) {
      return;
    }
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
      for (const plan::CompiledCommand& command : plan.steps[i].commands) {
        if (!command.words.empty() && commands::Argument::of(command.words.front()).text() == "openstack") {
          diagnostics_.error(command.at, fmt::format("plan[{}].run", i),
                             "there is no cloud for openstack to ask",
                             "give what openstack server list -f json prints to --cluster, or describe "
                             "cluster.openstack");
          return;
        }
      }
    }
  }

  static void every_field(std::vector<std::uint16_t>& fields) {
    for (std::uint16_t field = 1; field < 130; ++field) {
      fields.push_back(field);
    }
    for (std::uint16_t field = flux::kFieldBegin; field < flux::kFieldEnd; ++field) {
      fields.push_back(field);
    }
    for (std::uint16_t field = models::openstack::kFieldBegin; field < models::openstack::kFieldEnd;
         ++field) {
      fields.push_back(field);
    }
    for (std::uint16_t field = models::iomesh::kFieldBegin; field < models::iomesh::kFieldEnd; ++field) {
      fields.push_back(field);
    }
    for (auto field = static_cast<std::uint16_t>(plan::Field::StepStarted);
         field <= static_cast<std::uint16_t>(plan::Field::ThenHolds); ++field) {
      fields.push_back(field);
    }
  }

  /// What the verdict rests on: the modelled rules, and what the scenario states. A run adds the timings it
  /// used.
  void basis() {
    rehearsal_.basis.push_back({fmt::format("Kubernetes {} rules", version_), "source",
                                "kubernetes/kubernetes, cited beside each modelled rule"});
    if (version_basis_) {
      rehearsal_.basis.push_back(*version_basis_);
    } else if (from_snapshot_ && request_.version.empty() && !described().kubernetes.version.given()) {
      rehearsal_.basis.push_back({fmt::format("Kubernetes version {}", version_), "assumed",
                                  "the default: the files tell none, and the scenario does not say it"});
    }
    if (world().openstack.given()) {
      rehearsal_.basis.push_back(
          {"OpenStack Nova rules", "source", "openstack/nova, cited beside each modelled rule"});
    }
    if (described().iomesh && !storage_) {
      tell_parameters(*described().iomesh, world().iomesh, rehearsal_.basis);
    }
    rehearsal_.basis.insert(rehearsal_.basis.end(), observed_basis_.begin(), observed_basis_.end());
    for (const auto& entry : scenario().behaviour) {
      rehearsal_.basis.push_back({fmt::format("behaviour of {}", entry.name.value), "stated",
                                  fmt::format("in the scenario, line {}", entry.name.at.line)});
    }
  }

  std::string arguments() const {
    std::string text = request_.file;
    for (const std::string& path : request_.cluster_files) {
      text += " --cluster " + path;
    }
    for (const std::string& assignment : request_.overrides) {
      text += fmt::format(" --set '{}'", assignment);
    }
    return text;
  }

  /// Of every byte that was read, so that a result can be held against its input.
  std::string hash_of_input() {
    sim::Hasher hasher;
    std::vector<std::string> files = read_;
    if (request_.text) {
      hasher.add(std::string_view(*request_.text));
    } else {
      files.insert(files.begin(), request_.file);
    }
    for (const std::string& file : files) {
      std::ifstream stream(file, std::ios::binary);
      std::string block(std::size_t{1} << 20U, '\0');
      while (stream.read(block.data(), static_cast<std::streamsize>(block.size())) || stream.gcount() > 0) {
        hasher.add(std::string_view(block).substr(0, static_cast<std::size_t>(stream.gcount())));
      }
    }
    for (const std::string& assignment : request_.overrides) {
      hasher.add(std::string_view(assignment));
    }
    const sim::Digest digest = hasher.digest();
    return fmt::format("{:016x}{:016x}", digest.high, digest.low);
  }

  LoadRequest request_;
  Diagnostics& diagnostics_;
  Rehearsal rehearsal_;
  sim::NominalChoices choices_;
  sim::Context context_{choices_, rehearsal_.history};
  kubernetes::Turn turn_;
  std::string version_;
  ClusterVersion cluster_version_;
  std::optional<sim::Basis> version_basis_;  ///< where it is from, if from the files
  std::vector<FileObject> manifests_;        ///< to be created
  UnlabelledPods unlabelled_pods_;
  kubernetes::json::SnapshotLinker snapshot_{0};
  kubernetes::json::UnixSeconds latest_ = 0;             ///< the latest time that the snapshot mentions
  std::vector<std::string> read_;                        ///< manifests and snapshots
  std::vector<std::pair<std::string, bool>> pod_files_;  ///< with pods to come; whether all of theirs count
  std::vector<std::string> server_lists_;                ///< what `openstack server list -f json` printed
  std::optional<FileObject> storage_;                    ///< the resource of IOMesh among the files
  NodeAddresses node_addresses_;
  std::vector<sim::Basis> observed_basis_;
  bool from_snapshot_ = false;
  std::map<std::string, std::size_t> unmodelled_;
  std::map<std::string, std::size_t> other_kinds_;  ///< objects that were left out, by kind
  kubernetes::ClusterClasses classes_;
};

}  // namespace

std::optional<Rehearsal> load(const LoadRequest& request, Diagnostics& diagnostics) {
  language::LoadOptions options;
  options.known = known_words();
  options.overrides = request.overrides;
  options.more_objects = !request.cluster_files.empty() || request.observed != nullptr;
  language::LoadResult result = request.text
                                    ? language::load_scenario_text(*request.text, request.file, options)
                                    : language::load_scenario(request.file, options);
  for (const language::Diagnostic& diagnostic : result.diagnostics) {
    diagnostics.add(diagnostic);
  }
  if (!result.scenario) {
    return std::nullopt;
  }
  if (!result.scenario->cluster && request.cluster_files.empty() && request.observed == nullptr) {
    diagnostics.error({request.file, 1, 1}, "cluster",
                      "neither the scenario nor the command line says where to rehearse",
                      "add cluster: to the scenario, or --cluster SNAPSHOT-OR-MANIFESTS to the command");
    return std::nullopt;
  }
  return Builder(*std::move(result.scenario), request, diagnostics).build();
}

}  // namespace scenarios
