#include "reports/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "reports/folded_output.h"
#include "reports/wrap.h"

namespace reports {

namespace {

constexpr int kTimeWidth = 9;
constexpr int kMargin = kTimeWidth + 2;
/// More lines than a person reads: the middle of a long timeline is left out unless it is asked for.
constexpr std::size_t kTimelineMax = 120;
/// The same of the commands of a step: a loop that waits turns many times.
constexpr std::size_t kCommandsMax = 40;

/// Changes that only restate what others tell.
bool is_telling(const sim::ToldTransition& transition) {
  static constexpr std::array<std::string_view, 12> kMinor = {
      "status.",  "finalizer", "updated",  "Initialized", "bound to",  "labels",
      "restarts", "Ready ",    "owned by", "revision",    "owner ref", "adopted"};
  if (transition.subject.starts_with("controllerrevision") ||
      transition.subject.starts_with("persistentvolumeclaim")) {
    return false;
  }
  if (transition.subject.starts_with("step ")) {
    return false;  // steps have lines of their own
  }
  if (transition.subject.starts_with("node ") && transition.change == "created") {
    return false;
  }
  if (transition.change.find("the object has been modified") != std::string::npos) {
    return false;  // a controller that reads and writes again a moment later
  }
  if (transition.change.starts_with("Ready ")) {
    return !transition.subject.starts_with("pod ") || transition.change == "Ready False" ||
           transition.writer == "fault";
  }
  return std::none_of(kMinor.begin(), kMinor.end(),
                      [&](std::string_view minor) { return transition.change.starts_with(minor); });
}

/// One line of the timeline.
struct Line {
  sim::Time at{};
  std::string text;
  int times = 1;  ///< so often in a row
};

class Report {
 public:
  Report(const sim::ResultRecord& record, const TextOptions& options) : record_(record), options_(options) {}

  std::string render() {
    head();
    timeline();
    verdicts();
    expectations();
    basis();
    tail();
    return std::move(out_);
  }

 private:
  std::string paint(std::string_view text, int colour) const {
    return options_.colour ? fmt::format("\x1b[{}m{}\x1b[0m", colour, text) : std::string(text);
  }
  void title(std::string_view text) { out_ += fmt::format("\n{}\n", paint(text, kBold)); }

  void head() {
    out_ += wrap(record_.scenario, options_.width, "Rehearsal: ", 11);
    out_ += fmt::format("{}, seed {}\n", record_.file, record_.seed);
    for (const std::string& warning : record_.warnings) {
      out_ += paint(wrap(warning, options_.width, "warning: ", 9), kYellow);
    }
  }

  /// Transitions in order; equal changes of several objects at one moment share a line.
  std::vector<Line> lines() const {
    std::vector<Line> all;
    std::vector<std::string> subjects;
    const sim::ToldTransition* group = nullptr;
    const auto flush = [&] {
      if (group == nullptr) {
        return;
      }
      std::string who;
      const std::size_t shown = subjects.size() > 4 ? 3 : subjects.size();
      for (std::size_t i = 0; i < shown; ++i) {
        // The kind is said once.
        const std::string& subject = subjects[i];
        who += i == 0 ? subject : ", " + subject.substr(subject.find(' ') + 1);
      }
      if (shown < subjects.size()) {
        who += fmt::format(" and {} more", subjects.size() - shown);
      }
      const bool by_somebody = group->writer != "setup" && group->writer != "unknown";
      const std::string line =
          fmt::format("{}: {}{}", who, group->change, by_somebody ? fmt::format(" ({})", group->writer) : "");
      if (!all.empty() && all.back().text == line) {
        ++all.back().times;  // a controller that tries again and again
      } else {
        all.push_back({group->at, line, 1});
      }
      group = nullptr;
      subjects.clear();
    };
    for (const sim::ToldTransition& transition : record_.transitions) {
      if (!options_.verbose && !is_telling(transition)) {
        continue;
      }
      if (options_.verbose && transition.subject.starts_with("step ")) {
        continue;
      }
      const bool same = group != nullptr && group->at == transition.at &&
                        group->change == transition.change && group->writer == transition.writer &&
                        group->subject.substr(0, group->subject.find(' ')) ==
                            transition.subject.substr(0, transition.subject.find(' '));
      if (!same) {
        flush();
        group = &transition;
      }
      subjects.push_back(transition.subject);
    }
    flush();
    return all;
  }

