// Streams are redacted the same however they are cut, and no planted secret gets through.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "scenarios/targets/programs/recording_programs.h"
#include "scenarios/targets/recording/redaction.h"
#include "tests/unit/targets/temporary_folder.h"

namespace scenarios::targets {
namespace {

using Arguments = std::vector<std::string>;

const Arguments kWatch = {"kubectl", "get", "pods", "--watch", "--output-watch-events", "-o", "json"};
const Arguments kYaml = {"kubectl", "get", "all", "-o", "yaml"};
const Arguments kTable = {"kubectl", "get", "pods"};

std::string redacted(const Arguments& arguments, std::string_view text, RedactionCounts& counts,
                     std::size_t piece = std::string::npos) {
  const auto redactor = redactor_for(arguments, false, counts);
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += std::min(piece, text.size() - at)) {
    out += redactor->feed(text.substr(at, piece));
  }
  out += redactor->finish();
  return out;
}

struct StreamCase {
  const char* name;
  Arguments arguments;
  std::string text;
  std::string want;

  friend std::ostream& operator<<(std::ostream& os, const StreamCase& c) { return os << c.name; }
};

const StreamCase kStreams[] = {
    {"secret_whose_kind_comes_last", kWatch,
     R"({"type":"ADDED","object":{"apiVersion":"v1","data":{"a":"Planted","b":""},"kind":"Secret","metadata":{"name":"x"}}})"
     "\n",
     R"({"type":"ADDED","object":{"apiVersion":"v1","data":{"a":"**redacted**","b":""},"kind":"Secret","metadata":{"name":"x"}}})"
     "\n"},
    {"secret_whose_kind_comes_first", kWatch, R"({"kind":"Secret","stringData":{"a":"Planted"}})",
     R"({"kind":"Secret","stringData":{"a":"**redacted**"}})"},
    {"config_map_keeps_its_data", kWatch, R"({"data":{"a": "b\u003c"}, "kind":"ConfigMap","metadata":{}})",
     R"({"data":{"a": "b\u003c"}, "kind":"ConfigMap","metadata":{}})"},
    {"list_with_both", kWatch,
     R"({"items":[{"data":{"a":"Planted"},"kind":"Secret"},{"data":{"a":"kept"},"kind":"ConfigMap"}],"kind":"List"})",
     R"({"items":[{"data":{"a":"**redacted**"},"kind":"Secret"},{"data":{"a":"kept"},"kind":"ConfigMap"}],"kind":"List"})"},
    {"raw_list_of_secrets", kWatch,
     R"({"kind":"SecretList","items":[{"metadata":{"name":"x"},"data":{"a":"Planted"}}]})",
     R"({"kind":"SecretList","items":[{"metadata":{"name":"x"},"data":{"a":"**redacted**"}}]})"},
    {"object_that_never_says_its_kind", kWatch, R"({"metadata":{"name":"x"},"data":{"a":"Planted"}})",
     R"({"metadata":{"name":"x"},"data":{"a":"**redacted**"}})"},
    {"last_applied_of_a_secret", kWatch,
     R"({"kind":"Secret","metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"kind\":\"Secret\",\"data\":{\"a\":\"Planted\"}}\n"}}})",
     R"({"kind":"Secret","metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"kind\":\"Secret\",\"data\":{\"a\":\"**redacted**\"}}\n"}}})"},
    {"environment_of_a_pod", kWatch,
     R"({"kind":"Pod","spec":{"containers":[{"env":[{"name":"A","value":"Planted"},{"name":"B","valueFrom":{"fieldRef":{"fieldPath":"spec.nodeName"}}}]}]}})",
     R"({"kind":"Pod","spec":{"containers":[{"env":[{"name":"A","value":"**redacted**"},{"name":"B","valueFrom":{"fieldRef":{"fieldPath":"spec.nodeName"}}}]}]}})"},
    {"environment_of_a_minicluster", kWatch,
     R"({"spec":{"containers":[{"environment":{"A":"Planted","B":7}}]}})",
     R"({"spec":{"containers":[{"environment":{"A":"**redacted**","B":"**redacted**"}}]}})"},
    {"managed_fields_stay", kWatch,
     R"({"kind":"Secret","metadata":{"managedFields":[{"fieldsV1":{"f:data":{".":{},"f:password":{}}},"manager":"kubectl","time":"2026-01-01T00:00:00Z"}]}})",
     R"({"kind":"Secret","metadata":{"managedFields":[{"fieldsV1":{"f:data":{".":{},"f:password":{}}},"manager":"kubectl","time":"2026-01-01T00:00:00Z"}]}})"},
    {"volumes_stay", kWatch,
     R"({"volumes":[{"secret":{"defaultMode":420,"secretName":"x"}}],"automountServiceAccountToken":true})",
     R"({"volumes":[{"secret":{"defaultMode":420,"secretName":"x"}}],"automountServiceAccountToken":true})"},
    {"keys_and_arguments", kWatch,
     R"({"password":"Planted","n":{"apiKey":12345},"args":["--token","Planted","--a=b","--password=Planted"]})",
     R"({"password":"**redacted**","n":{"apiKey":"**redacted**"},"args":["--token","**redacted**","--a=b","--password=**redacted**"]})"},
    {"credentials_below", kWatch, R"({"credentials":{"user":"Planted","keys":["Planted"]},"x":1.5e3})",
     R"({"credentials":{"user":"**redacted**","keys":["**redacted**"]},"x":1.5e3})"},
    {"token_in_a_text", kWatch, R"({"message":"sent \"Bearer Planted1\" to https://u:Planted@h\n"})",
     R"({"message":"sent \"Bearer **redacted**\" to https://u:**redacted**@h\n"})"},
    {"rubbish_between_values", kWatch,
     "{\"a\":1}\nwarning: password=Planted\n{\"kind\":\"Secret\",\"data\":{\"a\":\"Planted\"}}\n",
     "{\"a\":1}\nwarning: password=**redacted**\n{\"kind\":\"Secret\",\"data\":{\"a\":\"**redacted**\"}}\n"},
    {"rubbish_inside_a_value", kWatch,
     "{\"data\":{\"a\":oops\n\"b\":\"Planted\"},\n \"kind\":\"Secret\"}\n{\"a\":1}\n",
     "{\"data\":{\"a\":**redacted**\n**redacted**\n**redacted**\n{\"a\":1}\n"},
    {"value_that_is_cut", kWatch, R"({"data":{"a":"Planted","b":"Plan)",
     R"({"data":{"a":"**redacted**","b":"**redacted**)"},
    {"yaml_secret", kYaml,
     "apiVersion: v1\nitems:\n- apiVersion: v1\n  data:\n    a: Planted\n    b: |\n      Planted\n\n      "
     "Planted\n    c: \"\"\n  kind: Secret\n"
     "- apiVersion: v1\n  data:\n    a: kept\n    b: |\n      kept: too\n  kind: ConfigMap\nkind: List\n",
     "apiVersion: v1\nitems:\n- apiVersion: v1\n  data:\n    a: \"**redacted**\"\n    b: \"**redacted**\"\n  "
     "  c: \"\"\n  kind: Secret\n"
     "- apiVersion: v1\n  data:\n    a: kept\n    b: |\n      kept: too\n  kind: ConfigMap\nkind: List\n"},
    {"yaml_secret_with_its_kind_first", kYaml,
     "kind: Secret\nstringData:\n  a: Planted\n---\nkind: ConfigMap\ndata:\n  a: kept\n",
     "kind: Secret\nstringData:\n  a: \"**redacted**\"\n---\nkind: ConfigMap\ndata:\n  a: kept\n"},
    {"yaml_environment", kYaml,
     "spec:\n  containers:\n  - env:\n    - name: A\n      value: Planted\n    - name: B\n      valueFrom:\n "
     "       fieldRef:\n          fieldPath: x\n    image: kept\n",
     "spec:\n  containers:\n  - env:\n    - name: A\n      value: \"**redacted**\"\n    - name: B\n      "
     "valueFrom:\n        fieldRef:\n          fieldPath: x\n    image: kept\n"},
    {"yaml_long_value", kYaml,
     "env:\n- name: A\n  value: Planted\n    Planted\n- name: B\n  value: |\n    Planted\nkept: 1\n",
     "env:\n- name: A\n  value: \"**redacted**\"\n- name: B\n  value: \"**redacted**\"\nkept: 1\n"},
    {"kubeconfig",
     {"kubectl", "config", "view", "--raw"},
     "users:\n- name: a\n  user:\n    client-certificate-data: Planted\n    client-key-data: Planted\n    "
     "token: Planted\n    username: kept\n",
     "users:\n- name: a\n  user:\n    client-certificate-data: \"**redacted**\"\n    client-key-data: "
     "\"**redacted**\"\n    token: \"**redacted**\"\n    username: kept\n"},
    {"yaml_arguments", kYaml, "args:\n- --token\n- Planted\n- --password=Planted\n- kept\n",
     "args:\n- --token\n- \"**redacted**\"\n- --password=**redacted**\n- kept\n"},
    {"yaml_last_applied", kYaml,
     "metadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      "
     "{\"kind\":\"Secret\",\"stringData\":{\"a\":\"Planted\"}}\n  name: x\n",
     "metadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      "
     "{\"kind\":\"Secret\",\"stringData\":{\"a\":\"**redacted**\"}}\n  name: x\n"},
    {"yaml_private_key", kYaml,
     "data:\n  key: |\n    -----BEGIN PRIVATE KEY-----\n    Planted\n    -----END PRIVATE KEY-----\n  b: "
     "kept\nkind: ConfigMap\n",
     "data:\n  key: |\n    -----BEGIN PRIVATE KEY-----\n    **redacted**\n    -----END PRIVATE KEY-----\n  "
     "b: kept\nkind: ConfigMap\n"},
    {"describe",
     {"kubectl", "describe", "pod", "a"},
     "    Environment:\n      A:  Planted\n      B:  Planted\n    Mounts:\n      /a from b\n",
     "    Environment:\n      A:  \"**redacted**\"\n      B:  \"**redacted**\"\n    Mounts:\n      /a from "
     "b\n"},
    {"printenv",
     {"kubectl", "exec", "a", "--", "env"},
     "A=Planted\nB=Planted Planted\n",
     "A=**redacted**\nB=**redacted**\n"},
    {"text_with_private_key", kTable,
     "a\n-----BEGIN EC PRIVATE KEY-----\nPlanted\n-----END EC PRIVATE KEY-----\nb",
     "a\n-----BEGIN EC PRIVATE KEY-----**redacted**\n-----END EC PRIVATE KEY-----\nb"},
    {"whole_output",
     {"kubectl", "get", "secret", "a", "-o", "jsonpath={.data.a}"},
     "Planted\n\nPlanted",
     "**redacted**\n\n**redacted**"},
    {"unannounced_json",
     {"kubectl", "exec", "a", "--", "cat", "x"},
     "\n{\n  \"kind\": \"Secret\",\n  \"data\": {\n    \"a\": \"Planted\"\n  }\n}\n",
     "\n{\n  \"kind\": \"Secret\",\n  \"data\": {\n    \"a\": \"**redacted**\"\n  }\n}\n"},
    {"unannounced_manifest",
     {"kubectl", "exec", "a", "--", "cat", "x"},
     "apiVersion: v1\ndata:\n  a: Planted\nkind: Secret\n",
     "apiVersion: v1\ndata:\n  a: \"**redacted**\"\nkind: Secret\n"},
    {"table_stays", kTable, "NAME   READY\nweb-0  1/1\n", "NAME   READY\nweb-0  1/1\n"},
    {"rubbish_stays", kTable, "\x01\xff\xfe{[\"\n\n", "\x01\xff\xfe{[\"\n\n"},
};

