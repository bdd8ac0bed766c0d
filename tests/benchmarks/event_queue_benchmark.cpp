// The hold model: a queue of constant size from which the first event is taken and a later one put back,
// again and again; what a simulation asks of its queue. The baseline is std::priority_queue with the same
// events and order. Source: Jones, "An empirical comparison of priority-queue and event-set implementations",
// CACM 29 (1986).

#include <algorithm>
#include <chrono>
#include <queue>
#include <vector>

#include "sim/event_queue.h"
#include "tests/benchmarks/figures.h"

namespace {

constexpr std::int64_t kSizes[] = {16, 256, 4096, 65536, 1048576};

/// Delays of up to about a second, and every eighth zero, as when a controller is woken at once.
class Delays {
 public:
  sim::Duration next() {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    return sim::Duration{(state_ & 7U) == 0 ? 0 : static_cast<std::int64_t>(state_ >> 34U)};
  }

 private:
  std::uint64_t state_ = 0x9e3779b97f4a7c15U;
};

class StandardQueue {
 public:
  void push(sim::Time at) { queue_.push({at, next_order_++, 0, 0, 0, sim::kNoTransition}); }
  sim::PendingEvent pop() {
    const sim::PendingEvent first = queue_.top();
    queue_.pop();
    return first;
  }

 private:
  struct Later {
    bool operator()(const sim::PendingEvent& a, const sim::PendingEvent& b) const {
      return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
  };
  std::priority_queue<sim::PendingEvent, std::vector<sim::PendingEvent>, Later> queue_;
  std::uint64_t next_order_ = 0;
};

class KernelQueue {
 public:
  void push(sim::Time at) { queue_.push(at, 0, 0, 0, sim::kNoTransition); }
  sim::PendingEvent pop() { return queue_.pop(); }

 private:
  sim::EventQueue queue_;
};

template <class Queue>
void hold(benchmark::State& state) {
  Queue queue;
  Delays delays;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    queue.push(sim::Time{} + delays.next());
  }
  // A whole turnover first, so that the heap is the one of a long run.
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    queue.push(queue.pop().at + delays.next());
  }
  for (auto _ : state) {
    const sim::PendingEvent event = queue.pop();
    benchmark::DoNotOptimize(event);
    queue.push(event.at + delays.next());
  }
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  for (const std::int64_t size : kSizes) {
    benchmark->Arg(size);
  }
  benchmark->Repetitions(5)->MinTime(0.1)->ReportAggregatesOnly(false);
}

void hold_kernel(benchmark::State& state) { hold<KernelQueue>(state); }
void hold_standard(benchmark::State& state) { hold<StandardQueue>(state); }
BENCHMARK(hold_kernel)->Apply(sizes);
BENCHMARK(hold_standard)->Apply(sizes);

std::vector<benchmarks::Figure> judge(const benchmarks::Measurements& measurements) {
  std::vector<benchmarks::Figure> figures;
  for (const std::int64_t size : kSizes) {
    const auto own = measurements.find("hold_kernel/" + std::to_string(size));
    const auto standard = measurements.find("hold_standard/" + std::to_string(size));
    if (own && standard) {
      figures.push_back({"hold model, " + std::to_string(size) + " pending events", own->cpu * 1e9, "ns",
                         standard->cpu * 1e9, std::nullopt});
    }
  }
  return figures;
}

}  // namespace

int main(int argc, char** argv) { return benchmarks::run(argc, argv, judge); }
