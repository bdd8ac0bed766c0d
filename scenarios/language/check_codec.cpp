#include <fmt/format.h>

#include <algorithm>

#include "scenarios/language/codecs.h"
#include "scenarios/language/source_map.h"

namespace scenarios::language {
namespace {

std::vector<std::string> names_of(const std::vector<CheckDeclaration>& checks) {
  std::vector<std::string> out;
  for (const CheckDeclaration& check : checks) out.push_back(check.name);
  return out;
}

std::vector<std::string> names_of(const std::vector<ParameterDeclaration>& parameters) {
  std::vector<std::string> out;
  for (const ParameterDeclaration& parameter : parameters) out.push_back(parameter.name);
  return out;
}

template <class Declarations>
auto find_named(const Declarations& declarations, std::string_view name) {
  const auto found =
      std::find_if(declarations.begin(), declarations.end(), [&](const auto& d) { return d.name == name; });
  return found == declarations.end() ? nullptr : &*found;
}

template <class T>
void read_scalar(Reader& reader, const Node& node, T& into, const FieldOptions& options) {
  Located<T> value;
  Codec<Located<T>>::read(reader, node, value, options);
  into = value.value;
}

/// Reads one value as its declaration says.
void read_value(Reader& reader, const Node& node, CheckArgument& into) {
  FieldOptions options;
  options.one_or_many = true;
  options.empty_is_fine = into.type == ParameterType::text;
  if (node.is_scalar()) into.text = text_of(reader.document(), node);
  switch (into.type) {
    case ParameterType::text:
      Codec<Text>::read(reader, node, into.text, options);
      break;
    case ParameterType::integer:
      read_scalar(reader, node, into.integer, options);
      break;
    case ParameterType::boolean:
      read_scalar(reader, node, into.boolean, options);
      break;
    case ParameterType::duration:
      read_scalar(reader, node, into.duration, options);
      break;
    case ParameterType::hostlist:
      Codec<HostSet>::read(reader, node, into.hosts, options);
      break;
    case ParameterType::list:
      Codec<std::vector<Text>>::read(reader, node, into.list, options);
      break;
    case ParameterType::condition:
      Codec<Condition>::read(reader, node, into.condition, options);
      break;
  }
}

CheckArgument read_argument(Reader& reader, const Text& name, ParameterType type, const Node& node) {
  CheckArgument argument;
  argument.name = name;
  argument.at = reader.where(node);
  argument.type = type;
  const Reader::Below below(reader, name.value);
  read_value(reader, node, argument);
  return argument;
}

/// Reads the parameters of a check that nobody declared: scalars as text, lists as lists.
void read_undeclared(Reader& reader, const Node& node, CheckUse& into) {
  if (node.is_null()) return;
  if (!node.is_mapping()) {
    reader.error(node, describe(node) + " stands where the parameters of a check are expected",
                 "write {name: {parameter: value}}");
    return;
  }
  for (const Member& member : node.members) {
    const ParameterType type = member.value.is_mapping()    ? ParameterType::condition
                               : member.value.is_sequence() ? ParameterType::list
                                                            : ParameterType::text;
    into.arguments.push_back(read_argument(reader, text_of(reader.document(), member), type, member.value));
  }
}

void read_declared(Reader& reader, const Node& given, const CheckDeclaration& check, CheckUse& into) {
  Node node = given;
  if (!given.is_mapping() && !given.is_null() && !check.parameters.empty()) {
    // A plain value stands for the first parameter: {never-fewer-ready-than: 3}.
    node = Node{.kind = Node::Kind::mapping,
                .source = given.source,
                .line = given.line,
                .column = given.column,
                .text = {},
                .items = {},
                .members = {}};
    node.members.push_back({check.parameters.front().name, given.source, given.line, given.column, given});
  }
  if (!node.is_mapping() && !node.is_null()) {
    reader.error(node, fmt::format("the check {} takes no parameters", check.name), "");
    return;
  }
  for (const Member& member : node.members) {
    const ParameterDeclaration* parameter = find_named(check.parameters, member.key);
    if (parameter == nullptr) {
      const std::string hint = did_you_mean(member.key, names_of(check.parameters));
      reader.diagnostics().error(reader.document().where(member), reader.path() + "." + member.key,
                                 fmt::format("the check {} has no parameter {}", check.name, member.key),
                                 hint);
      continue;
    }
    into.arguments.push_back(
        read_argument(reader, text_of(reader.document(), member), parameter->type, member.value));
  }
  for (const ParameterDeclaration& parameter : check.parameters) {
    if (node.find(parameter.name) != nullptr) continue;
    if (parameter.required) {
      reader.error(node, fmt::format("the check {} needs {}", check.name, parameter.name),
                   parameter.sentence);
    } else if (!parameter.fallback.empty()) {
      Node fallback;
      fallback.kind = Node::Kind::scalar;
      fallback.text = parameter.fallback;
      into.arguments.push_back(read_argument(reader, {parameter.name, {}, {}}, parameter.type, fallback));
    }
  }
}

}  // namespace

const CheckArgument* CheckUse::find(std::string_view argument) const {
  const auto found = std::find_if(arguments.begin(), arguments.end(),
                                  [&](const CheckArgument& a) { return a.name.value == argument; });
  return found == arguments.end() ? nullptr : &*found;
}

std::string CheckUse::text(std::string_view argument) const {
  const CheckArgument* found = find(argument);
  return found == nullptr ? std::string() : found->text.value;
}

void Codec<CheckUse>::read(Reader& reader, const Node& node, CheckUse& into, const FieldOptions&) {
  Node parameters;
  parameters.source = node.source;
  parameters.line = node.line;
  parameters.column = node.column;
  if (node.is_scalar() && !node.text.empty()) {
    into.name = text_of(reader.document(), node);
  } else if (node.is_mapping() && node.members.size() == 1) {
    into.name = text_of(reader.document(), node.members.front());
    if (!node.members.front().value.is_null()) parameters = node.members.front().value;
  } else {
    reader.error(node, describe(node) + " stands where a check is expected",
                 "write - name, or - name: {parameter: value}");
    return;
  }
  const Reader::Below below(reader, into.name.value);
  if (reader.known().checks.empty()) {
    read_undeclared(reader, parameters, into);
    return;
  }
  const CheckDeclaration* check = find_named(reader.known().checks, into.name.value);
  if (check == nullptr) {
    reader.diagnostics().error(into.name.at, reader.path(),
                               fmt::format("there is no check {}", into.name.value),
                               did_you_mean(into.name.value, names_of(reader.known().checks)));
    return;
  }
  read_declared(reader, parameters, *check, into);
}

}  // namespace scenarios::language