class RedactStream : public testing::TestWithParam<StreamCase> {};

TEST_P(RedactStream, givesTheExpectedText) {
  RedactionCounts counts;
  const std::string out = redacted(GetParam().arguments, GetParam().text, counts);
  EXPECT_EQ(out, GetParam().want);
  EXPECT_EQ(counts.total() > 0, GetParam().text != GetParam().want);
  EXPECT_EQ(out.find("Planted"), std::string::npos);
}

TEST_P(RedactStream, cutInTwoAnywhereGivesTheSame) {
  const std::string& text = GetParam().text;
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    RedactionCounts counts;
    const auto redactor = redactor_for(GetParam().arguments, false, counts);
    std::string out = redactor->feed(std::string_view(text).substr(0, cut));
    out += redactor->feed(std::string_view(text).substr(cut));
    out += redactor->finish();
    ASSERT_EQ(out, GetParam().want) << "cut at " << cut;
  }
}

TEST_P(RedactStream, fedByteByByteGivesTheSame) {
  RedactionCounts counts;
  EXPECT_EQ(redacted(GetParam().arguments, GetParam().text, counts, 1), GetParam().want);
}

TEST_P(RedactStream, endedAnywhereLetsNoSecretThrough) {
  for (std::size_t size = 0; size < GetParam().text.size(); ++size) {
    RedactionCounts counts;
    const std::string out = redacted(GetParam().arguments, GetParam().text.substr(0, size), counts);
    ASSERT_EQ(out.find("Planted"), std::string::npos) << "ended at " << size << ": " << out;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, RedactStream, testing::ValuesIn(kStreams),
                         [](const auto& row) { return std::string(row.param.name); });

/// Programs that print given pieces, one event each.
class ScriptedPrograms final : public Programs {
 public:
  explicit ScriptedPrograms(std::vector<ProgramEvent> events) : events_(std::move(events)) {}
  ProcessId start(const Arguments&, const std::string&) override { return ++last_; }
  void kill(ProcessId) override {}
  std::optional<ProgramEvent> next(sim::Time) override {
    return at_ < events_.size() ? std::optional(events_[at_++]) : std::nullopt;
  }
  sim::Time now() const override { return sim::Time(static_cast<sim::Time::rep>(at_)); }

 private:
  std::vector<ProgramEvent> events_;
  std::size_t at_ = 0;
  ProcessId last_ = 0;
};

/// All of the tests' streams through a recorder, cut at random: no secret in the file, and the caller saw the
/// file.
RC_GTEST_PROP(RedactionProperty, noPlantedSecretReachesTheFile, ()) {
  std::vector<ProgramEvent> events;
  sim::Time at{};
  ProcessId process = 0;
  for (const StreamCase& stream : kStreams) {
    ++process;
    std::string_view rest = stream.text;
    while (!rest.empty()) {
      const auto size = *rc::gen::inRange<std::size_t>(1, rest.size() + 1);
      events.push_back({process, ProgramEvent::Kind::Output, std::string(rest.substr(0, size)), 0, ++at});
      rest.remove_prefix(size);
    }
    events.push_back({process, ProgramEvent::Kind::Exited, {}, 0, ++at});
  }
  const TemporaryFolder folder;
  const std::string path =
      folder.file("a.jsonl");  // Plain, so that the search sees what a compressed one holds.
  RecordingWriter writer(path, {});
  ScriptedPrograms scripted(std::move(events));
  RecordingPrograms recording(scripted, writer);
  for (const StreamCase& stream : kStreams) {
    recording.start(stream.arguments, "password: Planted\n");
  }
  recording.start({"kubectl", "--token=Planted", "get"}, "");
  std::vector<ProgramEvent> seen;
  while (std::optional<ProgramEvent> event = recording.next(sim::kNever)) {
    seen.push_back(*std::move(event));
  }
  recording.note({{"token", "Planted"}});
  recording.finish();
  RC_ASSERT(bytes_of_file(path).find("Planted") == std::string::npos);

  RecordingReader reader(path);
  std::vector<ProgramEvent> recorded;
  for (RecordedLine& line : lines_of(reader)) {
    if (auto* event = std::get_if<ProgramEvent>(&line.what)) {
      recorded.push_back(std::move(*event));
    }
  }
  RC_ASSERT(!reader.problem().has_value());
  RC_ASSERT(!reader.torn());
  RC_ASSERT(recorded == seen);
}

rc::Gen<nlohmann::ordered_json> json_value(int depth) {
  using Json = nlohmann::ordered_json;
  const auto text =
      rc::gen::map(rc::gen::element<std::string>("a", "kind", "Secret", "ConfigMap", "data", "password",
                                                 "env", "value", "metadata", "items", "\"\\\n", "{\"a\":1}",
                                                 "caf\xc3\xa9", "--token", "path", "/data/x"),
                   [](const std::string& word) { return Json(word); });
  const auto number = rc::gen::map(rc::gen::inRange(-5, 5), [](int value) { return Json(value); });
  if (depth == 0) {
    return rc::gen::oneOf(text, number, rc::gen::element(Json(true), Json(nullptr), Json(0.5)));
  }
  const auto inner = json_value(depth - 1);
  return rc::gen::oneOf(
      text,
      rc::gen::map(rc::gen::resize(4, rc::gen::container<std::vector<Json>>(inner)),
                   [](const std::vector<Json>& elements) { return Json(elements); }),
      rc::gen::map(rc::gen::resize(
                       5, rc::gen::container<std::vector<std::pair<Json, Json>>>(rc::gen::pair(text, inner))),
                   [](const std::vector<std::pair<Json, Json>>& members) {
                     Json object = Json::object();
                     for (const auto& [key, value] : members) {
                       object[key.get<std::string>()] = value;
                     }
                     return object;
                   }));
}

/// The same shape: only scalars may have become placeholders.
bool same_shape(const nlohmann::ordered_json& before, const nlohmann::ordered_json& after) {
  if (before.is_object() && after.is_object() && before.size() == after.size()) {
    auto other = after.begin();
    for (auto member = before.begin(); member != before.end(); ++member, ++other) {
      if (member.key() != other.key() || !same_shape(member.value(), other.value())) {
        return false;
      }
    }
    return true;
  }
  if (before.is_array() && after.is_array() && before.size() == after.size()) {
    return std::equal(before.begin(), before.end(), after.begin(), same_shape);
  }
  return before == after || (before.is_primitive() && after == kRedacted);
}

RC_GTEST_PROP(RedactionProperty, anyJsonStaysJsonOfTheSameShapeHoweverItIsCut, ()) {
  const nlohmann::ordered_json before = nlohmann::ordered_json::array({*json_value(3)});
  const std::string text = before.dump(*rc::gen::element(-1, 2));
  RedactionCounts counts;
  const std::string once = redacted(kWatch, text, counts);
  const auto after = nlohmann::ordered_json::parse(once, nullptr, false);
  RC_ASSERT(!after.is_discarded());
  RC_ASSERT(same_shape(before, after));
  RC_ASSERT(counts.total() > 0 || once == text);
  const auto piece = *rc::gen::inRange<std::size_t>(1, 9);
  RedactionCounts pieces;
  RC_ASSERT(redacted(kWatch, text, pieces, piece) == once);
  RedactionCounts again;
  RC_ASSERT(redacted(kWatch, once, again) == once);
  RC_ASSERT(again.total() == 0U);
}

RC_GTEST_PROP(RedactionProperty, anyTextIsRedactedTheSameHoweverItIsCut, (const std::string& rubbish)) {
  const auto words = *rc::gen::resize(
      12, rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
              "{", "}", "[", "\"", "\n", " ", "a", "data:", "kind: Secret", "- ", "  ", "env:", "password: x",
              "\\", ":", ",", "1", "true", "-----BEGIN PRIVATE KEY-----", "--token ")));
  std::string text = rubbish;
  for (const std::string& word : words) {
    text += word;
  }
  for (const Arguments& arguments : {kWatch, kYaml, kTable}) {
    RedactionCounts whole;
    RedactionCounts cut;
    RC_ASSERT(redacted(arguments, text, whole) == redacted(arguments, text, cut, 1));
    RC_ASSERT(whole.total() == cut.total());
  }
}

