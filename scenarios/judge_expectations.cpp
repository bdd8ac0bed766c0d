#include "scenarios/judge_expectations.h"

#include <fmt/core.h>

#include <algorithm>

namespace scenarios {

namespace {

using language::Text;

class Judge {
 public:
  Judge(const Rehearsal& rehearsal, const sim::ResultRecord& record)
      : expect_(rehearsal.scenario.expect), record_(record) {}

  std::vector<sim::Expectation> judge() {
    verdicts();
    causes();
    stalls();
    exit_code();
    prints();
    if (expect_.findings.given()) {
      const auto count = std::count_if(record_.findings.begin(), record_.findings.end(), violated);
      met(fmt::format("{} findings", expect_.findings.value), count == expect_.findings.value,
          fmt::format("there are {}", count), expect_.findings.at);
    }
    if (expect_.admission_error.given()) {
      admission_error();
    }
    unexpected_findings();
    return std::move(expectations_);
  }

 private:
  static bool violated(const sim::Finding& finding) { return finding.verdict == sim::Verdict::Violated; }

  void met(std::string text, bool is_met, std::string detail, const language::Location& at) {
    expectations_.push_back({std::move(text), is_met, is_met ? std::string() : std::move(detail),
                             at.known() ? fmt::format("{}:{}", at.file, at.line) : std::string()});
  }

  /// The verdict of a check by name; of several, the one wanted if any has it.
  void expect_verdict(const Text& name, sim::Verdict wanted) {
    bool found = false;
    std::string others;
    for (const sim::Finding& finding : record_.findings) {
      if (finding.check == name.value) {
        found = found || finding.verdict == wanted;
        others += (others.empty() ? "" : ", ") + std::string(sim::to_text(finding.verdict));
      }
    }
    met(fmt::format("{} {}", name.value, sim::to_text(wanted)), found,
        others.empty() ? "there is no such check in this run" : fmt::format("it ended as {}", others),
        name.at);
  }

  void verdicts() {
    for (const Text& name : expect_.holds) {
      if (name.value != "all") {
        expect_verdict(name, sim::Verdict::Held);
        continue;
      }
      std::string others;
      for (const sim::Finding& finding : record_.findings) {
        if (violated(finding) || (finding.asked_for && finding.verdict != sim::Verdict::Held)) {
          others += fmt::format("{}{} {}", others.empty() ? "" : ", ", finding.check,
                                sim::to_text(finding.verdict));
        }
      }
      met("all checks hold", others.empty(), others, name.at);
    }
    for (const Text& name : expect_.violates) {
      expect_verdict(name, sim::Verdict::Violated);
    }
    for (const Text& name : expect_.not_reached) {
      expect_verdict(name, sim::Verdict::NotReached);
    }
  }

  /// The steps that the violated checks are put down to.
  void causes() {
    for (const Text& name : expect_.because_of) {
      const std::string step = fmt::format("step \"{}\"", name.value);
      std::string others;
      const bool found =
          std::any_of(record_.findings.begin(), record_.findings.end(), [&](const auto& finding) {
            return violated(finding) && is_expected(finding) &&
                   std::any_of(finding.because.begin(), finding.because.end(), [&](const sim::Because& link) {
                     others += link.text.starts_with("step ") ? (others.empty() ? "" : ", ") + link.text : "";
                     return link.text.starts_with(step);
                   });
          });
      met(fmt::format("because of {}", step), found,
          others.empty() ? "no step is among the causes" : fmt::format("the causes are {}", others), name.at);
    }
  }

  bool is_expected(const sim::Finding& finding) const {
    return std::any_of(expect_.violates.begin(), expect_.violates.end(),
                       [&](const Text& name) { return name.value == finding.check; });
  }

  const sim::StepRecord* find_step(const std::string& name) const {
    const auto step = std::find_if(record_.steps.begin(), record_.steps.end(),
                                   [&](const sim::StepRecord& record) { return record.name == name; });
    return step == record_.steps.end() ? nullptr : &*step;
  }

  static bool stalled(const sim::StepRecord& step) {
    return step.outcome == sim::StepOutcome::Running || step.outcome == sim::StepOutcome::TimedOut;
  }

  void stalls() {
    if (!expect_.stalls.given()) {
      return;
    }
    const sim::StepRecord* step = find_step(expect_.stalls.value);
    met(fmt::format("step \"{}\" stalls", expect_.stalls.value), step != nullptr && stalled(*step),
        step == nullptr ? "there is no such step" : fmt::format("it {}", sim::to_text(step->outcome)),
        expect_.stalls.at);
    if (expect_.waiting_on.given()) {
      const std::string on = waited_for();
      met(fmt::format("waiting on {}", expect_.waiting_on.value), names(on, expect_.waiting_on.value),
          on.empty() ? "nothing waits" : fmt::format("it waits on {}", on), expect_.waiting_on.at);
    }
  }

