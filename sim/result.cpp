#include "sim/result.h"

#include <fmt/core.h>

#include <array>
#include <nlohmann/json.hpp>

namespace sim {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 6> kStepOutcomes = {"not_started", "running",   "succeeded",
                                                           "failed",      "timed_out", "skipped"};
constexpr std::array<std::string_view, 4> kVerdicts = {"held", "violated", "not_reached", "not_applicable"};

template <class Enum, std::size_t n>
Enum from_text(const std::array<std::string_view, n>& names, const std::string& name) {
  for (std::size_t i = 0; i < n; ++i) {
    if (names[i] == name) {
      return static_cast<Enum>(i);
    }
  }
  throw std::invalid_argument(fmt::format("\"{}\" is not a known word here", name));
}

Json time_json(const std::optional<Time>& time) { return time ? Json(time->count()) : Json(nullptr); }
std::optional<Time> time_of(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional<Time>{json.get<std::int64_t>()};
}
Json cause_json(TransitionId cause) { return cause == kNoTransition ? Json(nullptr) : Json(cause); }

Json command_json(const CommandRecord& command) {
  return {{"command", command.command},
          {"captured", command.captured},
          {"started_ns", time_json(command.started)},
          {"finished_ns", time_json(command.finished)},
          {"exit_code", command.exit_code},
          {"output", command.output},
          {"errors", command.errors}};
}

CommandRecord command_of(const Json& json) {
  CommandRecord command;
  json.at("command").get_to(command.command);
  json.at("captured").get_to(command.captured);
  command.started = time_of(json.at("started_ns"));
  command.finished = time_of(json.at("finished_ns"));
  json.at("exit_code").get_to(command.exit_code);
  json.at("output").get_to(command.output);
  json.at("errors").get_to(command.errors);
  return command;
}

Json step_json(const StepRecord& step) {
  Json commands = Json::array();
  for (const CommandRecord& command : step.commands) {
    commands.push_back(command_json(command));
  }
  return {{"name", step.name},
          {"commands", std::move(commands)},
          {"place", step.place},
          {"needs", step.needs},
          {"started_ns", time_json(step.started)},
          {"finished_ns", time_json(step.finished)},
          {"outcome", to_text(step.outcome)},
          {"exit_code", step.exit_code},
          {"critical", step.critical},
          {"slack_ns", step.slack.count()}};
}

StepRecord step_of(const Json& json) {
  StepRecord step;
  json.at("name").get_to(step.name);
  for (const Json& command : json.at("commands")) {
    step.commands.push_back(command_of(command));
  }
  json.at("place").get_to(step.place);
  json.at("needs").get_to(step.needs);
  step.started = time_of(json.at("started_ns"));
  step.finished = time_of(json.at("finished_ns"));
  step.outcome = from_text<StepOutcome>(kStepOutcomes, json.at("outcome").get<std::string>());
  json.at("exit_code").get_to(step.exit_code);
  json.at("critical").get_to(step.critical);
  step.slack = Duration{json.at("slack_ns").get<std::int64_t>()};
  return step;
}

Json finding_json(const Finding& finding) {
  Json because = Json::array();
  for (const Because& link : finding.because) {
    because.push_back({{"at_ns", link.at.count()}, {"text", link.text}, {"place", link.place}});
  }
  return {{"check", finding.check},         {"parameters", finding.parameters},
          {"asked_for", finding.asked_for}, {"verdict", to_text(finding.verdict)},
          {"summary", finding.summary},     {"at_ns", time_json(finding.at)},
          {"place", finding.place},         {"because", std::move(because)}};
}

Finding finding_of(const Json& json) {
  Finding finding;
  json.at("check").get_to(finding.check);
  json.at("parameters").get_to(finding.parameters);
  json.at("asked_for").get_to(finding.asked_for);
  finding.verdict = from_text<Verdict>(kVerdicts, json.at("verdict").get<std::string>());
  json.at("summary").get_to(finding.summary);
  finding.at = time_of(json.at("at_ns"));
  json.at("place").get_to(finding.place);
  for (const Json& link : json.at("because")) {
    finding.because.push_back({Time{link.at("at_ns").get<std::int64_t>()}, link.at("text").get<std::string>(),
                               link.at("place").get<std::string>()});
  }
  return finding;
}

Json transition_json(const ToldTransition& transition) {
  Json json = {{"at_ns", transition.at.count()},
               {"subject", transition.subject},
               {"change", transition.change},
               {"by", transition.writer},
               {"cause", cause_json(transition.cause)}};
  if (!transition.further_causes.empty()) {
    json["further_causes"] = transition.further_causes;
  }
  return json;
}

ToldTransition transition_of(const Json& json) {
  ToldTransition transition;
  transition.at = Time{json.at("at_ns").get<std::int64_t>()};
  json.at("subject").get_to(transition.subject);
  json.at("change").get_to(transition.change);
  json.at("by").get_to(transition.writer);
  transition.cause = json.at("cause").is_null() ? kNoTransition : json.at("cause").get<TransitionId>();
  if (json.contains("further_causes")) {
    json.at("further_causes").get_to(transition.further_causes);
  }
  return transition;
}

template <class T, class Convert>
Json list_json(const std::vector<T>& values, Convert convert) {
  Json list = Json::array();
  for (const T& value : values) {
    list.push_back(convert(value));
  }
  return list;
}

}  // namespace

