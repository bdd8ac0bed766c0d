// kubectl get. Source: kubectl pkg/cmd/get/get.go, get_flags.go; cli-runtime pkg/printers.

#include <fmt/format.h>

#include <algorithm>

#include "models/iomesh/resource.h"
#include "models/kubernetes/printers.h"
#include "scenarios/commands/custom_columns.h"
#include "scenarios/commands/duration_text.h"
#include "scenarios/commands/iomeshctl.h"
#include "scenarios/commands/json_text.h"
#include "scenarios/commands/jsonpath.h"
#include "scenarios/commands/object_order.h"
#include "scenarios/commands/resource_arguments.h"
#include "scenarios/commands/sub_commands.h"
#include "scenarios/commands/table.h"
#include "scenarios/commands/yaml_text.h"

namespace scenarios::commands {

namespace {

const Flags& get_flags() {
  static const Flags flags(Flags::Of::kubectl, "kubectl get",
                           {{"output", 'o', FlagType::text},
                            {"selector", 'l', FlagType::text},
                            {"field-selector", 0, FlagType::text},
                            {"sort-by", 0, FlagType::text},
                            {"all-namespaces", 'A', FlagType::boolean},
                            {"no-headers", 0, FlagType::boolean},
                            {"ignore-not-found", 0, FlagType::boolean},
                            {"label-columns", 'L', FlagType::comma_list},
                            {"show-kind", 0, FlagType::boolean},
                            {"show-labels", 0, FlagType::boolean}},
                           {{"allow-missing-template-keys", 0, FlagType::boolean},
                            {"chunk-size", 0, FlagType::integer},
                            {"filename", 'f', FlagType::comma_list},
                            {"kustomize", 'k', FlagType::text},
                            {"output-watch-events", 0, FlagType::boolean},
                            {"raw", 0, FlagType::text},
                            {"recursive", 'R', FlagType::boolean},
                            {"server-print", 0, FlagType::boolean},
                            {"show-managed-fields", 0, FlagType::boolean},
                            {"subresource", 0, FlagType::text},
                            {"template", 0, FlagType::text},
                            {"watch", 'w', FlagType::boolean},
                            {"watch-only", 0, FlagType::boolean}});
  return flags;
}

enum class Format : std::uint8_t {
  table,
  wide,
  json,
  yaml,
  name,
  jsonpath,
  jsonpath_as_json,
  custom_columns
};

struct GetRequest {
  ResourceQuery query;
  Format format = Format::table;
  std::string jsonpath_text;
  std::optional<JsonPath> jsonpath;
  std::optional<CustomColumns> custom_columns;
  std::optional<JsonPath> sort_by;
  std::string sort_by_text;
  bool headers = true;
  bool ignore_not_found = false;
  bool show_kind = false;
  bool show_labels = false;
  std::vector<std::string> label_columns;
  std::int64_t epoch_seconds = 0;
  bool iomesh = false;      ///< the IOMesh resource instead of `query`'s items
  std::string iomesh_name;  ///< empty: all, which is one
};

class GetCommand : public Action {
 public:
  explicit GetCommand(GetRequest request) : request_(std::move(request)) {}

  void advance(CommandState& state, Systems& systems, By) const override {
    KubectlErrors errors;
    if (request_.iomesh) {
      show_iomesh(state, systems, errors);
      errors.finish_with(state);
      return;
    }
    FoundObjects found = find_objects(systems, request_.query);
    for (const models::kubernetes::ApiError& error : found.errors) {
      if (!request_.ignore_not_found) {
        errors.add(error);
      }
    }
    const bool as_tables = request_.format == Format::table || request_.format == Format::wide;
    if (request_.sort_by && !sort(systems, found.objects, as_tables, errors)) {
      errors.finish_with(state);
      return;
    }
    if (as_tables) {
      print_tables(state, systems, found.objects, errors.empty());
    } else {
      print_objects(state, systems, found, errors);
    }
    errors.finish_with(state);
  }

