#pragma once
// What the watches of a real cluster print while an Indexed Job runs: objects of real size, with their
// managedFields, as kubectl indents them.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/targets/recording/writer.h"

namespace benchmarks {

/// The watch events of a Job whose pods come, run and succeed, a batch of them at a time.
class WatchedJob {
 public:
  /// Six events a pod, and one of the Job after each batch.
  explicit WatchedJob(std::uint32_t pods);

  /// `kubectl get nodes,pods,… -o json` before the Job was created.
  [[nodiscard]] std::string snapshot() const;
  /// The events of the watch of nodes.
  [[nodiscard]] std::string nodes() const;
  /// Hands out the events of pods and of the Job in their order.
  void events(const std::function<void(bool of_pod, std::string_view event)>& receive) const;

  [[nodiscard]] std::uint32_t pods() const { return pods_; }
  /// Events of pods, all of about the same size.
  [[nodiscard]] std::uint64_t pod_events() const { return std::uint64_t{pods_} * kStages; }

  static constexpr std::uint32_t kBatch = 100;
  static constexpr std::uint32_t kStages = 6;

 private:
  /// A text with gaps for what differs from pod to pod.
  struct Template {
    std::vector<std::string> pieces;
    std::vector<char> gaps;  ///< behind each piece but the last
  };
  static Template cut(const std::string& text);
  [[nodiscard]] std::string job_event(std::uint32_t done, std::uint64_t version) const;

  std::uint32_t pods_;
  std::vector<Template> stages_;
};

/// The plan that creates the Job and waits for its end.
std::string plan_of(const WatchedJob& job);

/// Writes the recording of that plan: 1,000 events a second.
void record(const WatchedJob& job, const std::string& path);

}  // namespace benchmarks
