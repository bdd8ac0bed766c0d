#include "scenarios/targets/fidelity/layered_map.h"

#include <gtest/gtest.h>

#include <string>

namespace scenarios::targets {
namespace {

TEST(LayeredMap, ALayerReadsWhatIsBelowAndKeepsItsWritesForItself) {
  LayeredMap<std::string, int> below;
  below["a"] = 1;
  below["b"] = 2;

  LayeredMap<std::string, int> layer = below.on_top();
  layer["a"] += 10;
  layer["c"] = 3;

  ASSERT_NE(layer.find("a"), nullptr);
  EXPECT_EQ(*layer.find("a"), 11);
  ASSERT_NE(layer.find("b"), nullptr);
  EXPECT_EQ(*layer.find("b"), 2);
  EXPECT_EQ(*below.find("a"), 1);
  EXPECT_EQ(below.find("c"), nullptr);
  EXPECT_EQ(layer.find("d"), nullptr);
}

}  // namespace
}  // namespace scenarios::targets
