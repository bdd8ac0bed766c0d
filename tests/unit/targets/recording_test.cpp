// Recordings are read back as they were written, and a torn one as far as it goes.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "scenarios/targets/recording/json_line.h"
#include "scenarios/targets/recording/reader.h"
#include "scenarios/targets/recording/writer.h"
#include "tests/unit/targets/temporary_folder.h"

namespace scenarios::targets {
namespace {

using Kind = ProgramEvent::Kind;

RecordingHeader header() {
  RecordingHeader header;
  header.tool = "rehearse 0.1.0";
  header.started = "2026-01-02T03:04:05.000000006Z";
  header.programs = {{"kubectl", "v1.34.1"}, {"helm", "v3.19.0"}};
  header.cluster = {{"version", "v1.34.1"}, {"nodes", 3}};
  header.plan = "scenario: shrink\nplan:\n  - run: kubectl scale statefulset web --replicas=1\n";
  return header;
}

void write_all(RecordingWriter& writer, const std::vector<RecordedLine>& lines) {
  for (const RecordedLine& line : lines) {
    if (const auto* start = std::get_if<RecordedStart>(&line.what)) {
      writer.start(line.at, *start);
    } else if (const auto* event = std::get_if<ProgramEvent>(&line.what)) {
      writer.event(*event);
    } else {
      writer.note(line.at, std::get<RecordedNote>(line.what).json);
    }
  }
}

std::vector<RecordedLine> sample() {
  const auto at = [](int nanoseconds) { return sim::Time(nanoseconds); };
  return {
      {2, at(0), RecordedStart{1, {"kubectl", "get", "pods", "-o", "json"}, ""}},
      {3, at(5), ProgramEvent{1, Kind::Output, "{\"a\": \"b\\n\"}\n", 0, at(5)}},
      {4, at(5), RecordedNote{R"({"relist":"pods"})"}},
      {5, at(6), RecordedStart{2, {"helm", "upgrade", "a b", "\"quoted\""}, "kind: Pod\n"}},
      {6, at(7), ProgramEvent{2, Kind::Errors, std::string("rub\0bish \xff\xfe \x01", 14), 0, at(7)}},
      {7, at(8), ProgramEvent{2, Kind::Exited, "", 137, at(8)}},
      {8, at(9), ProgramEvent{1, Kind::Output, "caf\xc3\xa9\t\x7f", 0, at(9)}},
      {9, at(1'000'000'000), RecordedStart{3, {"flux"}, ""}},
      {10, at(1'000'000'000), ProgramEvent{3, Kind::NotStarted, "flux: not found", 0, at(1'000'000'000)}},
  };
}

class RecordingFile : public testing::TestWithParam<const char*> {};

TEST_P(RecordingFile, isReadBackAsItWasWritten) {
  const TemporaryFolder folder;
  const std::string path = folder.file(GetParam());
  RecordingWriter writer(path, header());
  write_all(writer, sample());
  writer.finish({});
  ASSERT_EQ(writer.problem(), "");

  RecordingReader reader(path);
  EXPECT_EQ(lines_of(reader), sample());
  EXPECT_FALSE(reader.problem().has_value()) << reader.problem()->text;
  EXPECT_FALSE(reader.torn());
  EXPECT_EQ(reader.header().tool, header().tool);
  EXPECT_EQ(reader.header().started, header().started);
  EXPECT_EQ(reader.header().programs, header().programs);
  EXPECT_EQ(reader.header().cluster, header().cluster);
  EXPECT_EQ(reader.header().plan, header().plan);
  EXPECT_EQ(reader.header().redacted["secret-object"], 0);
}

TEST_P(RecordingFile, cutAtAnyByteGivesAPrefixOfItsLines) {
  const TemporaryFolder folder;
  const std::string path = folder.file(GetParam());
  {
    RecordingWriter writer(path, header(), {.compression_level = 6, .batch_bytes = 64});
    write_all(writer, sample());
    writer.finish({});
  }
  const std::string whole = bytes_of_file(path);
  const std::vector<RecordedLine> all = sample();
  std::size_t most = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string cut =
        folder.write(std::string("cut-") + GetParam(), std::string_view(whole).substr(0, size));
    RecordingReader reader(cut);
    const std::vector<RecordedLine> lines = lines_of(reader);
    ASSERT_LE(lines.size(), all.size());
    ASSERT_TRUE(std::equal(lines.begin(), lines.end(), all.begin())) << "cut at " << size;
    ASSERT_GE(lines.size(), most) << "cut at " << size << " loses what a shorter file has";
    most = lines.size();
    if (reader.problem().has_value()) {
      const RecordingFault expected = size == 0 ? RecordingFault::Empty : RecordingFault::TruncatedHeader;
      ASSERT_EQ(reader.problem()->fault, expected) << "cut at " << size << ": " << reader.problem()->text;
      ASSERT_EQ(most, 0U);
    } else {
      // Only the newline behind the closing line may be missing from a whole recording.
      ASSERT_TRUE(reader.torn() || size + 1 == whole.size()) << "cut at " << size;
    }
  }
  EXPECT_EQ(most, all.size());
}

INSTANTIATE_TEST_SUITE_P(Forms, RecordingFile, testing::Values("recording.jsonl.zst", "recording.jsonl"));

TEST(Recording, whatWasSyncedIsReadBackWithoutAnEnd) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.jsonl.zst");
  RecordingWriter writer(path, header());
  for (const RecordedLine& line : sample()) {
    write_all(writer, {line});
    EXPECT_TRUE(writer.unsynced());
    writer.sync();
    EXPECT_FALSE(writer.unsynced());
    RecordingReader reader(path);
    const std::vector<RecordedLine> lines = lines_of(reader);
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines.back(), line);
    EXPECT_TRUE(reader.torn());
    EXPECT_NE(reader.torn_text().find(": torn after line " + std::to_string(line.line)), std::string::npos);
  }
}