 private:
  /// The one custom resource of IOMesh.
  void show_iomesh(CommandState& state, Systems& systems, KubectlErrors& errors) const {
    const auto turn = iomesh_turn(systems);
    if (!turn) {
      errors.add("error: the server doesn't have a resource type \"iomesh\"",
                 "the server doesn't have a resource type \"iomesh\"");
      return;
    }
    const bool in_namespace = request_.query.all_namespaces ||
                              turn->cluster().strings[turn->state.name_space] == request_.query.name_space;
    if (!in_namespace || (!request_.iomesh_name.empty() && request_.iomesh_name != "iomesh")) {
      if (!request_.iomesh_name.empty() && !request_.ignore_not_found) {
        const std::string text = fmt::format(
            "Error from server (NotFound): iomeshes.iomesh.com \"{}\" not found", request_.iomesh_name);
        errors.add(text, text);
      } else if (!request_.ignore_not_found) {
        state.errors += fmt::format("No resources found in {} namespace.\n", request_.query.name_space);
      }
      return;
    }
    if (request_.format == Format::table || request_.format == Format::wide) {
      Table table({"NAME", "AGE"});
      table.add_row({"iomesh", human_duration(turn->now() - sim::Time{})});
      state.output += table.to_text(request_.headers);
    } else if (request_.format == Format::name) {
      state.output += "iomesh.iomesh.com/iomesh\n";
    } else {
      const Json object = iomesh::resource::to_json(turn->state, turn->cluster(), turn->now());
      const Json list = {{"apiVersion", "v1"},
                         {"items", Json::array({object})},
                         {"kind", "List"},
                         {"metadata", {{"resourceVersion", ""}}}};
      print(state, request_.iomesh_name.empty() ? list : object, errors);
    }
  }

  /// Sorts what one table shows, or all. @return whether that was possible.
  bool sort(const Systems& systems, std::vector<ObjectRef>& objects, bool by_kind,
            KubectlErrors& errors) const {
    for (std::size_t begin = 0; begin < objects.size();) {
      std::size_t end = begin + 1;
      while (end < objects.size() && (!by_kind || objects[end].kind == objects[begin].kind)) {
        ++end;
      }
      const std::vector<ObjectRef> part(objects.begin() + static_cast<std::ptrdiff_t>(begin),
                                        objects.begin() + static_cast<std::ptrdiff_t>(end));
      if (part.size() > 1) {  // one alone is not looked at
        std::vector<Json> served;
        for (const ObjectRef& object : part) {
          served.push_back(served_json(systems, object));
        }
        const ObjectOrder order = order_by(*request_.sort_by, request_.sort_by_text, served);
        if (!order.problem.empty()) {
          errors.add("error: " + order.problem, order.problem);
          return false;
        }
        for (std::size_t i = 0; i < part.size(); ++i) {
          objects[begin + i] = part[order.positions[i]];
        }
      }
      begin = end;
    }
    return true;
  }

  // --- tables
  // ------------------------------------------------------------------------------------------------

  void print_tables(CommandState& state, const Systems& systems, const std::vector<ObjectRef>& objects,
                    bool no_errors) const {
    const bool with_kind = request_.show_kind || several_kinds(objects);
    for (std::size_t begin = 0; begin < objects.size();) {
      std::size_t end = begin + 1;
      while (end < objects.size() && objects[end].kind == objects[begin].kind) {
        ++end;
      }
      if (!state.output.empty() && request_.headers) {
        state.output += "\n";
      }
      state.output += table_text(systems, std::span(objects).subspan(begin, end - begin), with_kind);
      begin = end;
    }
    if (state.output.empty() && no_errors && !request_.ignore_not_found) {
      const bool namespaced =
          !request_.query.all_namespaces &&
          std::all_of(request_.query.items.begin(), request_.query.items.end(),
                      [](const ResourceQuery::Item& item) { return item.kind->namespaced; });
      state.errors += namespaced
                          ? fmt::format("No resources found in {} namespace.\n", request_.query.name_space)
                          : "No resources found\n";
    }
  }