TEST(RedactStream, valuesOfAWatchComeOutWhole) {
  RedactionCounts counts;
  const auto redactor = redactor_for(kWatch, false, counts);
  EXPECT_EQ(redactor->feed("{\"a\":1}\n{\"b\""), "{\"a\":1}\n");
  EXPECT_EQ(redactor->feed(":2"), "");
  EXPECT_EQ(redactor->feed("}\n"), "{\"b\":2}\n");
  EXPECT_EQ(redactor->finish(), "");
}

TEST(RedactStream, longListComesOutInPartsBeforeItsEnd) {
  RedactionCounts counts;
  const auto redactor = redactor_for(kWatch, false, counts);
  std::string out = redactor->feed("{\"items\":[");
  std::string item =
      "{\"data\":{\"a\":\"Planted\"},\"kind\":\"Secret\",\"x\":\"" + std::string(1000, 'y') + "\"}";
  for (int i = 0; i < 1000; ++i) {
    out += redactor->feed((i > 0 ? "," : "") + item);
  }
  EXPECT_GT(out.size(), 500'000U);
  out += redactor->feed("]}");
  out += redactor->finish();
  EXPECT_EQ(out.find("Planted"), std::string::npos);
  EXPECT_EQ(counts.of(RedactionRule::SecretObject), 1000U);
  EXPECT_TRUE(nlohmann::json::accept(out));
}

TEST(RedactStream, endlessLineIsDroppedWithoutHoldingIt) {
  RedactionCounts counts;
  const auto redactor = redactor_for(kTable, false, counts);
  std::string out;
  for (int i = 0; i < 100; ++i) {
    out += redactor->feed(std::string(100'000, 'x'));
  }
  out += redactor->feed("\nnext\n");
  out += redactor->finish();
  EXPECT_EQ(out, "**redacted**\nnext\n");
}

}  // namespace
}  // namespace scenarios::targets
