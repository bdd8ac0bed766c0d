#include "scenarios/targets/fidelity/recorded_flags.h"

#include <gtest/gtest.h>

#include <chrono>

namespace scenarios::targets {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> take(const char* flags, models::kubernetes::ComponentSettings& components) {
  return take_flags(nlohmann::ordered_json::parse(flags), components);
}

TEST(RecordedFlags, AreTakenOverWhereARuleReadsThem) {
  models::kubernetes::ComponentSettings components;
  EXPECT_TRUE(take(R"({"kube-controller-manager": ["--node-monitor-grace-period=15s",
                       "--terminated-pod-gc-threshold=3"]})",
                   components)
                  .empty());
  EXPECT_EQ(components.node_monitor_grace, 15s);
  EXPECT_EQ(components.terminated_pod_threshold, 3);
}

TEST(RecordedFlags, ThatNoRuleReadsAreTold) {
  models::kubernetes::ComponentSettings components;
  const std::vector<std::string> unread = take(
      R"({"kube-controller-manager": ["--node-monitor-grace-period=soon", "--concurrent-job-syncs=1"],
          "kube-scheduler": ["--node-monitor-grace-period=15s"]})",
      components);
  EXPECT_EQ(unread, (std::vector<std::string>{"kube-controller-manager --node-monitor-grace-period=soon",
                                              "kube-controller-manager --concurrent-job-syncs=1",
                                              "kube-scheduler --node-monitor-grace-period=15s"}));
  EXPECT_EQ(components.node_monitor_grace, sim::Duration::zero());
}

}  // namespace
}  // namespace scenarios::targets
