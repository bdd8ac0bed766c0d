// Each file that is no recording gets an error of its own, with the place.

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "scenarios/targets/recording/reader.h"
#include "scenarios/targets/recording/writer.h"
#include "tests/unit/targets/temporary_folder.h"

namespace scenarios::targets {
namespace {

const std::string kHeader = R"({"recording":{"schema":[1,0],"tool":"t"}})";
const std::string kStart = R"({"t":5,"start":{"process":1,"arguments":["kubectl"],"input":""}})";

struct Faulty {
  const char* name;
  std::string text;
  RecordingFault fault;
  const char* want;  // behind the name of the file

  friend std::ostream& operator<<(std::ostream& os, const Faulty& faulty) { return os << faulty.name; }
};

std::string with(const std::string& line) { return kHeader + "\n" + kStart + "\n" + line + "\n"; }

const Faulty kFaulty[] = {
    {"empty", "", RecordingFault::Empty, ": is empty, not a recording"},
    {"truncated_header", kHeader.substr(0, 20), RecordingFault::TruncatedHeader,
     ": ends inside its header: nothing was recorded"},
    {"one_byte", "{", RecordingFault::TruncatedHeader, ": ends inside its header: nothing was recorded"},
    {"foreign_json", "{\"kind\":\"List\"}\n", RecordingFault::Foreign,
     ": is not a recording: its first line has no \"recording\"; rehearse record writes them"},
    {"foreign_text", "apiVersion: v1\n", RecordingFault::Foreign,
     ": is not a recording: its first line has no \"recording\"; rehearse record writes them"},
    {"foreign_bytes", std::string("\x1f\x8b\x08\x00\x01", 5), RecordingFault::Foreign,
     ": is not a recording: its first line has no \"recording\"; rehearse record writes them"},
    {"broken_header", "{\"recording\":{]}\n", RecordingFault::Corrupt, ":1: the header is not JSON"},
    {"header_without_schema", "{\"recording\":{\"tool\":\"t\"}}\n", RecordingFault::Corrupt,
     ":1: \"schema\" is not a pair of numbers such as [1,0]"},
    {"header_with_a_number_for_a_plan", "{\"recording\":{\"schema\":[1,0],\"plan\":7}}\n",
     RecordingFault::Corrupt, ":1: \"plan\" is no text"},
    {"future_schema", "{\"recording\":{\"schema\":[2,3]}}\n", RecordingFault::FutureSchema,
     ": has schema 2.3, and this program reads 1.x only; use the version of rehearse that recorded it"},
    {"line_that_is_no_json", with("{\"t\":6,,}"), RecordingFault::Corrupt, ":3: not JSON: "},
    {"line_that_is_no_object", with("[1]"), RecordingFault::Corrupt, ":3: not a JSON object"},
    {"empty_line", with(""), RecordingFault::Corrupt, ":3: not JSON: "},
    {"line_that_tells_nothing", with("{\"t\":6}"), RecordingFault::Corrupt, ":3: the line tells nothing"},
    {"line_that_tells_two_things", with("{\"t\":6,\"process\":1,\"output\":\"\",\"exit\":0}"),
     RecordingFault::Corrupt, ":3: the line tells two things at once"},
    {"line_without_time", with("{\"process\":1,\"exit\":0}"), RecordingFault::Corrupt,
     ":3: the line has no time \"t\""},
    {"line_without_process", with("{\"t\":6,\"exit\":0}"), RecordingFault::Corrupt,
     ":3: the line does not say its \"process\""},
    {"time_that_goes_backwards", with("{\"t\":4,\"process\":1,\"exit\":0}"), RecordingFault::Corrupt,
     ":3: the time goes backwards: 4 ns after 5 ns"},
    {"negative_time", with("{\"t\":-4,\"process\":1,\"exit\":0}"), RecordingFault::Corrupt,
     ":3: \"t\" is -4, not a whole number from 0 to "},
    {"unknown_process", with("{\"t\":6,\"process\":2,\"exit\":0}"), RecordingFault::Corrupt,
     ":3: process 2 was never started"},
    {"process_started_twice", with(kStart), RecordingFault::Corrupt,
     ":3: process 1 is started a second time"},
    {"event_after_the_exit",
     with("{\"t\":6,\"process\":1,\"exit\":0}\n{\"t\":7,\"process\":1,\"output\":\"a\"}"),
     RecordingFault::Corrupt, ":4: process 1 has ended already"},
    {"exit_code_out_of_range", with("{\"t\":6,\"process\":1,\"exit\":300}"), RecordingFault::Corrupt,
     ":3: \"exit\" is 300, not a whole number from 0 to 255"},
    {"bad_base64", with("{\"t\":6,\"process\":1,\"output64\":\"a\"}"), RecordingFault::Corrupt,
     ":3: \"output64\" is no base64"},
    {"output_that_is_no_text", with("{\"t\":6,\"process\":1,\"output\":7}"), RecordingFault::Corrupt,
     ":3: \"output\" is no text"},
    {"start_without_arguments", with("{\"t\":6,\"start\":{\"process\":2}}"), RecordingFault::Corrupt,
     ":3: \"start\" needs \"process\" and \"arguments\""},
    {"wrong_count_of_lines", with("{\"end\":{\"lines\":9}}"), RecordingFault::Corrupt,
     ":3: the closing line counts 9 lines before it, but there are 2"},
    {"line_behind_the_end", with("{\"end\":{\"lines\":2}}\n{\"t\":6,\"process\":1,\"exit\":0}"),
     RecordingFault::Corrupt, ":4: something stands behind the closing line"},
};

class RecordingFaults : public testing::TestWithParam<Faulty> {};

TEST_P(RecordingFaults, areToldWithTheirPlace) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.jsonl", GetParam().text);
  RecordingReader reader(path);
  lines_of(reader);
  ASSERT_TRUE(reader.problem().has_value());
  EXPECT_EQ(static_cast<int>(reader.problem()->fault), static_cast<int>(GetParam().fault));
  EXPECT_TRUE(reader.problem()->text.starts_with(path + GetParam().want)) << reader.problem()->text;
  EXPECT_FALSE(reader.next().has_value());
}

INSTANTIATE_TEST_SUITE_P(Cases, RecordingFaults, testing::ValuesIn(kFaulty),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(RecordingFaults, missingFileAndFolderCannotBeRead) {
  const TemporaryFolder folder;
  for (const std::string& path : {folder.file("absent"), folder.file("")}) {
    RecordingReader reader(path);
    ASSERT_TRUE(reader.problem().has_value());
    EXPECT_EQ(reader.problem()->fault, RecordingFault::Unreadable);
    EXPECT_TRUE(reader.problem()->text.starts_with(path + ": cannot be read: ")) << reader.problem()->text;
  }
}

TEST(RecordingFaults, handMadeRecordingNeedsNoLastNewlineAndNoClosingLine) {
  const TemporaryFolder folder;
  RecordingReader reader(folder.write("a.jsonl", kHeader + "\n" + kStart));
  EXPECT_EQ(lines_of(reader).size(), 1U);
  EXPECT_FALSE(reader.problem().has_value());
  EXPECT_TRUE(reader.torn());
}

TEST(RecordingFaults, laterMinorSchemaWithUnknownKeysIsRead) {
  const TemporaryFolder folder;
  RecordingReader reader(folder.write("a.jsonl",
                                      "{\"recording\":{\"schema\":[1,7],\"more\":1}}\n{\"t\":1,\"note\":{},"
                                      "\"more\":[]}\n{\"end\":{\"lines\":2}}\n"));
  EXPECT_EQ(lines_of(reader).size(), 1U);
  EXPECT_FALSE(reader.problem().has_value());
  EXPECT_FALSE(reader.torn());
  EXPECT_EQ(reader.header().schema_minor, 7);
}

TEST(RecordingFaults, anyFlippedByteOfACompressedRecordingIsNoticedOrHarmless) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.jsonl.zst");
  {
    RecordingWriter writer(path, {});
    writer.start(sim::Time(0), {1, {"kubectl", "get", "pods"}, ""});
    for (int i = 1; i < 20; ++i) {
      writer.event(
          {1, ProgramEvent::Kind::Output, "line " + std::to_string(i * 7919) + "\n", 0, sim::Time(i)});
    }
    writer.finish({});
  }
  RecordingReader intact(path);
  const std::vector<RecordedLine> want = lines_of(intact);
  const std::string whole = bytes_of_file(path);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x55);
    RecordingReader reader(folder.write("flipped", flipped));
    const std::vector<RecordedLine> lines = lines_of(reader);
    EXPECT_TRUE(reader.problem().has_value() || reader.torn() || lines == want) << "byte " << at;
  }
}

TEST(RecordingFaults, corruptionInTheMiddleIsNoTornTail) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.jsonl.zst");
  {
    RecordingWriter writer(path, {});
    writer.start(sim::Time(0), {1, {"kubectl"}, ""});
    writer.finish({});
  }
  std::string bytes = bytes_of_file(path);
  bytes += "behind the frame";
  RecordingReader reader(folder.write("b.jsonl.zst", bytes));
  lines_of(reader);
  ASSERT_TRUE(reader.problem().has_value());
  EXPECT_NE(reader.problem()->text.find(":4: the compressed data is corrupt ("), std::string::npos)
      << reader.problem()->text;
}

TEST(RecordingFaults, lineLongerThanTheLimitIsRefused) {
  const TemporaryFolder folder;
  std::string text = kHeader + "\n{\"t\":1,\"note\":\"";
  text.append(kLineBytesMax, 'x');
  RecordingReader reader(folder.write("a.jsonl", text));
  lines_of(reader);
  ASSERT_TRUE(reader.problem().has_value());
  EXPECT_NE(reader.problem()->text.find(":2: the line is longer than "), std::string::npos);
}

}  // namespace
}  // namespace scenarios::targets
