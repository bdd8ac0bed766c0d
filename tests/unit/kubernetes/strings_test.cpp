// Interned strings: ids count in the order of interning, whichever copy of a world holds them.

#include "models/kubernetes/strings.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace models::kubernetes {
namespace {

/// What is to hold of a copy: every text has the id of its place.
void require_ids(const Strings& strings, const std::vector<std::string>& texts) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Text id = static_cast<Text>(i + 1);
    RC_ASSERT(strings[id] == texts[i]);
    RC_ASSERT(strings.find(texts[i]) == id);
  }
  RC_ASSERT(strings.find("never interned") == 0U);
}

RC_GTEST_PROP(Strings, copiesGrowApart, ()) {
  struct Copy {
    Strings strings;
    std::vector<std::string> texts;
  };
  std::vector<Copy> copies(1);
  const int steps = *rc::gen::inRange(1, 30);
  for (int step = 0; step < steps; ++step) {
    const auto which = *rc::gen::inRange<std::size_t>(0, copies.size());
    switch (*rc::gen::inRange(0, 5)) {
      case 0:
        copies.push_back(copies[which]);
        break;
      case 1:
        copies[which].strings.freeze();
        break;
      default: {
        const int count = *rc::gen::inRange(1, 100);
        for (int i = 0; i < count; ++i) {
          const std::string text = fmt::format("text {} of step {}", i, step);
          const Text id = copies[which].strings.intern(text);
          copies[which].texts.push_back(text);
          RC_ASSERT(id == copies[which].texts.size());
          RC_ASSERT(copies[which].strings.intern(text) == id);
        }
      }
    }
    for (const Copy& copy : copies) {
      require_ids(copy.strings, copy.texts);
    }
  }
}

TEST(Strings, theEmptyTextIsNought) {
  Strings strings;
  EXPECT_EQ(strings.intern(""), 0U);
  EXPECT_EQ(strings[0], "");
}

}  // namespace
}  // namespace models::kubernetes
