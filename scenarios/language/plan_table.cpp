#include <fmt/format.h>

#include <regex>

#include "scenarios/language/tables.h"

namespace scenarios::language {

template <>
const TableOf<FluxResources>& table_of<FluxResources>() {
  static const TableOf<FluxResources> table(
      "FluxResources", "Rows of `flux resource list`: how many nodes, or exactly which.", [](auto& t) {
        t.field("minicluster", &FluxResources::minicluster,
                {.sentence = "Of which MiniCluster; needed when there are several.", .source = "Rehearsal"});
        t.field("free", &FluxResources::free,
                {.sentence = "Nodes with a free core.", .source = "`flux resource list`"});
        t.field("allocated", &FluxResources::allocated,
                {.sentence = "Nodes with a core in use.", .source = "`flux resource list`"});
        t.field("down", &FluxResources::down,
                {.sentence = "Nodes that are offline or drained.", .source = "`flux resource list`"});
      });
  return table;
}

namespace {

/// A text between slashes is a regular expression; one that cannot be read is an error at load.
void judge_expressions(Reader& reader, const Node& node, Condition& condition) {
  constexpr std::size_t longest = 500;  // std::regex recurses over the expression.
  const Node* prints = node.find("prints");
  if (prints == nullptr) return;
  for (const Text& text : condition.prints) {
    const std::string& value = text.value;
    if (value.size() < 3 || value.front() != '/' || value.back() != '/') continue;
    const Reader::Below below(reader, "prints");
    try {
      if (value.size() > longest) throw std::regex_error(std::regex_constants::error_complexity);
      const std::regex expression(value.substr(1, value.size() - 2));
    } catch (const std::regex_error&) {
      reader.diagnostics().error(text.at, reader.path(), fmt::format("{} is not a regular expression", value),
                                 "the syntax is that of ECMAScript");
    }
  }
}

}  // namespace

template <>
const TableOf<Condition>& table_of<Condition>() {
  static const TableOf<Condition> table(
      "Condition", "What should hold; everything that is given must hold at the same moment.", [](auto& t) {
        t.field("running", &Condition::running,
                {.sentence = "Exactly these pods of the objects they belong to exist and run, and none of "
                             "those objects' pods besides. A Job's pod is named `<job>-<index>`.",
                 .source = "Rehearsal"});
        t.field("ready", &Condition::ready, {.sentence = "These pods are Ready.", .source = "Rehearsal"});
        t.field("absent", &Condition::absent,
                {.sentence = "These pods do not exist.", .source = "Rehearsal"});
        t.field(
            "pods", &Condition::pods,
            {.sentence = "How many pods there are that are not terminating: of all objects, or by object.",
             .source = "Rehearsal"});
        t.field("servers", &Condition::servers,
                {.sentence = "Servers of the cloud that are in a status, by status: `{SHELVED_OFFLOADED: "
                             "\"worker-[2-10]\"}`.",
                 .source = "`openstack server list`"});
        t.field("flux", &Condition::flux, {.sentence = "What Flux shows.", .source = "`flux resource list`"});
        t.field("exit", &Condition::exit,
                {.sentence = "The exit code of the step's last command. Without it: 0.",
                 .source = "Rehearsal",
                 .maximum = 255});
        t.field("prints", &Condition::prints,
                {.sentence = "Texts that the step's commands print; between slashes, a regular expression.",
                 .source = "Rehearsal",
                 .one_or_many = true});
        t.field("within", &Condition::within,
                {.sentence = "How long after the step's end it may take to come true. Without it: until the "
                             "scenario ends.",
                 .source = "Rehearsal",
                 .zero_is_fine = true});
        t.rule(judge_expressions);
        t.rule([](Reader& reader, const Node& node, Condition&) {
          if (node.members.empty()) reader.error(node, "the condition is empty", "");
        });
      });
  return table;
}

template <>
const TableOf<FileEdit>& table_of<FileEdit>() {
  static const TableOf<FileEdit> table("FileEdit", "Values that a person writes into a file.", [](auto& t) {
    t.field("file", &FileEdit::file,
            {.required = true,
             .sentence =
                 "Which file: `iomesh.yaml`, or one of `files`; a manifest is changed for the steps that are "
                 "written later.",
             .source = "Rehearsal"});
    t.field("set", &FileEdit::set,
            {.required = true,
             .sentence = "Values by dotted path: `{chunk.replicaCount: 2}`, `{spec.size: 3}`.",
             .source = "Rehearsal"});
  });
  return table;
}

namespace {

void judge_step(Reader& reader, const Node& node, Step& step) {
  const bool run = node.find("run") != nullptr;
  const bool wait = node.find("wait") != nullptr;
  const bool edit = node.find("edit") != nullptr;
  const std::string hint = "a step runs commands, waits for a time or edits a file";
  if (run && wait) reader.error(node, "the step has both run and wait", hint);
  if (edit && (run || wait)) reader.error(node, "the step has both edit and run or wait", hint);
  if (!run && !wait && !edit) reader.error(node, "the step has neither run nor wait", hint);
  step.needs_given = node.find("needs") != nullptr;
  step.on_error = step.on_error_word.value == "continue" ? OnError::proceed : OnError::stop;
}

}  // namespace

template <>
const TableOf<Step>& table_of<Step>() {
  static const TableOf<Step> table(
      "Step",
      "One step of the plan: commands as a person types them, and what they should leave behind. In `run`, "
      "`then`, `let` and `stdin`, "
      "`${name}` stands for a capture or a variable of `for_each`.",
      [](auto& t) {
        t.field("step", &Step::name,
                {.required = true, .sentence = "Its name, which no other step has.", .source = "Rehearsal"});
        t.field(
            "run", &Step::run,
            {.sentence = "Commands as a person types them (docs/runbooks.md), or a list of such texts that "
                         "run one after the other. Quote a text that contains ` #` or `: `, or use `|`.",
             .source = "Rehearsal",
             .one_or_many = true});
        t.field("wait", &Step::wait,
                {.sentence = "Instead of `run`: a time to let pass.", .source = "Rehearsal"});
        t.field("edit", &Step::edit,
                {.sentence = "Instead of `run`: values that a person writes into a file, such as "
                             "`{file: iomesh.yaml, set: {chunk.replicaCount: 2}}`.",
                 .source = "Rehearsal"});
        t.field(
            "needs", &Step::needs,
            {.sentence = "Steps that must be done before. Without it: the step before this one; `[]`: none.",
             .source = "Rehearsal",
             .one_or_many = true});
        t.field("at", &Step::at,
                {.sentence = "Not before this time of the scenario.",
                 .source = "Rehearsal",
                 .zero_is_fine = true});
        t.field("after", &Step::after,
                {.sentence = "How long to wait once what it needs is done.",
                 .source = "Rehearsal",
                 .zero_is_fine = true});
        t.field("timeout", &Step::timeout,
                {.sentence = "How long it may take, `then` included; afterwards it counts as stalled.",
                 .source = "Rehearsal"});
        t.field("for_each", &Step::for_each,
                {.sentence = "Performs the step once for each name: `{pod: \"ingest-[0-2]\"}` sets `${pod}`.",
                 .source = "Rehearsal"});
        t.field("on_error", &Step::on_error_word,
                {.fallback = "stop",
                 .sentence = "What a failing command does to the rest of the plan.",
                 .source = "Rehearsal",
                 .words = {"stop", "continue"}});
        t.field("let", &Step::captures,
                {.sentence = "Captures: what a command prints, without the newline at its end, becomes "
                             "`${name}` in this step and later ones. Performed before `run`.",
                 .source = "Rehearsal"});
        t.field("stdin", &Step::standard_input,
                {.sentence = "What the commands read from standard input (`kubectl apply -f -`).",
                 .source = "Rehearsal",
                 .empty_is_fine = true});
        t.field("then", &Step::then,
                {.sentence = "What the step should leave behind.", .source = "Rehearsal"});
        t.rule(judge_step);
      });
  return table;
}

}  // namespace scenarios::language
