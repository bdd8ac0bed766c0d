#include "scenarios/targets/live/json_stream.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace scenarios::targets {
namespace {

const std::vector<std::string> kObjects = {R"({"type":"ADDED","object":{"a":[1,{"b":"}{\"]"}]}})", "{}",
                                           "{\n  \"text\": \"a\\\\\"\n}"};

TEST(JsonStream, HandsOnWholeObjectsAndCountsRubbish) {
  JsonStream stream;
  std::vector<std::string> received;
  stream.feed("oops " + kObjects[0] + "\n" + kObjects[1] + "{\"open\":",
              [&](std::string_view object) { received.emplace_back(object); });
  EXPECT_EQ(received, (std::vector<std::string>{kObjects[0], kObjects[1]}));
  EXPECT_EQ(stream.rubbish(), 4U);
  EXPECT_GT(stream.pending(), 0U);
}

RC_GTEST_PROP(JsonStream, GivesTheSameHoweverItIsCut, (std::vector<std::uint8_t> cuts)) {
  std::string text;
  for (const std::string& object : kObjects) {
    text += object + "\n";
  }
  JsonStream stream;
  std::vector<std::string> received;
  std::size_t at = 0;
  for (std::size_t i = 0; at < text.size(); ++i) {
    const std::size_t size = i < cuts.size() ? cuts[i] % std::size_t{9} : text.size();
    stream.feed(std::string_view(text).substr(at, size),
                [&](std::string_view object) { received.emplace_back(object); });
    at += size;
  }
  RC_ASSERT(received == kObjects);
  RC_ASSERT(stream.pending() == 0U);
}

}  // namespace
}  // namespace scenarios::targets
