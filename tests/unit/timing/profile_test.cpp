#include "models/timing/profile.h"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <chrono>
#include <set>
#include <string>

namespace models::timing {
namespace {

using namespace std::chrono_literals;

TEST(Profile, KeysAreSortedAndNumberedByTheirPlace) {
  ASSERT_EQ(known_keys().size(), kKeys);
  for (std::size_t i = 0; i < kKeys; ++i) {
    EXPECT_EQ(static_cast<std::size_t>(known_keys()[i].key), i) << known_keys()[i].name;
    EXPECT_EQ(key_of(known_keys()[i].name), known_keys()[i].key);
    if (i > 0) {
      EXPECT_LT(known_keys()[i - 1].name, known_keys()[i].name);
    }
  }
}

TEST(Profile, EveryKeySaysWhatItMeansAndWhereItsNumberComesFrom) {
  for (const KnownKey& known : known_keys()) {
    EXPECT_TRUE(known.documentation.ends_with('.')) << known.name;
    EXPECT_FALSE(known.otherwise.provenance().text.empty()) << known.name;
  }
}

TEST(Profile, UnknownKeyIsNotFound) {
  EXPECT_EQ(key_of("pod.starts"), std::nullopt);
  EXPECT_EQ(key_of(""), std::nullopt);
  EXPECT_EQ(key_of("zebra"), std::nullopt);
}

TEST(Profile, SetChangesOneKeyOnly) {
  Profile profile("kind");
  profile.set(Key::pod_start, Distribution::fixed(1s));
  EXPECT_EQ(profile.at(Key::pod_start), Distribution::fixed(1s));
  EXPECT_EQ(profile.at(Key::pod_stop), Profile().at(Key::pod_stop));
  EXPECT_EQ(profile.name(), "kind");
  EXPECT_NE(profile, Profile("kind"));
}

/// The notation of the profile files, read back into the text form of a distribution.
std::string text_of(const YAML::Node& timing) {
  if (timing["fixed"]) {
    return timing["fixed"].as<std::string>();
  }
  if (timing["uniform"]) {
    return timing["uniform"][0].as<std::string>() + " to " + timing["uniform"][1].as<std::string>();
  }
  return "p50 " + timing["p50"].as<std::string>() + ", p95 " + timing["p95"].as<std::string>();
}

Provenance provenance_of(const YAML::Node& timing) {
  for (const char* kind : {"source", "measured", "fitted", "assumed"}) {
    if (timing[kind]) {
      return {*provenance_kind(kind), timing[kind].as<std::string>()};
    }
  }
  return {};
}

// 60s reads better than 1m in a file; both are the same duration.
std::string normalised(std::string text) { return text == "60s" ? "1m" : text; }

TEST(Profile, DefaultFileStatesTheBuiltInDefaults) {
  const YAML::Node file = YAML::LoadFile("models/timing/profiles/default.yaml");
  EXPECT_EQ(file["profile"].as<std::string>(), "default");
  EXPECT_EQ(file["timings"].size(), kKeys);
  for (const KnownKey& known : known_keys()) {
    const YAML::Node timing = file["timings"][std::string(known.name)];
    ASSERT_TRUE(timing) << known.name;
    EXPECT_EQ(normalised(text_of(timing)), known.otherwise.to_text()) << known.name;
    EXPECT_EQ(provenance_of(timing), known.otherwise.provenance()) << known.name;
  }
}

TEST(Profile, KindFileChangesKnownKeysOnly) {
  const YAML::Node file = YAML::LoadFile("models/timing/profiles/kind.yaml");
  EXPECT_EQ(file["profile"].as<std::string>(), "kind");
  std::set<std::string> seen;
  for (const auto& entry : file["timings"]) {
    const auto name = entry.first.as<std::string>();
    EXPECT_TRUE(key_of(name)) << name;
    EXPECT_TRUE(seen.insert(name).second) << name << " stands twice";
    EXPECT_FALSE(provenance_of(entry.second).text.empty()) << name;
  }
}

}  // namespace
}  // namespace models::timing
