#include "scenarios/language/reference.h"

#include <fmt/format.h>

#include "scenarios/language/tables.h"

namespace scenarios::language {
namespace {

constexpr const char* introduction = R"(# The scenario language

This page is rendered from the field tables that the parser itself reads; `REHEARSAL_ACCEPT=1` in the
environment of the language's tests renders it anew.

A scenario is one YAML file. Unknown keys, keys given twice, names that refer to nothing and entries that
nothing uses are errors, and all errors are shown at once, each as `file:line:column: error: field: problem`.

## How values are written

| type | written as |
| --- | --- |
| text | any YAML scalar; quote it when it contains `: ` or ` #` |
| integer | `3` |
| true or false | `true`, `false`; nothing else |
| duration | a number and a unit: `90s`, `1m30s`, `250ms`, `2h`, `1.5s`; units are d, h, m, s, ms, us, ns. A bare number is an error |
| distribution | a duration that varies: `4s`, `{fixed: 4s}`, `{uniform: [2s, 5s]}`, `{p50: 20s, p95: 45s}`, `{empirical: [1s, 2s, 4s]}` |
| CPU quantity | a Kubernetes quantity of cores: `10`, `1.5`, `500m` |
| memory quantity | a Kubernetes quantity of bytes: `32Gi`, `500M` |
| hostlist | names as in Flux and Slurm: `worker-[0-9,12]`, `a[01-10]`, `a-1,b-2`; quote it when it begins a key |
| set of indexes | `"2"`, `"0-3"`, `"0-1,5"` |
| version | `"1.28.0"`, all three numbers |

`--set path=value` on the command line sets one value: `--set cluster.miniclusters.flux-sample.size=6`,
`--set plan[0].at=30s`.
)";

/// A cell of a Markdown table.
std::string cell(std::string text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string type_of(const FieldDescription& field) {
  std::string out = describe_type(field.type, true);
  if (field.options.one_or_many && field.type.shape == Type::Shape::list)
    out = describe_type(*field.type.element, true) + ", or " + out;
  if (!field.options.words.empty()) {
    out.clear();
    for (const std::string& word : field.options.words) out += (out.empty() ? "`" : ", `") + word + "`";
  }
  if (out == "integer" || out.starts_with("integer or ")) {
    const bool limited = field.options.maximum != FieldOptions{}.maximum;
    if (limited) {
      out += fmt::format(" from {} to {}", field.options.minimum, field.options.maximum);
    } else if (field.options.minimum > 0) {
      out += fmt::format(", at least {}", field.options.minimum);
    }
  }
  return out;
}

std::string default_of(const FieldDescription& field) {
  if (field.options.required) return "required";
  if (!field.options.fallback.empty()) return "`" + field.options.fallback + "`";
  return "";
}

void render_table(const Table& table, std::string& out) {
  out += fmt::format("\n## {}\n\n{}\n", table.title, table.sentence);
  if (!table.shorthand.empty()) {
    out += fmt::format("\nA plain value stands for a mapping with `{}` alone.\n", table.shorthand);
  }
  out += "\n| key | type | default | meaning | source |\n| --- | --- | --- | --- | --- |\n";
  for (const FieldDescription& field : table.fields) {
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", field.key, cell(type_of(field)), default_of(field),
                       cell(field.options.sentence), cell(field.options.source));
  }
}

void render_check(const CheckDeclaration& check, std::string& out) {
  out += fmt::format("\n### {}\n\n{}{}\n", check.name, check.sentence,
                     check.invariant ? " Judged in every scenario." : "");
  if (check.parameters.empty()) return;
  out += "\n| parameter | type | default | meaning |\n| --- | --- | --- | --- |\n";
  for (const ParameterDeclaration& parameter : check.parameters) {
    const std::string fallback = parameter.required           ? "required"
                                 : parameter.fallback.empty() ? ""
                                                              : "`" + parameter.fallback + "`";
    out += fmt::format("| `{}` | {} | {} | {} |\n", parameter.name, words_for(parameter.type), fallback,
                       cell(parameter.sentence));
  }
}

}  // namespace

std::string render_reference(std::span<const CheckDeclaration> checks) {
  std::string out = introduction;
  for (const Table* table : all_tables()) render_table(*table, out);
  if (checks.empty()) return out;
  out += "\n## Checks\n";
  for (const CheckDeclaration& check : checks) render_check(check, out);
  return out;
}

}  // namespace scenarios::language
