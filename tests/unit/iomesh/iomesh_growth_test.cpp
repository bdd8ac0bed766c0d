// Clients that go on writing while a chunk is emptied. Five chunks of 1000 GiB with 730 GiB on each: the
// others have 880 GiB below the ceiling for 730, and 7475 s are needed to move them.
#include "tests/unit/iomesh/iomesh_rehearsal.h"

namespace scenarios::testing_support {
namespace {

using sim::Verdict;

std::string storage_with(const std::string& writes) {
  return "{used: 730Gi, chunkReplicas: 5, parameters: {clientWrites: " + writes + "}}";
}

TEST_F(StorageCase, Clients_that_write_little_leave_room_for_an_unregister) {
  rehearse({.storage = storage_with("5Mi"),
            .plan = unregister(5) + show("used", kUsed),
            .more = "checks: [unregister-finishes, no-data-lost]\n"});
  EXPECT_EQ(verdict("unregister-finishes"), Verdict::Held);
  EXPECT_EQ(taken("unregister 5"), 5s + 7475200ms);
  // 730 GiB of the leaving chunk, and two replicas of 5 MiB a second for 125 whole minutes, on four chunks.
  const auto writes = time_of("drained -> gone") / 60s;
  const double each = 730 + 730.0 / 4 + 2 * 5.0 * 60 * static_cast<double>(writes) / 4 / 1024;
  const std::string used = printed("used");
  EXPECT_NEAR(std::stod(used), each, 0.5) << used;
}

TEST_F(StorageCase, Clients_that_write_much_take_the_room_of_an_unregister) {
  rehearse({.storage = storage_with("20Mi"),
            .plan = unregister(5),
            .more = "checks: [unregister-finishes, no-data-lost, redundancy-not-reduced]\n"});
  EXPECT_EQ(verdict("unregister-finishes"), Verdict::Violated);
  EXPECT_TRUE(told("migration stalls")) << summary("unregister-finishes");
  EXPECT_TRUE(told("clients cannot write: fewer than 2 chunks have room"));
  EXPECT_EQ(verdict("no-data-lost"), Verdict::Held);
  EXPECT_EQ(verdict("redundancy-not-reduced"), Verdict::Held);
}

TEST_F(StorageCase, Clients_that_write_nothing_change_nothing) {
  rehearse({.storage = storage_with("0"), .plan = unregister(5) + show("used", kUsed)});
  EXPECT_EQ(printed("used"), "912.50GiB 912.50GiB 912.50GiB 912.50GiB");
}

TEST_F(StorageCase, Growth_beyond_eighty_percent_is_told_at_the_end) {
  rehearse({.storage = storage_with("50Mi"),
            .plan = "  - step: an afternoon\n    wait: 1h\n",
            .more = "checks: [storage-use-under]\n",
            .until = "6h"});
  EXPECT_EQ(verdict("storage-use-under"), Verdict::Violated);
}

}  // namespace
}  // namespace scenarios::testing_support
