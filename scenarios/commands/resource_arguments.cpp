#include "scenarios/commands/resource_arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace scenarios::commands {

namespace {

/// Resources that real clusters have and this one does not: said as such, for the word is right.
constexpr std::array<std::string_view, 24> kNotModelled{"all",
                                                        "configmap",
                                                        "configmaps",
                                                        "cm",
                                                        "cronjob",
                                                        "cronjobs",
                                                        "endpoints",
                                                        "event",
                                                        "events",
                                                        "ev",
                                                        "hpa",
                                                        "ingress",
                                                        "namespace",
                                                        "namespaces",
                                                        "ns",
                                                        "persistentvolume",
                                                        "persistentvolumes",
                                                        "pv",
                                                        "secrets",
                                                        "service",
                                                        "services",
                                                        "svc",
                                                        "volumeattachment",
                                                        "volumeattachments"};

std::vector<std::pair<std::string_view, std::size_t>> split(std::string_view text, char separator) {
  std::vector<std::pair<std::string_view, std::size_t>> parts;
  std::size_t begin = 0;
  for (std::size_t end = text.find(separator); end != std::string_view::npos;
       end = text.find(separator, begin)) {
    parts.emplace_back(text.substr(begin, end - begin), begin);
    begin = end + 1;
  }
  parts.emplace_back(text.substr(begin), begin);
  return parts;
}

/// Reads the words of one command.
class QueryReader {
 public:
  QueryReader(Reading& reading, std::span<const Argument> arguments, const QueryRules& rules)
      : reading_(reading), arguments_(arguments), rules_(rules) {}

  ResourceQuery read() {
    if (const std::string name_space = reading_.text("namespace"); !name_space.empty()) {
      query_.name_space = name_space;
    }
    query_.all_namespaces = reading_.boolean("all-namespaces");
    read_selector();
    read_field_selector();
    const bool slashes = std::any_of(arguments_.begin(), arguments_.end(), [](const Argument& argument) {
      return argument.text().find('/') != std::string::npos;
    });
    if (arguments_.empty()) {
      return std::move(query_);  // each sub-command has its own words for that
    }
    if (slashes) {
      read_pairs();
    } else {
      read_types_and_names();
    }
    check_fields();
    return std::move(query_);
  }

 private:
  void read_selector() {
    if (reading_.open("selector")) {
      return;
    }
    const std::string text = reading_.text("selector");
    if (text.find_first_not_of(" \t\n") != std::string::npos) {
      const SelectorResult parsed = parse_selector(text);
      if (!parsed.selector) {
        reading_.refuse(parsed.problem, "write -l key=value, or key in (a,b)", reading_.place_of("selector"));
        return;
      }
      query_.selector = parsed.selector;
    }
    if (rules_.all_is_selector && reading_.boolean("all") && !query_.selector) {
      query_.selector.emplace();
    }
  }

  void read_field_selector() {
    if (reading_.open("field-selector") || reading_.text("field-selector").empty()) {
      return;
    }
    FieldSelectorResult parsed = parse_field_selector(reading_.text("field-selector"));
    if (!parsed.selector) {
      reading_.refuse(parsed.problem, "write --field-selector FIELD=VALUE, or FIELD!=VALUE",
                      reading_.place_of("field-selector"));
      return;
    }
    query_.fields = std::move(parsed.selector);
  }

  /// The server has a few fields of each kind by which it selects.
  void check_fields() {
    for (const ResourceQuery::Item& item : query_.items) {
      const std::string problem = query_.fields ? field_problem(*query_.fields, item.kind->kind) : "";
      if (!problem.empty()) {
        reading_.refuse(problem,
                        fmt::format("metadata.name and metadata.namespace select any kind, "
                                    "spec.nodeName and status.phase pods, spec.unschedulable nodes"),
                        reading_.place_of("field-selector"));
        return;
      }
    }
  }

  [[nodiscard]] bool selects() const {
    return query_.selector.has_value() || query_.fields.has_value() || reading_.open("selector") ||
           reading_.open("field-selector");
  }

  /// TYPE/NAME …
  void read_pairs() {
    if (selects()) {
      reading_.refuse("selectors and the all flag cannot be used when passing resource/name arguments",
                      "leave out the selector or the names", arguments_.front().origin(0));
    }
    if (query_.all_namespaces) {
      reading_.refuse("a resource cannot be retrieved by name across all namespaces", "write -n NAMESPACE",
                      arguments_.front().origin(0));
    }
    for (const Argument& argument : arguments_) {
      const std::string& text = argument.text();
      const std::size_t slash = text.find('/');
      if (slash == std::string::npos) {
        if (argument.open_from(0)) {
          continue;
        }
        reading_.refuse(
            "there is no need to specify a resource type as a separate argument when passing arguments in "
            "resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get "
            "resource "
            "resource/<resource_name>'",
            "write TYPE/NAME for each", argument.origin(0));
        return;
      }
      const bool known = !argument.open_from(0);
      if (known && text.find('/', slash + 1) != std::string::npos) {
        reading_.refuse("arguments in resource/name form may not have more than one slash", "write TYPE/NAME",
                        argument.origin(0));
      } else if (slash == 0 || slash + 1 == text.size()) {
        reading_.refuse("arguments in resource/name form must have a single resource and name",
                        "write TYPE/NAME", argument.origin(0));
      } else if (const ResourceKind* kind = read_known_kind(argument, 0, text.substr(0, slash))) {
        query_.items.push_back({kind, text.substr(slash + 1)});
      }
    }
    query_.single_item = arguments_.size() == 1;
  }