TEST(Recording, neverReplacesAnotherFile) {
  const TemporaryFolder folder;
  const std::string path = folder.write("kept.jsonl.zst", "mine");
  RecordingWriter writer(path, header());
  EXPECT_EQ(writer.problem(), path + ": exists already; a recording never replaces another one");
  writer.finish({});
  EXPECT_EQ(bytes_of_file(path), "mine");
}

TEST(Recording, fullDiskIsAProblemAndNoCrash) {
  RecordingWriter writer("/dev/null/a.jsonl.zst", header());
  EXPECT_NE(writer.problem(), "");
  write_all(writer, sample());
  writer.sync();
  writer.finish({});
  EXPECT_NE(writer.problem().find("/dev/null/a.jsonl.zst: "), std::string::npos);
}

TEST(Recording, headerLosesTheSecretsOfItsPlan) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.jsonl");
  RecordingHeader with_secret = header();
  with_secret.plan = "plan:\n  - run: kubectl create secret generic a --from-literal=key=Planted1\n";
  with_secret.cluster = {{"token", "Planted2"}, {"version", "v1.34.1"}};
  RecordingWriter writer(path, with_secret);
  writer.finish({});
  EXPECT_EQ(bytes_of_file(path).find("Planted"), std::string::npos);
  RecordingReader reader(path);
  EXPECT_EQ(reader.header().redacted["argument"], 1);
  EXPECT_EQ(reader.header().redacted["named-key"], 1);
  EXPECT_EQ(reader.header().cluster["version"], "v1.34.1");
}

RC_GTEST_PROP(RecordingProperty, anyBytesAreReadBack, (const std::vector<std::string>& pieces)) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.jsonl.zst");
  RecordingWriter writer(path, header());
  writer.start(sim::Time(0), {1, {"kubectl"}, pieces.empty() ? "" : pieces.front()});
  for (const std::string& piece : pieces) {
    writer.event({1, Kind::Output, piece, 0, sim::Time(1)});
  }
  writer.finish({});
  RecordingReader reader(path);
  const std::vector<RecordedLine> lines = lines_of(reader);
  RC_ASSERT(!reader.problem().has_value());
  RC_ASSERT(!reader.torn());
  RC_ASSERT(lines.size() == pieces.size() + 1);
  RC_ASSERT(std::get<RecordedStart>(lines[0].what).input == (pieces.empty() ? "" : pieces.front()));
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    RC_ASSERT(std::get<ProgramEvent>(lines[i + 1].what).data == pieces[i]);
  }
}

RC_GTEST_PROP(RecordingProperty, base64IsUndone, (const std::string& bytes)) {
  const std::string text = to_base64(bytes);
  RC_ASSERT(text.size() == (bytes.size() + 2) / 3 * 4);
  RC_ASSERT(from_base64(text).value() == bytes);
}

TEST(Base64, isTheOneOfRfc4648) {
  EXPECT_EQ(to_base64("foob"), "Zm9vYg==");
  EXPECT_EQ(to_base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
  EXPECT_FALSE(from_base64("Zm9vYg=").has_value());
  EXPECT_FALSE(from_base64("Zm9v!g==").has_value());
}

}  // namespace
}  // namespace scenarios::targets
