#include "sim/table.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

TEST(Table, AHandleToAnErasedRowIsRecognisedAfterTheRowWasUsedAgain) {
  Table<int> table;
  const Id<int> first = table.insert(1);
  table.erase(first);
  const Id<int> second = table.insert(2);
  EXPECT_EQ(first.index, second.index);
  EXPECT_EQ(table.find(first), nullptr);
  ASSERT_NE(table.find(second), nullptr);
  EXPECT_EQ(*table.find(second), 2);
}

TEST(Table, ACopyGoesItsOwnWay) {
  Table<int> table;
  const Id<int> id = table.insert(1);
  Table<int> copy = table;
  *copy.find(id) = 5;
  copy.insert(6);
  EXPECT_EQ(*table.find(id), 1);
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(copy.size(), 2U);
}

}  // namespace
}  // namespace sim