  /// What the stalled step's chain of causes waits for, as in "pod default/web-1".
  std::string waited_for() const {
    constexpr std::string_view kWaitsFor = "waits for ";
    for (const sim::Finding& finding : record_.findings) {
      if (finding.check != "stalls") {
        continue;
      }
      for (const sim::Because& link : finding.because) {
        const std::size_t wait = link.text.find(kWaitsFor);
        if (wait == std::string::npos) {
          continue;
        }
        const std::string rest = link.text.substr(wait + kWaitsFor.size());
        if (rest.find('/') == std::string::npos) {
          continue;  // it waits for a time, not for an object
        }
        const std::size_t kind_end = rest.find(' ');
        const std::size_t name_end = kind_end == std::string::npos ? kind_end : rest.find(' ', kind_end + 1);
        return rest.substr(0, name_end);
      }
    }
    return {};
  }

  /// Whether "pod default/web-1" is what "web-1" or "default/web-1" names; a Job's pod also without its
  /// suffix.
  static bool names(const std::string& object, const std::string& name) {
    constexpr std::size_t kSuffixLength = 6;  // a dash and five characters
    const auto ends_with_name = [&](std::string_view whole) {
      if (name.empty() || !whole.ends_with(name)) {
        return false;
      }
      const std::size_t begin = whole.size() - name.size();
      return begin == 0 || whole[begin - 1] == '/' || whole[begin - 1] == ' ';
    };
    return ends_with_name(object) ||
           (object.size() > kSuffixLength && object[object.size() - kSuffixLength] == '-' &&
            ends_with_name(std::string_view(object).substr(0, object.size() - kSuffixLength)));
  }

  void exit_code() {
    if (expect_.exit.given()) {
      const auto last = std::find_if(record_.steps.rbegin(), record_.steps.rend(),
                                     [](const sim::StepRecord& step) { return step.started.has_value(); });
      met(fmt::format("the last command exits with {}", expect_.exit.value),
          last != record_.steps.rend() && last->exit_code == expect_.exit.value,
          last == record_.steps.rend() ? "no step was performed"
                                       : fmt::format("it exited with {}", last->exit_code),
          expect_.exit.at);
    }
  }

  void prints() {
    for (const language::PrintsExpectation& prints : expect_.prints) {
      const sim::StepRecord* step = find_step(prints.step.value);
      const std::string what = fmt::format("step \"{}\" prints the given text", prints.step.value);
      if (step == nullptr) {
        met(what, false, "there is no such step", prints.step.at);
        continue;
      }
      const bool matches = language::matches_output(prints.text.value, step->output());
      met(what, matches,
          fmt::format("line {} differs; it printed:\n{}",
                      language::first_difference(prints.text.value, step->output()), step->output()),
          prints.text.at);
    }
  }

  void admission_error() {
    const bool found =
        std::any_of(record_.steps.begin(), record_.steps.end(), [&](const sim::StepRecord& step) {
          return step.errors().find(expect_.admission_error.value) != std::string::npos;
        });
    std::string printed;
    for (const sim::StepRecord& step : record_.steps) {
      printed += step.errors();
    }
    met(fmt::format("the API server answers \"{}\"", expect_.admission_error.value), found,
        printed.empty() ? "no command printed an error" : fmt::format("the commands printed:\n{}", printed),
        expect_.admission_error.at);
  }

  /// A violated check that nothing above expects must not go unseen.
  void unexpected_findings() {
    if (!expect_.given()) {
      return;
    }
    std::string unexpected;
    for (const sim::Finding& finding : record_.findings) {
      // A step that is expected to stall is a finding, and does not come to its `then`.
      const bool follows_stall =
          expect_.stalls.given() && (finding.check == "then" || finding.check == "stalls");
      if (violated(finding) && !is_expected(finding) && !follows_stall && !expect_.findings.given()) {
        unexpected += fmt::format("{}{}: {}", unexpected.empty() ? "" : "; ", finding.check, finding.summary);
      }
    }
    if (!unexpected.empty()) {
      met("no other finding", false, unexpected, expect_.at);
    }
  }

  const language::Expectation& expect_;
  const sim::ResultRecord& record_;
  std::vector<sim::Expectation> expectations_;
};

}  // namespace

std::vector<sim::Expectation> judge_expectations(const Rehearsal& rehearsal,
                                                 const sim::ResultRecord& record) {
  return Judge(rehearsal, record).judge();
}

}  // namespace scenarios
