#include "scenarios/targets/recording/writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <utility>

#include "scenarios/targets/recording/json_line.h"

namespace scenarios::targets {
namespace {

using Json = nlohmann::ordered_json;

Json counts_as_json(const RedactionCounts& counts, bool all_rules) {
  Json json = Json::object();
  for (std::size_t i = 0; i < kRedactionRules; ++i) {
    const auto rule = static_cast<RedactionRule>(i);
    if (all_rules || counts.of(rule) > 0) {
      json[std::string(name_of(rule))] = counts.of(rule);
    }
  }
  return json;
}

/// `"name":"text"`, or `"name64":"base64"` for what is no text.
void append_bytes(std::string& line, std::string_view name, std::string_view bytes) {
  line.push_back('"');
  line.append(name);
  if (is_utf8(bytes)) {
    line.append("\":");
    append_string(line, bytes);
  } else {
    line.append("64\":\"").append(to_base64(bytes)).append("\"");
  }
}

/// Keeps the name of a new file across a loss of power.
void sync_folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor >= 0) {
    ::fsync(descriptor);
    ::close(descriptor);
  }
}

}  // namespace

/// The file and the compression before it. Each function says what went wrong; empty when nothing did.
class RecordingWriter::File {
 public:
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    ZSTD_freeCCtx(context_);
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }

  std::string open(const std::string& path, bool compressed, int level) {
    descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (descriptor_ < 0) {
      return errno == EEXIST ? "exists already; a recording never replaces another one"
                             : std::strerror(errno);
    }
    sync_folder_of(path);
    if (compressed) {
      context_ = ZSTD_createCCtx();
      if (context_ == nullptr) {
        return "no memory for compression";
      }
      ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, level);
      ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1);
    }
    return {};
  }

  std::string write(std::string_view bytes) {
    return context_ == nullptr ? write_out(bytes) : compress(bytes, ZSTD_e_continue);
  }

  /// Ends the block, so that a reader gets everything up to here, and waits for the disk.
  std::string sync(bool end) {
    if (context_ != nullptr) {
      if (std::string what = compress({}, end ? ZSTD_e_end : ZSTD_e_flush); !what.empty()) {
        return what;
      }
    }
    // A pipe or a terminal has no disk behind it.
    return ::fdatasync(descriptor_) == 0 || errno == EINVAL || errno == EROFS ? "" : std::strerror(errno);
  }

 private:
  std::string compress(std::string_view bytes, ZSTD_EndDirective directive) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    std::size_t left = 0;
    do {
      buffer_.resize(ZSTD_CStreamOutSize());
      ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
      left = ZSTD_compressStream2(context_, &out, &in, directive);
      if (ZSTD_isError(left) != 0U) {
        return ZSTD_getErrorName(left);
      }
      if (std::string what = write_out({buffer_.data(), out.pos}); !what.empty()) {
        return what;
      }
    } while (directive == ZSTD_e_continue ? in.pos < in.size : left > 0);
    return {};
  }

  std::string write_out(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) {
        continue;
      }
      if (written < 0) {
        return std::strerror(errno);
      }
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  int descriptor_ = -1;
  ZSTD_CCtx* context_ = nullptr;
  std::string buffer_;
};

std::string text_of(const RecordingHeader& header) {
  Json inside = Json::object();
  inside["schema"] = {header.schema_major, header.schema_minor};
  inside["tool"] = header.tool;
  inside["started"] = header.started;
  inside["programs"] = header.programs;
  inside["cluster"] = header.cluster;
  inside["plan"] = header.plan;
  inside["redacted"] = header.redacted;
  Json line = Json::object();
  line["recording"] = std::move(inside);
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string text_of(sim::Time at, const RecordedStart& start) {
  std::string line =
      fmt::format("{{\"t\":{},\"start\":{{\"process\":{},\"arguments\":[", at.count(), start.process);
  for (std::size_t i = 0; i < start.arguments.size(); ++i) {
    if (i > 0) {
      line.push_back(',');
    }
    // What is no text cannot be matched either; it stays recognisable as what it is.
    append_string(
        line, is_utf8(start.arguments[i]) ? start.arguments[i] : "base64:" + to_base64(start.arguments[i]));
  }
  line.append("],");
  append_bytes(line, "input", start.input);
  line.append("}}");
  return line;
}

std::string text_of(const ProgramEvent& event) {
  std::string line = fmt::format("{{\"t\":{},\"process\":{},", event.at.count(), event.process);
  switch (event.kind) {
    case ProgramEvent::Kind::Output:
      append_bytes(line, "output", event.data);
      break;
    case ProgramEvent::Kind::Errors:
      append_bytes(line, "errors", event.data);
      break;
    case ProgramEvent::Kind::NotStarted:
      append_bytes(line, "not_started", event.data);
      break;
    case ProgramEvent::Kind::Exited:
      fmt::format_to(std::back_inserter(line), "\"exit\":{}", event.exit_code);
      break;
  }
  line.push_back('}');
  return line;
}

RecordingWriter::RecordingWriter(const std::string& path, RecordingHeader header, WriterOptions options)
    : path_(path), options_(options), file_(std::make_unique<File>()) {
  RedactionCounts counts;
  header.plan = redact_text(header.plan, counts);
  header.tool = redact_text(header.tool, counts);
  if (!header.cluster.is_null()) {
    header.cluster = Json::parse(redact_input({}, header.cluster.dump(), counts), nullptr, false);
  }
  header.redacted = counts_as_json(counts, true);
  if (const std::string what = file_->open(path, !path.ends_with(".jsonl"), options.compression_level);
      !what.empty()) {
    fail(what);
    return;
  }
  append(text_of(header));
  sync();
}

RecordingWriter::~RecordingWriter() {
  if (unsynced()) {
    sync();
  }
}

void RecordingWriter::start(sim::Time at, const RecordedStart& start) { append(text_of(at, start)); }

void RecordingWriter::event(const ProgramEvent& event) { append(text_of(event)); }

void RecordingWriter::note(sim::Time at, std::string_view json) {
  append(fmt::format("{{\"t\":{},\"note\":{}}}", at.count(), json));
}

void RecordingWriter::append(std::string line) {
  if (file_ == nullptr) {
    return;
  }
  if (line.size() > kLineBytesMax) {
    fail(fmt::format("a line of {} bytes is longer than a recording may have ({})", line.size(),
                     kLineBytesMax));
    return;
  }
  ++lines_;
  line.push_back('\n');
  unsynced_bytes_ += line.size();
  if (const std::string what = file_->write(line); !what.empty()) {
    fail(what);
    return;
  }
  if (unsynced_bytes_ >= options_.batch_bytes) {
    sync();
  }
}

void RecordingWriter::sync() {
  if (file_ == nullptr) {
    return;
  }
  unsynced_bytes_ = 0;
  if (const std::string what = file_->sync(false); !what.empty()) {
    fail(what);
  }
}

void RecordingWriter::finish(const RedactionCounts& redacted) {
  Json end = Json::object();
  end["lines"] = lines_;
  end["redacted"] = counts_as_json(redacted, false);
  append(fmt::format("{{\"end\":{}}}", end.dump()));
  if (file_ == nullptr) {
    return;
  }
  unsynced_bytes_ = 0;
  if (const std::string what = file_->sync(true); !what.empty()) {
    fail(what);
  }
  file_.reset();
}

void RecordingWriter::fail(std::string_view what) {
  problem_ = fmt::format("{}: {}", path_, what);
  file_.reset();
  unsynced_bytes_ = 0;
}

}  // namespace scenarios::targets
