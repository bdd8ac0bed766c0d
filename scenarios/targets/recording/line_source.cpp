#include "scenarios/targets/recording/line_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "scenarios/targets/recording/recording.h"

namespace scenarios::targets {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{256} << 10U;
/// What a file may ask of the decompressor's memory: 128 MiB. The writer's levels need at most 8.
constexpr int kWindowLogMax = 27;
constexpr std::size_t kPadding = simdjson::SIMDJSON_PADDING;

bool starts_compressed(std::string_view bytes) {
  constexpr std::string_view kMagic = "\x28\xb5\x2f\xfd";
  return !bytes.empty() && kMagic.starts_with(bytes.substr(0, kMagic.size()));
}

}  // namespace

/// The bytes of the file, decompressed where they are compressed.
class LineSource::Input {
 public:
  Input() = default;
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input() {
    ZSTD_freeDCtx(context_);
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }

  std::string open(const std::string& path) {
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0) {
      return std::strerror(errno);
    }
    if (std::string what = refill(); !what.empty()) {
      return what;
    }
    // The first bytes decide; a file shorter than the magic number is read on until it is known.
    while (size_ < 4 && !file_ended_) {
      if (std::string what = refill(); !what.empty()) {
        return what;
      }
    }
    if (starts_compressed({pieces_.data(), size_})) {
      context_ = ZSTD_createDCtx();
      if (context_ == nullptr) {
        return "no memory for decompression";
      }
      ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kWindowLogMax);
    }
    return {};
  }

  bool compressed() const { return context_ != nullptr; }
  bool empty() const { return file_ended_ && size_ == 0; }
  /// Whether the compressed data ended in the middle.
  bool broke_off() const { return compressed() && frame_left_ != 0; }

  /// Puts up to `size` bytes at `to`; `count` of 0 is the end of the file.
  std::string read(char* to, std::size_t size, std::size_t& count) {
    count = 0;
    while (count == 0) {
      if (taken_ == size_ && !file_ended_) {
        taken_ = size_ = 0;
        if (std::string what = refill(); !what.empty()) {
          return what;
        }
      }
      if (context_ == nullptr) {
        count = std::min(size, size_ - taken_);
        std::copy_n(pieces_.data() + taken_, count, to);
        taken_ += count;
        return {};
      }
      ZSTD_inBuffer in{pieces_.data(), size_, taken_};
      ZSTD_outBuffer out{to, size, 0};
      if (taken_ == size_ && (frame_left_ == 0 || drained_)) {
        return {};
      }
      const std::size_t left = ZSTD_decompressStream(context_, &out, &in);
      if (ZSTD_isError(left) != 0U) {
        return fmt::format("the compressed data is corrupt ({})", ZSTD_getErrorName(left));
      }
      drained_ = taken_ == size_ && out.pos == 0;
      frame_left_ = left;
      taken_ = in.pos;
      count = out.pos;
    }
    return {};
  }

 private:
  std::string refill() {
    ssize_t count = 0;
    do {
      count = ::read(descriptor_, pieces_.data() + size_, pieces_.size() - size_);
    } while (count < 0 && errno == EINTR);
    if (count < 0) {
      return std::strerror(errno);
    }
    file_ended_ = count == 0;
    size_ += static_cast<std::size_t>(count);
    return {};
  }

  int descriptor_ = -1;
  std::string pieces_ = std::string(kPieceBytes, '\0');
  std::size_t size_ = 0;
  std::size_t taken_ = 0;
  bool file_ended_ = false;
  ZSTD_DCtx* context_ = nullptr;
  std::size_t frame_left_ = 1;  ///< What the decompressor still wants; 0 behind the end of a frame.
  bool drained_ = false;        ///< It was asked at the end of the file and had nothing more.
};

LineSource::LineSource(const std::string& path) : input_(std::make_unique<Input>()) {
  problem_ = input_->open(path);
  compressed_ = input_->compressed();
  empty_ = problem_.empty() && input_->empty();
}

LineSource::~LineSource() = default;

std::string_view LineSource::line() const {
  return std::string_view(buffer_).substr(begin_, line_end_ - begin_);
}

LineSource::Outcome LineSource::fail(std::string what) {
  problem_ = std::move(what);
  return Outcome::Problem;
}

/// Reads more bytes behind those that are there, making room first. False at the end and at a problem.
bool LineSource::fill() {
  if (next_ > 0) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(next_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(filled_), buffer_.begin());
    filled_ -= next_;
    begin_ = line_end_ = next_ = 0;
  }
  if (buffer_.size() < filled_ + kPieceBytes + kPadding) {
    buffer_.resize(std::max(buffer_.size() * 2, filled_ + kPieceBytes + kPadding));
  }
  std::size_t count = 0;
  problem_ = input_->read(buffer_.data() + filled_, buffer_.size() - kPadding - filled_, count);
  filled_ += count;
  at_end_ = problem_.empty() && count == 0;
  return count > 0;
}

LineSource::Outcome LineSource::next() {
  if (!problem_.empty()) {
    return Outcome::Problem;
  }
  std::size_t searched = next_;
  while (true) {
    const auto from = buffer_.begin() + static_cast<std::ptrdiff_t>(searched);
    const auto to = buffer_.begin() + static_cast<std::ptrdiff_t>(filled_);
    if (const void* found = from == to ? nullptr : std::memchr(&*from, '\n', filled_ - searched)) {
      begin_ = next_;
      line_end_ = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data());
      next_ = line_end_ + 1;
      return Outcome::Line;
    }
    if (filled_ - next_ > kLineBytesMax) {
      return fail(fmt::format("the line is longer than {} bytes", kLineBytesMax));
    }
    searched = filled_ - next_;
    if (!at_end_ && fill()) {
      continue;
    }
    if (!problem_.empty()) {
      return Outcome::Problem;
    }
    broke_off_ = input_->broke_off();
    begin_ = next_;
    line_end_ = next_ = filled_;
    return begin_ == line_end_ ? Outcome::End : Outcome::Partial;
  }
}

}  // namespace scenarios::targets
