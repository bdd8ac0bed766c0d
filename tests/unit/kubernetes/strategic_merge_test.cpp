// Strategic merge patches, with cases as in apimachinery's strategicpatch/patch_test.go.

#include "models/kubernetes/strategic_merge.h"

#include <gtest/gtest.h>

#include <ostream>

namespace models::kubernetes {
namespace {

using json::Json;

struct MergeCase {
  const char* name;
  const char* live;
  const char* patch;
  const char* want;   ///< null: an error
  const char* error;  ///< its text
  friend std::ostream& operator<<(std::ostream& os, const MergeCase& c) { return os << c.name; }
};
class StrategicMerge : public testing::TestWithParam<MergeCase> {};

TEST_P(StrategicMerge, Merges) {
  const MergeCase& c = GetParam();
  Json target = Json::parse(c.live);
  const StrategicMergeError error = apply_strategic_merge_patch(target, Json::parse(c.patch));
  EXPECT_EQ(error.text, c.error);
  if (c.want != nullptr) {
    EXPECT_EQ(json::canonical(target).dump(), json::canonical(Json::parse(c.want)).dump());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cases, StrategicMerge,
    testing::Values(
        MergeCase{"maps_merge_and_null_removes", R"({"a":1,"b":{"c":1,"d":2}})", R"({"b":{"c":null,"e":3}})",
                  R"({"a":1,"b":{"d":2,"e":3}})", ""},
        MergeCase{"items_merge_by_their_key",
                  R"({"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]})",
                  R"({"containers":[{"name":"b","image":"2"}]})",
                  R"({"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}]})", ""},
        MergeCase{"new_items_stand_before_those_that_the_patch_leaves_out",
                  R"({"containers":[{"name":"a"},{"name":"b"}]})", R"({"containers":[{"name":"c"}]})",
                  R"({"containers":[{"name":"c"},{"name":"a"},{"name":"b"}]})", ""},
        MergeCase{"known_items_of_the_patch_keep_their_place",
                  R"({"containers":[{"name":"a"},{"name":"b"},{"name":"c"}]})",
                  R"({"containers":[{"name":"b","x":1},{"name":"d"}]})",
                  R"({"containers":[{"name":"a"},{"name":"b","x":1},{"name":"d"},{"name":"c"}]})", ""},
        MergeCase{"an_item_is_deleted", R"({"containers":[{"name":"a"},{"name":"b"}]})",
                  R"({"containers":[{"name":"a","$patch":"delete"}]})", R"({"containers":[{"name":"b"}]})",
                  ""},
        MergeCase{"a_list_is_replaced", R"({"containers":[{"name":"a"},{"name":"b"}]})",
                  R"({"containers":[{"name":"c"},{"$patch":"replace"}]})", R"({"containers":[{"name":"c"}]})",
                  ""},
        MergeCase{"a_map_is_replaced", R"({"m":{"a":1,"b":2}})", R"({"m":{"c":3,"$patch":"replace"}})",
                  R"({"m":{"c":3}})", ""},
        MergeCase{"a_map_is_emptied", R"({"m":{"a":1}})", R"({"m":{"$patch":"delete"}})", R"({"m":{}})", ""},
        MergeCase{"lists_without_a_key_are_replaced", R"({"tolerations":[{"key":"a"}],"command":["x"]})",
                  R"({"tolerations":[{"key":"b"}],"command":["y","z"]})",
                  R"({"tolerations":[{"key":"b"}],"command":["y","z"]})", ""},
        MergeCase{"taints_are_replaced", R"({"taints":[{"key":"a","effect":"NoSchedule"}]})",
                  R"({"taints":[{"key":"b","effect":"NoSchedule"}]})",
                  R"({"taints":[{"key":"b","effect":"NoSchedule"}]})", ""},
        MergeCase{"finalizers_are_a_set", R"({"finalizers":["a","b"]})", R"({"finalizers":["b","c"]})",
                  R"({"finalizers":["a","b","c"]})", ""},
        MergeCase{"items_leave_a_set", R"({"finalizers":["a","b"]})",
                  R"({"$deleteFromPrimitiveList/finalizers":["a"]})", R"({"finalizers":["b"]})", ""},
        MergeCase{"keys_that_are_not_retained_go",
                  R"({"strategy":{"type":"RollingUpdate","rollingUpdate":{"a":1}}})",
                  R"({"strategy":{"$retainKeys":["type"],"type":"Recreate"}})",
                  R"({"strategy":{"type":"Recreate"}})", ""},
        MergeCase{"an_order_is_given", R"({"containers":[{"name":"a"},{"name":"b"}]})",
                  R"({"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]})",
                  R"({"containers":[{"name":"b"},{"name":"a"}]})", ""},
        MergeCase{"an_item_without_its_key", R"({"containers":[{"name":"a"}]})",
                  R"({"containers":[{"image":"x","args":["p","q"]}]})", nullptr,
                  "map: map[args:[p q] image:x] does not contain declared merge key: name"},
        MergeCase{"an_unknown_directive", R"({"m":{"a":1}})", R"({"m":{"$patch":"odd"}})", nullptr,
                  "unknown patch type: odd in map: map[$patch:odd]"},
        MergeCase{"retained_keys_must_hold_the_patch", R"({"m":{"a":1}})",
                  R"({"m":{"$retainKeys":["a"],"b":1}})", nullptr, "invalid patch format of retainKeys"}),
    [](const testing::TestParamInfo<MergeCase>& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace models::kubernetes
