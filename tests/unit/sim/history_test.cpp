#include "sim/history.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

TEST(History, IdsCountOnWhenNothingIsKept) {
  History kept(true);
  History dropped(false);
  for (int event = 0; event < 3; ++event) {
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(kept.emit({}), dropped.emit({}));
    }
    kept.end_event();
    dropped.end_event();
  }
  EXPECT_TRUE(kept.holds(0));
  EXPECT_FALSE(dropped.holds(0));
  EXPECT_EQ(kept.next_id(), dropped.next_id());
}

TEST(History, ATextIsFoundByItsIdAndTheEmptyTextIsZero) {
  History history;
  EXPECT_EQ(history.text(""), 0U);
  const std::uint32_t id = history.text("0/3 nodes are available");
  EXPECT_EQ(history.text_at(id), "0/3 nodes are available");
  EXPECT_EQ(history.text_at(0), "");
}

TEST(History, ASubjectKeepsItsNameAfterItIsGone) {
  History history;
  history.introduce(3, {1, 2, 3, 4, 5});
  EXPECT_EQ(history.subject(3).index, 4);
  EXPECT_EQ(history.subject(9).kind, 0U);
}

}  // namespace
}  // namespace sim