  void timeline() {
    title("Timeline");
    std::vector<Line> all = lines();
    if (!options_.verbose && all.size() > kTimelineMax) {
      const std::size_t left_out = all.size() - kTimelineMax;
      all.erase(all.begin() + kTimelineMax / 2, all.end() - kTimelineMax / 2);
      all.insert(
          all.begin() + kTimelineMax / 2,
          {all[kTimelineMax / 2].at, fmt::format("… {} lines left out; --verbose shows them", left_out), 1});
    }
    std::size_t next = 0;
    std::vector<const sim::StepRecord*> steps;
    for (const sim::StepRecord& step : record_.steps) {
      if (step.started) {
        steps.push_back(&step);
      }
    }
    std::stable_sort(steps.begin(), steps.end(),
                     [](const auto* a, const auto* b) { return *a->started < *b->started; });
    for (const sim::StepRecord* step : steps) {
      // What happens at the very moment of a step is its effect and follows it.
      for (; next < all.size() && all[next].at < *step->started; ++next) {
        print_line(all[next]);
      }
      print_step(*step);
    }
    for (; next < all.size(); ++next) {
      print_line(all[next]);
    }
    for (const sim::StepRecord& step : record_.steps) {
      if (!step.started) {
        out_ +=
            fmt::format("{:>{}}  {}\n", "-", kTimeWidth,
                        fmt::format("step \"{}\" was {}", step.name,
                                    step.outcome == sim::StepOutcome::Skipped ? "skipped" : "not started"));
      }
    }
  }

  void print_line(const Line& line) {
    out_ += wrap(line.times == 1 ? line.text : fmt::format("{} — {} times", line.text, line.times),
                 options_.width, fmt::format("{:>{}}  ", moment(line.at), kTimeWidth), kMargin + 2);
  }

  static std::string outcome_text(const sim::StepRecord& step) {
    const std::string took = step.finished ? fmt::format(", {}", moment(*step.finished - *step.started)) : "";
    switch (step.outcome) {
      case sim::StepOutcome::Succeeded:
        return "done" + took + (step.exit_code == 0 ? "" : fmt::format(", exit code {}", step.exit_code));
      case sim::StepOutcome::Failed:
        return fmt::format("failed, exit code {}", step.exit_code);
      case sim::StepOutcome::TimedOut:
        return "timed out" + took;
      case sim::StepOutcome::Running:
        return "does not end";
      case sim::StepOutcome::Skipped:
        return "skipped";
      case sim::StepOutcome::NotStarted:
        return "not started";
    }
    return {};
  }

  void print_step(const sim::StepRecord& step) {
    const bool bad = step.outcome != sim::StepOutcome::Succeeded;
    out_ += paint(wrap(fmt::format("step \"{}\" ({})", step.name, outcome_text(step)), options_.width,
                       fmt::format("{:>{}}  ", moment(*step.started), kTimeWidth), kMargin),
                  bad ? kRed : kCyan);
    for (std::size_t i = 0; i < step.commands.size(); ++i) {
      const sim::CommandRecord& command = step.commands[i];
      if (!options_.verbose && step.commands.size() > kCommandsMax && i == kCommandsMax / 2) {
        const std::size_t left_out = step.commands.size() - kCommandsMax;
        out_ += fmt::format("{}… {} commands left out; --verbose shows them\n", std::string(kMargin, ' '),
                            left_out);
        i += left_out - 1;
        continue;
      }
      // A wait is no command, and has no time of its own.
      const bool performed = command.started.has_value() || command.command.starts_with("wait ");
      out_ += folded_output(command.command + (performed ? "" : "   (not performed)"),
                            std::string(kMargin, ' ') + "$ ", true);
      print_output(command);
    }
  }

  /// What a command printed; where it took its time, when it ended.
  void print_output(const sim::CommandRecord& command) {
    const std::string margin(kMargin, ' ');
    out_ += folded_output(command.output, margin + "| ", options_.verbose);
    out_ += folded_output(command.errors, margin + "! ", options_.verbose);
    if (command.finished && *command.finished > *command.started) {
      out_ += fmt::format("{}  (until {})\n", margin, moment(*command.finished));
    }
  }

  static int order(const sim::Finding& finding) {
    switch (finding.verdict) {
      case sim::Verdict::Violated:
        return 0;
      case sim::Verdict::NotReached:
        return 1;
      case sim::Verdict::Held:
        return finding.asked_for ? 2 : 3;
      case sim::Verdict::NotApplicable:
        return 4;
    }
    return 4;
  }

  void verdicts() {
    title("Verdict");
    std::vector<const sim::Finding*> findings;
    std::string not_applicable;
    for (const sim::Finding& finding : record_.findings) {
      if (finding.verdict == sim::Verdict::NotApplicable && !finding.asked_for) {
        not_applicable += (not_applicable.empty() ? "" : ", ") + finding.check;
      } else {
        findings.push_back(&finding);
      }
    }
    std::stable_sort(findings.begin(), findings.end(),
                     [](const auto* a, const auto* b) { return order(*a) < order(*b); });
    for (const sim::Finding* finding : findings) {
      print_finding(*finding);
    }
    if (!not_applicable.empty()) {
      out_ += wrap(not_applicable, options_.width, "n/a          ", 13);
    }
  }

