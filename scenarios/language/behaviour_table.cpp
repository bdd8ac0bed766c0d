#include "scenarios/language/tables.h"

namespace scenarios::language {
namespace {

template <class T>
void add_row_fields(TableOf<T>& t) {
  t.field("init", &BehaviourRow::init,
          {.sentence = "How long the init containers take, all together.",
           .source = "Rehearsal",
           .zero_is_fine = true});
  t.field("start", &BehaviourRow::start,
          {.sentence = "From the end of the init containers (or from being bound to a node) until the "
                       "containers run: image pull and start.",
           .source = "Rehearsal"});
  t.field("ready", &BehaviourRow::ready,
          {.sentence = "From running until Ready.", .source = "Rehearsal", .zero_is_fine = true});
  t.field("run", &BehaviourRow::run,
          {.sentence = "From running until the container exits by itself. Without it: it runs for ever.",
           .source = "Rehearsal"});
  t.field("exit", &BehaviourRow::exit,
          {.sentence = "The exit code after `run`; a list gives one for each attempt, the last one repeats. "
                       "Without it: 0.",
           .source = "Rehearsal",
           .maximum = 255,
           .one_or_many = true});
  t.field(
      "stop", &BehaviourRow::stop,
      {.sentence = "How long it takes to stop when asked to; it is killed at the end of the grace period.",
       .source = "Rehearsal",
       .zero_is_fine = true});
  t.field("ignoresTermination", &BehaviourRow::ignores_termination,
          {.sentence = "Whether it does not react when asked to stop and so uses up its grace period.",
           .source = "Rehearsal"});
  t.field("neverReady", &BehaviourRow::never_ready,
          {.sentence = "Whether it runs but never becomes Ready.", .source = "Rehearsal"});
}

}  // namespace

template <>
const TableOf<AttemptRow>& table_of<AttemptRow>() {
  static const TableOf<AttemptRow> table(
      "BehaviourByAttempt",
      "How the pods of some attempts behave; what is not given comes from the entry around it.",
      [](auto& t) { add_row_fields(t); });
  return table;
}

template <>
const TableOf<IndexRow>& table_of<IndexRow>() {
  static const TableOf<IndexRow> table(
      "BehaviourByIndex",
      "How the pods of some indexes behave; what is not given comes from the entry around it.", [](auto& t) {
        add_row_fields(t);
        t.field("attempts", &IndexRow::by_attempt,
                {.sentence =
                     "Narrowed to attempts: `\"1\"` is the first pod of an index, `\"2-3\"` its next two.",
                 .source = "Rehearsal"});
      });
  return table;
}

template <>
const TableOf<Behaviour>& table_of<Behaviour>() {
  static const TableOf<Behaviour> table(
      "Behaviour",
      "How the containers of an object's pods behave, which no manifest tells. What is not given comes from "
      "the timing profile.",
      [](auto& t) {
        add_row_fields(t);
        t.field("attempts", &Behaviour::by_attempt,
                {.sentence =
                     "Narrowed to attempts: `\"1\"` is the first pod of an index, `\"2-3\"` its next two.",
                 .source = "Rehearsal"});
        t.field("indexes", &Behaviour::by_index,
                {.sentence = "Narrowed to ordinals or completion indexes, such as `\"2\"` or `\"0-1,3\"`; "
                             "wins over `attempts`.",
                 .source = "Rehearsal"});
      });
  return table;
}

namespace {

void flatten_attempts(const std::vector<AttemptRow>& rows, int index, std::vector<FlatBehaviour>& out) {
  for (const AttemptRow& row : rows) {
    for (const IndexSet::Range& range : row.attempts.ranges) {
      for (int attempt = range.first; attempt <= range.last; ++attempt) out.push_back({index, attempt, &row});
    }
  }
}

}  // namespace

std::vector<FlatBehaviour> flatten(const Behaviour& behaviour) {
  std::vector<FlatBehaviour> out;
  out.push_back({-1, -1, &behaviour});
  flatten_attempts(behaviour.by_attempt, -1, out);
  for (const IndexRow& row : behaviour.by_index) {
    for (const IndexSet::Range& range : row.indexes.ranges) {
      for (int index = range.first; index <= range.last; ++index) {
        out.push_back({index, -1, &row});
        flatten_attempts(row.by_attempt, index, out);
      }
    }
  }
  return out;
}

}  // namespace scenarios::language