  /// Source: get.go multipleGVKsRequested: lists count although they are empty, names only when they are
  /// found.
  [[nodiscard]] bool several_kinds(const std::vector<ObjectRef>& objects) const {
    std::vector<Kind> kinds;
    for (const ObjectRef& object : objects) {
      kinds.push_back(object.kind);
    }
    for (const ResourceQuery::Item& item : request_.query.items) {
      if (item.name.empty()) {
        kinds.push_back(item.kind->kind);
      }
    }
    return std::any_of(kinds.begin(), kinds.end(), [&](Kind kind) { return kind != kinds.front(); });
  }

  [[nodiscard]] std::string table_text(const Systems& systems, std::span<const ObjectRef> objects,
                                       bool with_kind) const {
    const models::kubernetes::Cluster& cluster = systems.kubernetes.cluster;
    const bool wide = request_.format == Format::wide;
    const Kind kind = objects.front().kind;
    const ResourceKind& resource = models::kubernetes::resource_of(kind);
    const bool with_namespace = request_.query.all_namespaces && resource.namespaced;
    // A custom resource without columns of its own has these. Source: apiextensions-apiserver
    // pkg/registry/customresource/tableconvertor.
    std::vector<std::string> columns = kind == Kind::MiniCluster
                                           ? std::vector<std::string>{"NAME", "AGE"}
                                           : models::kubernetes::columns_of(cluster.features(), kind, wide);
    for (const std::string& label : request_.label_columns) {
      columns.push_back(column_of_label(label));
    }
    if (request_.show_labels) {
      columns.emplace_back("LABELS");
    }
    if (with_namespace) {
      columns.insert(columns.begin(), "NAMESPACE");
    }
    Table table(std::move(columns));
    for (const ObjectRef& object : objects) {
      std::vector<std::string> cells =
          kind == Kind::MiniCluster
              ? minicluster_cells(systems, object)
              : models::kubernetes::cells_of(cluster, kind, object.row, wide, systems.kubernetes.now());
      if (with_kind) {
        cells.front() = resource.prefix() + "/" + cells.front();
      }
      add_label_cells(systems, object, cells);
      if (with_namespace) {
        cells.insert(cells.begin(), namespace_of(systems, object));
      }
      table.add_row(std::move(cells));
    }
    return table.to_text(request_.headers);
  }

  [[nodiscard]] static std::vector<std::string> minicluster_cells(const Systems& systems,
                                                                  const ObjectRef& object) {
    return {name_of(systems, object),
            human_duration(systems.kubernetes.now() - meta_of(systems, object).created)};
  }