  void print_finding(const sim::Finding& finding) {
    static constexpr std::array<std::string_view, 4> kWords = {"held", "VIOLATED", "NOT REACHED", "n/a"};
    const auto verdict = static_cast<std::size_t>(finding.verdict);
    const int colour = finding.verdict == sim::Verdict::Held ? kGreen : kRed;
    std::string text = finding.check;
    if (!finding.parameters.empty()) {
      text += " " + finding.parameters;
    }
    if (!finding.place.empty()) {
      const std::size_t colon = finding.place.rfind(':');
      text += fmt::format(" (line {})", finding.place.substr(colon + 1));
    }
    if (finding.verdict == sim::Verdict::Violated) {
      text += fmt::format("{}: {}", finding.at ? " at " + moment(*finding.at) : "", finding.summary);
    }
    // Paint after wrapping, so that the codes do not count as columns.
    std::string wrapped = wrap(text, options_.width, fmt::format("{:<13}", kWords[verdict]), 13);
    out_ += options_.colour ? paint(wrapped.substr(0, 13), colour) + wrapped.substr(13) : wrapped;
    if (finding.because.size() > 1 && finding.because == told_before_) {
      out_ += wrap("as for the finding above", options_.width, "  because  ", 11);
      return;
    }
    told_before_ = finding.because;
    for (const sim::Because& link : finding.because) {
      std::string because = link.text;
      if (!link.place.empty()) {
        const std::size_t colon = link.place.rfind(':');
        because += fmt::format(" (line {})", link.place.substr(colon + 1));
      }
      out_ +=
          wrap(because, options_.width, fmt::format("  because {:>{}}  ", moment(link.at), kTimeWidth), 21);
    }
  }

  void expectations() {
    if (record_.expectations.empty()) {
      return;
    }
    title("Expected");
    for (const sim::Expectation& expectation : record_.expectations) {
      out_ += wrap(expectation.text, options_.width, expectation.met ? "yes          " : "NO           ", 13);
      if (!expectation.met) {
        out_ += indent(expectation.detail, 13);
        out_ += expectation.detail.ends_with('\n') ? "" : "\n";
      }
    }
  }

  void basis() {
    if (record_.basis.empty()) {
      return;
    }
    title("This rests on");
    for (const sim::Basis& basis : record_.basis) {
      out_ += wrap(fmt::format("{}{}", basis.what, basis.text.empty() ? "" : " — " + basis.text),
                   options_.width, fmt::format("{:<13}", basis.kind), 13);
    }
  }

  void tail() {
    const auto violated =
        std::count_if(record_.findings.begin(), record_.findings.end(),
                      [](const sim::Finding& finding) { return finding.verdict == sim::Verdict::Violated; });
    out_ += "\n";
    std::string summary;
    const std::string took = moment(record_.ended_at) + (options_.simulated ? " of simulated time" : "");
    if (record_.passed) {
      summary = fmt::format("All held, in {}.", took);
    } else if (violated > 0) {
      summary = fmt::format(
          "{} {} violated, in {}{}.", violated, violated == 1 ? "check was" : "checks were", took,
          !record_.expectations.empty() && record_.as_expected ? ", as the scenario expects" : "");
    } else {
      summary = fmt::format(
          "Not all was reached or met, in {}{}.", took,
          !record_.expectations.empty() && record_.as_expected ? ", as the scenario expects" : "");
    }
    out_ += paint(summary, record_.passed ? kGreen : kRed) + "\n";
    if (!record_.repeat.empty()) {
      out_ += fmt::format("repeat: {}\n", record_.repeat);
    }
  }

  static constexpr int kBold = 1;
  static constexpr int kRed = 31;
  static constexpr int kGreen = 32;
  static constexpr int kYellow = 33;
  static constexpr int kCyan = 36;

  const sim::ResultRecord& record_;
  const TextOptions& options_;
  std::vector<sim::Because> told_before_;  ///< the chain that was printed last
  std::string out_;
};

}  // namespace

std::string text(const sim::ResultRecord& record, const TextOptions& options) {
  return Report(record, options).render();
}

std::string indent(const std::string& text, int columns) {
  std::string result;
  bool at_start = true;
  for (const char c : text) {
    if (at_start && c != '\n') {
      result.append(static_cast<std::size_t>(columns), ' ');
    }
    result += c;
    at_start = c == '\n';
  }
  return result;
}

}  // namespace reports