std::string StepRecord::output() const {
  std::string all;
  for (const CommandRecord& command : commands) {
    all += command.captured ? std::string() : command.output;
  }
  return all;
}

std::string StepRecord::errors() const {
  std::string all;
  for (const CommandRecord& command : commands) {
    all += command.errors;
  }
  return all;
}

std::string_view to_text(StepOutcome outcome) { return kStepOutcomes[static_cast<std::size_t>(outcome)]; }
std::string_view to_text(Verdict verdict) { return kVerdicts[static_cast<std::size_t>(verdict)]; }

Json to_json(const ResultRecord& record) {
  Json json;
  json["kind"] = "rehearsal/result";
  json["schema"] = {kResultSchemaMajor, kResultSchemaMinor};
  json["tool_version"] = record.tool_version;
  json["scenario"] = record.scenario;
  json["file"] = record.file;
  json["scenario_hash"] = record.scenario_hash;
  json["source"] = record.source;
  json["seed"] = record.seed;
  json["repeat"] = record.repeat;
  json["ended_at_ns"] = record.ended_at.count();
  json["events"] = record.events;
  json["passed"] = record.passed;
  json["as_expected"] = record.as_expected;
  json["steps"] = list_json(record.steps, step_json);
  json["findings"] = list_json(record.findings, finding_json);
  json["expectations"] = list_json(record.expectations, [](const Expectation& expectation) {
    return Json{{"text", expectation.text},
                {"met", expectation.met},
                {"detail", expectation.detail},
                {"place", expectation.place}};
  });
  json["basis"] = list_json(record.basis, [](const Basis& basis) {
    return Json{{"what", basis.what}, {"kind", basis.kind}, {"text", basis.text}};
  });
  json["warnings"] = record.warnings;
  json["transitions"] = list_json(record.transitions, transition_json);
  json["choices"] = choices_to_json(record.choices);
  return json;
}

std::optional<ResultRecord> result_from_json(const Json& json, std::string& problem) {
  try {
    if (json.at("kind").get<std::string>() != "rehearsal/result") {
      problem = "this is not a result record";
      return std::nullopt;
    }
    const int major = json.at("schema").at(0).get<int>();
    if (major != kResultSchemaMajor) {
      problem = fmt::format("schema version {} is not known here, this program reads version {}", major,
                            kResultSchemaMajor);
      return std::nullopt;
    }
    ResultRecord record;
    json.at("tool_version").get_to(record.tool_version);
    json.at("scenario").get_to(record.scenario);
    json.at("file").get_to(record.file);
    json.at("scenario_hash").get_to(record.scenario_hash);
    json.at("source").get_to(record.source);
    json.at("seed").get_to(record.seed);
    json.at("repeat").get_to(record.repeat);
    record.ended_at = Time{json.at("ended_at_ns").get<std::int64_t>()};
    json.at("events").get_to(record.events);
    json.at("passed").get_to(record.passed);
    json.at("as_expected").get_to(record.as_expected);
    for (const Json& step : json.at("steps")) {
      record.steps.push_back(step_of(step));
    }
    for (const Json& finding : json.at("findings")) {
      record.findings.push_back(finding_of(finding));
    }
    for (const Json& expectation : json.at("expectations")) {
      record.expectations.push_back(
          {expectation.at("text").get<std::string>(), expectation.at("met").get<bool>(),
           expectation.at("detail").get<std::string>(), expectation.at("place").get<std::string>()});
    }
    for (const Json& basis : json.at("basis")) {
      record.basis.push_back({basis.at("what").get<std::string>(), basis.at("kind").get<std::string>(),
                              basis.at("text").get<std::string>()});
    }
    json.at("warnings").get_to(record.warnings);
    for (const Json& transition : json.at("transitions")) {
      record.transitions.push_back(transition_of(transition));
    }
    std::optional<std::vector<Choice>> choices = choices_from_json(json.at("choices"), problem);
    if (!choices) {
      return std::nullopt;
    }
    record.choices = *std::move(choices);
    return record;
  } catch (const std::exception& error) {
    problem = fmt::format("the record is damaged: {}", error.what());
    return std::nullopt;
  }
}

Json choices_to_json(const std::vector<Choice>& choices) {
  return list_json(choices, [](const Choice& choice) {
    return Json{{"entity", fmt::format("{:016x}", choice.key.entity)},
                {"purpose", choice.key.purpose},
                {"occurrence", choice.key.occurrence},
                {"answer", choice.answer}};
  });
}

std::optional<std::vector<Choice>> choices_from_json(const Json& json, std::string& problem) {
  try {
    std::vector<Choice> choices;
    for (const Json& entry : json) {
      const std::string entity = entry.at("entity").get<std::string>();
      std::size_t used = 0;
      const std::uint64_t value = std::stoull(entity, &used, 16);
      if (used != entity.size()) {
        throw std::invalid_argument("an entity is sixteen hexadecimal digits");
      }
      choices.push_back(
          {{value, entry.at("purpose").get<std::uint32_t>(), entry.at("occurrence").get<std::uint32_t>()},
           entry.at("answer").get<std::int64_t>()});
    }
    return choices;
  } catch (const std::exception& error) {
    problem = fmt::format("the choices are damaged: {}", error.what());
    return std::nullopt;
  }
}

}  // namespace sim