  /// Source: cli-runtime pkg/printers/tableprinter.go formatLabelHeaders: what follows the last slash.
  [[nodiscard]] static std::string column_of_label(const std::string& label) {
    std::string column = label.substr(label.rfind('/') == std::string::npos ? 0 : label.rfind('/') + 1);
    std::transform(column.begin(), column.end(), column.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return column;
  }

  void add_label_cells(const Systems& systems, const ObjectRef& object,
                       std::vector<std::string>& cells) const {
    if (request_.label_columns.empty() && !request_.show_labels) {
      return;
    }
    const LabelMap labels = labels_of(systems, object);
    for (const std::string& label : request_.label_columns) {
      const std::string* value = models::kubernetes::find_label(labels, label);
      cells.push_back(value == nullptr ? "" : *value);
    }
    if (request_.show_labels) {
      std::string all;
      for (const auto& [key, value] : labels) {
        all += (all.empty() ? "" : ",") + key + "=" + value;
      }
      cells.push_back(all.empty() ? "<none>" : all);
    }
  }

  // --- everything else
  // ---------------------------------------------------------------------------------------

  void print_objects(CommandState& state, const Systems& systems, const FoundObjects& found,
                     KubectlErrors& errors) const {
    const std::vector<ObjectRef>& objects = found.objects;
    const bool alone = request_.query.single_item;
    if (alone && objects.empty()) {
      return;
    }
    if (request_.format == Format::name) {
      for (const ObjectRef& object : objects) {
        state.output += printed_name(systems, object) + "\n";
      }
      return;
    }
    if (request_.format == Format::custom_columns) {
      std::vector<Json> served;
      for (const ObjectRef& object : objects) {
        served.push_back(served_json(systems, object));
      }
      const JsonPathOutput output = request_.custom_columns->print(served, request_.headers);
      if (!output) {
        errors.add("error: " + output.problem, output.problem);
      }
      state.output += output.text;
      return;
    }
    Json printed;
    if (alone && objects.size() == 1) {
      printed = served_json(systems, objects.front());
    } else {
      Json items = Json::array();
      for (const ObjectRef& object : objects) {
        items.push_back(served_json(systems, object));
      }
      printed = {{"apiVersion", "v1"},
                 {"items", std::move(items)},
                 {"kind", "List"},
                 {"metadata", {{"resourceVersion", ""}}}};
    }
    print(state, printed, errors);
  }

  /// The object as the API serves it: up to 1.33 the metadata of a template has an explicit null.
  /// Source: apimachinery pkg/apis/meta/v1/types.go ObjectMeta, kubernetes/kubernetes#130989.
  [[nodiscard]] Json served_json(const Systems& systems, const ObjectRef& object) const {
    Json served = object_json(systems, object, request_.epoch_seconds);
    const Json* metadata = models::kubernetes::json::at_path(served, "spec.template.metadata");
    if (metadata != nullptr && !systems.kubernetes.cluster.features().since(34)) {
      served["spec"]["template"]["metadata"]["creationTimestamp"] = nullptr;
    }
    return served;
  }

  void print(CommandState& state, const Json& printed, KubectlErrors& errors) const {
    switch (request_.format) {
      case Format::json:
        state.output += indented_json(printed);
        return;
      case Format::yaml:
        state.output += yaml_text(printed);
        return;
      case Format::jsonpath:
      case Format::jsonpath_as_json: {
        const JsonPathOutput output = request_.format == Format::jsonpath
                                          ? request_.jsonpath->execute(printed)
                                          : request_.jsonpath->execute_as_json(printed);
        if (!output) {
          errors.add(jsonpath_execute_error(request_.jsonpath_text, output.problem, printed));
        }
        state.output += output.text;
        return;
      }
      case Format::table:
      case Format::wide:
      case Format::name:
      case Format::custom_columns:
        return;
    }
  }

  GetRequest request_;
};

/// Formats of kubectl that are refused by name.
constexpr std::string_view kFormatsNotModelled[] = {"custom-columns-file", "go-template", "go-template-file",
                                                    "jsonpath-file",       "kyaml",       "template",
                                                    "templatefile"};
constexpr std::string_view kFormatHint =
    "modelled: wide, json, yaml, name, custom-columns=HEADER:PATH,…, jsonpath=TEMPLATE, "
    "jsonpath-as-json=TEMPLATE";

void read_format(Reading& reading, GetRequest& request) {
  if (!reading.given("output") || reading.open("output")) {
    return;
  }
  const std::string text = reading.text("output");
  const std::size_t equals = text.find('=');
  const std::string word = text.substr(0, equals);
  const std::size_t at = reading.place_of("output");
  if (text == "wide") {
    request.format = Format::wide;
  } else if (text == "json") {
    request.format = Format::json;
  } else if (text == "yaml") {
    request.format = Format::yaml;
  } else if (text == "name") {
    request.format = Format::name;
  } else if (word == "jsonpath" || word == "jsonpath-as-json") {
    request.format = word == "jsonpath" ? Format::jsonpath : Format::jsonpath_as_json;
    if (equals == std::string::npos || equals + 1 == text.size()) {
      reading.refuse("template format specified but no template given",
                     "write -o jsonpath='{.metadata.name}'", at);
      return;
    }
    request.jsonpath_text = text.substr(equals + 1);
    JsonPathResult parsed = JsonPath::parse(request.jsonpath_text);
    if (!parsed.path) {
      reading.refuse(jsonpath_parse_error(request.jsonpath_text, parsed.problem), {}, at + equals + 1);
      return;
    }
    request.jsonpath = std::move(parsed.path);
  } else if (word == "custom-columns") {
    request.format = Format::custom_columns;
    CustomColumnsResult parsed =
        CustomColumns::parse(equals == std::string::npos ? std::string() : text.substr(equals + 1));
    if (!parsed.columns) {
      reading.refuse(parsed.problem, "write -o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName", at);
      return;
    }
    request.custom_columns = std::move(parsed.columns);
  } else if (std::find(std::begin(kFormatsNotModelled), std::end(kFormatsNotModelled), word) !=
             std::end(kFormatsNotModelled)) {
    reading.refuse(fmt::format("-o {} is not modelled yet", word), std::string(kFormatHint), at);
  } else {
    reading.refuse(fmt::format("unable to match a printer suitable for the output format \"{}\"", text),
                   std::string(kFormatHint), at);
  }
}

void read_sort_by(Reading& reading, GetRequest& request) {
  const std::string text = reading.text("sort-by");
  if (text.empty()) {
    return;
  }
  const RelaxedJsonPath relaxed = relaxed_jsonpath(text);
  request.sort_by_text = relaxed.problem.empty() ? relaxed.text : text;
  JsonPathResult parsed = JsonPath::parse(request.sort_by_text);
  if (!parsed.path) {
    reading.refuse("sorting error: " + parsed.problem, "write --sort-by=.metadata.creationTimestamp",
                   reading.place_of("sort-by"));
    return;
  }
  request.sort_by = std::move(parsed.path);
}

/// `iomesh [NAME]` or `iomesh/NAME`: a custom resource that stands beside the kinds of the cluster.
bool read_iomesh(Reading& reading, GetRequest& request) {
  const std::vector<Argument>& arguments = reading.flags.arguments;
  const std::string& first = arguments.front().text();
  const std::size_t slash = first.find('/');
  const std::string kind = first.substr(0, slash);
  if (!names_iomesh(kind)) {
    return false;
  }
  const std::size_t most = slash == std::string::npos ? 2 : 1;
  if (arguments.size() > most) {
    reading.refuse(fmt::format("kubectl get {} with several names is not modelled", kind),
                   "there is one: iomesh", arguments[most].origin(0));
  }
  if (reading.given("selector") || reading.given("field-selector") ||
      !reading.flags.list("label-columns").empty()) {
    reading.refuse("kubectl get iomesh with labels is not modelled", "name it: kubectl get iomesh iomesh");
  }
  request.iomesh = true;
  request.iomesh_name = slash != std::string::npos ? first.substr(slash + 1)
                        : arguments.size() > 1     ? arguments[1].text()
                                                   : std::string();
  request.query.name_space = reading.text("namespace", "default");
  request.query.all_namespaces = reading.boolean("all-namespaces");
  return true;
}

ActionPointer read_get(Reading& reading) {
  GetRequest request;
  if (reading.flags.arguments.empty()) {
    reading.refuse("Required resource not specified.", "write kubectl get TYPE; " + modelled_kinds());
    return nullptr;
  }
  if (!read_iomesh(reading, request)) {
    request.query = read_query(reading, reading.flags.arguments, {.all_by_default = true});
  }
  read_format(reading, request);
  read_sort_by(reading, request);
  request.headers = !reading.boolean("no-headers");
  request.ignore_not_found = reading.boolean("ignore-not-found");
  request.show_kind = reading.boolean("show-kind");
  request.show_labels = reading.boolean("show-labels");
  request.label_columns = reading.flags.list("label-columns");
  request.epoch_seconds = reading.context.epoch_seconds;
  const bool printed_whole = request.format != Format::table && request.format != Format::wide;
  if (printed_whole && request.show_labels) {
    reading.refuse(fmt::format("--show-labels option cannot be used with {} printer", reading.text("output")),
                   {}, reading.flags.find("show-labels")->offset);
  }
  return std::make_shared<GetCommand>(std::move(request));
}

}  // namespace

const SubCommand kKubectlGet{"kubectl",
                             "get",
                             "TYPE[,TYPE…] [NAME… | -l SELECTOR] | TYPE/NAME…",
                             "Prints objects as the API serves them now.",
                             []() -> const FlagTable& { return get_flags().table(); },
                             read_get};

}  // namespace scenarios::commands