  /// TYPE[,TYPE] NAME …
  void read_types_and_names() {
    const Argument& types = arguments_.front();
    std::vector<const ResourceKind*> kinds;
    for (const auto& [word, at] : split(types.text(), ',')) {
      if (const ResourceKind* kind = read_known_kind(types, at, word)) {
        kinds.push_back(kind);
      }
    }
    if (arguments_.size() == 1) {
      // An open word may turn out as TYPE/NAME.
      const bool all = rules_.all_by_default || selects() || reading_.boolean("all") || types.open_from(0);
      if (!all) {
        reading_.refuse("resource(s) were provided, but no name was specified",
                        "name the objects, or select them with -l", types.origin(0));
      }
      for (const ResourceKind* kind : kinds) {
        query_.items.push_back({kind, {}});
      }
      return;
    }
    read_names(kinds);
  }

  void read_names(const std::vector<const ResourceKind*>& kinds) {
    const Argument& first = arguments_[1];
    if (selects()) {
      reading_.refuse("name cannot be provided when a selector is specified",
                      "leave out the selector or the names", first.origin(0));
    }
    if (kinds.size() > 1) {
      reading_.refuse("you must specify only one resource", "write TYPE/NAME for each",
                      arguments_.front().origin(0));
    }
    if (query_.all_namespaces && !kinds.empty() && kinds.front()->namespaced) {
      reading_.refuse("a resource cannot be retrieved by name across all namespaces", "write -n NAMESPACE",
                      first.origin(0));
    }
    for (const Argument& argument : arguments_.subspan(1)) {
      if (argument.text().empty()) {
        reading_.refuse("resource name may not be empty", {}, argument.origin(0));
      } else if (!kinds.empty()) {
        query_.items.push_back({kinds.front(), argument.text()});
      }
    }
    query_.single_item = arguments_.size() == 2;
  }

  const ResourceKind* read_known_kind(const Argument& argument, std::size_t at, std::string_view word) {
    if (argument.open_from(at) && word.find("${") != std::string_view::npos) {
      return nullptr;
    }
    return read_kind(reading_, word, argument.origin(at));
  }

  Reading& reading_;
  std::span<const Argument> arguments_;
  const QueryRules& rules_;
  ResourceQuery query_;
};

}  // namespace

std::string modelled_kinds() {
  std::string text = "modelled: ";
  for (const ResourceKind& kind : models::kubernetes::resource_kinds()) {
    text += fmt::format("{}{}", text.ends_with(": ") ? "" : ", ", kind.resource);
  }
  return text;
}

const ResourceKind* read_kind(Reading& reading, std::string_view word, std::size_t at) {
  const ResourceKind* kind = models::kubernetes::find_resource(word);
  if (kind != nullptr) {
    return kind;
  }
  const std::string_view head = word.substr(0, word.find('.'));
  const bool real = std::find(kNotModelled.begin(), kNotModelled.end(), head) != kNotModelled.end();
  reading.refuse(real ? fmt::format("resource type \"{}\" is not modelled yet", word)
                      : fmt::format("the server doesn't have a resource type \"{}\"", word),
                 modelled_kinds(), at);
  return nullptr;
}

ResourceQuery read_query(Reading& reading, std::span<const Argument> arguments, const QueryRules& rules) {
  return QueryReader(reading, arguments, rules).read();
}

FoundObjects find_objects(const Systems& systems, const ResourceQuery& query) {
  FoundObjects found;
  for (const ResourceQuery::Item& item : query.items) {
    if (!item.name.empty()) {
      if (const auto object = find_object(systems, item.kind->kind, query.name_space, item.name)) {
        found.objects.push_back(*object);
      } else {
        found.errors.push_back(models::kubernetes::not_found_error(item.kind->kind, item.name));
      }
      continue;
    }
    const auto name_space =
        query.all_namespaces ? std::nullopt : std::optional<std::string_view>(query.name_space);
    for (const ObjectRef& object : list_objects(systems, item.kind->kind, name_space)) {
      if ((!query.selector || matches(systems, object, *query.selector)) &&
          (!query.fields || matches(systems, object, *query.fields))) {
        found.objects.push_back(object);
      }
    }
  }
  return found;
}

}  // namespace scenarios::commands
