// The only file of the scenarios that reads real clocks: the monotonic one for the times of events, and the
// calendar once for the header of a recording. A rehearsal itself never comes here.

#include "scenarios/targets/programs/processes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <utility>

namespace scenarios::targets {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kChunkBytes = 64 * 1024;
/// How often running processes are asked whether they have ended while they print nothing.
constexpr milliseconds kExitPolling{20};
/// The same, for one that has closed its output and so is about to end.
constexpr milliseconds kExitPollingSoon{1};

/// A file descriptor that closes itself.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      close();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  int get() const { return number_; }
  bool open() const { return number_ >= 0; }
  void close() {
    if (number_ >= 0) {
      ::close(number_);
      number_ = -1;
    }
  }

 private:
  int number_ = -1;
};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

/// Moves a descriptor above the three standard ones, so that giving those to a program never overwrites it.
Descriptor above_standard(Descriptor descriptor) {
  if (descriptor.get() > STDERR_FILENO) {
    return descriptor;
  }
  return Descriptor(::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

/// A pipe that no program inherits by accident; false, with errno, when the machine has none left.
bool make_pipe(Pipe& pipe) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return false;
  }
  pipe.read = above_standard(Descriptor(ends[0]));
  pipe.write = above_standard(Descriptor(ends[1]));
  return pipe.read.open() && pipe.write.open();
}

void never_block(const Descriptor& descriptor) {
  ::fcntl(descriptor.get(), F_SETFL, ::fcntl(descriptor.get(), F_GETFL) | O_NONBLOCK);
}

/// write(2) to a pipe whose reader may be gone: EPIPE without the signal that would end this program.
ssize_t write_without_signal(int descriptor, const char* data, std::size_t size) {
  sigset_t broken_pipe;
  sigset_t before;
  sigset_t pending;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  sigpending(&pending);
  const bool was_pending = sigismember(&pending, SIGPIPE) == 1;
  pthread_sigmask(SIG_BLOCK, &broken_pipe, &before);
  const ssize_t written = ::write(descriptor, data, size);
  const int error = errno;
  if (written < 0 && error == EPIPE && !was_pending) {
    const timespec at_once{};
    while (sigtimedwait(&broken_pipe, nullptr, &at_once) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return written;
}

sim::Duration monotonic_clock() { return std::chrono::steady_clock::now().time_since_epoch(); }

std::string calendar_now() {
  using namespace std::chrono;
  const auto instant = time_point_cast<nanoseconds>(system_clock::now());
  const auto day = floor<days>(instant);
  const year_month_day date{day};
  const hh_mm_ss time{instant - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

/// poll(2) for at most `wait`, rounded up to its milliseconds; signals only shorten it.
void poll_for(std::vector<pollfd>& descriptors, sim::Duration wait) {
  const auto rounded = std::chrono::ceil<milliseconds>(std::max(wait, sim::Duration::zero()));
  const auto limited = std::min<std::int64_t>(rounded.count(), 3'600'000);
  ::poll(descriptors.data(), descriptors.size(), static_cast<int>(limited));
}

/// What the child does between fork and exec: only calls that are safe there. Its own group, default signals,
/// its three streams, and death with its parent.
[[noreturn]] void become(char* const* argv, pid_t parent, int input, int output, int errors, int told) {
  ::setpgid(0, 0);
  // A kubectl that watches writes seldom, and so would outlive this program for long if that is killed.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) {
    ::_exit(127);  // The parent ended before the line above.
  }
  struct sigaction usual{};
  usual.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) {
    ::sigaction(number, &usual, nullptr);
  }
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::dup2(input, STDIN_FILENO) >= 0 && ::dup2(output, STDOUT_FILENO) >= 0 &&
      ::dup2(errors, STDERR_FILENO) >= 0) {
    ::execvp(argv[0], argv);
  }
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(told, &error, sizeof error);
  ::_exit(127);
}

/// Starts a program; 0 or an error number.
int spawn(pid_t& pid, const std::vector<std::string>& arguments, int input, int output, int errors) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));  // NOLINT: execvp does not write to them
  }
  argv.push_back(nullptr);
  Pipe told;  // closed by exec; else the number of the error comes through it
  if (!make_pipe(told)) {
    return errno;
  }
  // No handler of this program may run in the child.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    become(argv.data(), parent, input, output, errors, told.write.get());
  }
  int error = child < 0 ? errno : 0;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error != 0) {
    return error;
  }
  told.write.close();
  ssize_t size = 0;
  do {
    size = ::read(told.read.get(), &error, sizeof error);
  } while (size < 0 && errno == EINTR);
  if (size != sizeof error) {
    pid = child;
    return 0;
  }
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return error;
}

std::string why_not_started(const std::string& program, int error) {
  switch (error) {
    case ENOENT:
      return fmt::format("{0}: not found in any folder of PATH; install {0} or add its folder to PATH",
                         program);
    case EACCES:
      return fmt::format("{}: found on PATH, but it may not be executed (permission denied)", program);
    case ENOEXEC:
      return fmt::format("{}: found on PATH, but it is not a program of this machine", program);
    default:
      return fmt::format("{}: cannot be started: {}", program, std::strerror(error));
  }
}

}  // namespace

struct Processes::Process {
  pid_t pid = -1;
  Descriptor input;
  Descriptor output;
  Descriptor errors;
  std::string input_text;
  std::size_t input_written = 0;
  bool reaped = false;
  int exit_code = 0;
  sim::Time kill_at = sim::kNever;  ///< On the monotonic clock's time since the start; set when it is dying.

  /// Writes what fits into its standard input and closes it behind the last byte. A program that does not
  /// want to read is not an error.
  void write_input() {
    while (input.open()) {
      const std::size_t left = input_text.size() - input_written;
      if (left == 0) {
        input.close();
        break;
      }
      const ssize_t written = write_without_signal(input.get(), input_text.data() + input_written, left);
      if (written > 0) {
        input_written += static_cast<std::size_t>(written);
      } else if (written < 0 && errno == EINTR) {
        continue;
      } else if (written < 0 && errno == EAGAIN) {
        return;
      } else {
        input.close();
      }
    }
    input_text = {};
  }

  /// Looks whether it has ended; a dying one takes the rest of its group along before its number is given
  /// free.
  bool reap() {
    if (reaped) {
      return true;
    }
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        info.si_pid == 0) {
      return false;
    }
    if (kill_at != sim::kNever) {
      ::kill(-pid, SIGKILL);
    }
    int status = 0;
    pid_t ended = -1;
    do {
      ended = ::waitpid(pid, &status, 0);
    } while (ended < 0 && errno == EINTR);
    reaped = true;
    if (ended == pid) {
      exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
    return true;
  }
};

Processes::Processes(ProcessesOptions options)
    : options_(std::move(options)), origin_(monotonic_clock()), started_(calendar_now()) {}

Processes::~Processes() {
  for (auto& [id, process] : running_) {
    process->kill_at = now() + options_.grace;
    ::kill(-process->pid, SIGTERM);
    dying_.push_back(std::move(process));
  }
  running_.clear();
  std::vector<pollfd> nothing;
  while (!dying_.empty()) {
    hasten_dying();
    if (!dying_.empty()) {
      poll_for(nothing, milliseconds(2));
    }
  }
}

sim::Time Processes::now() const { return monotonic_clock() - origin_; }

std::string Processes::over() const { return interrupted_ ? "interrupted by a signal" : ""; }

/// The time for something found now by a caller who waits until `until`: it happened since the last look.
sim::Time Processes::stamp(sim::Time until) const {
  return std::max({std::min(now(), until), last_, floor_ + sim::Duration(1)});
}

void Processes::push(ProcessId process, ProgramEvent::Kind kind, std::string data, int exit_code,
                     sim::Time at) {
  last_ = at;
  events_.push_back({process, kind, std::move(data), exit_code, at});
}

ProcessId Processes::start(const std::vector<std::string>& arguments, const std::string& input) {
  const ProcessId id = ++last_id_;
  const auto refuse = [&](std::string why) {
    push(id, ProgramEvent::Kind::NotStarted, std::move(why), 0, stamp(sim::kNever));
    return id;
  };
  const std::string program = arguments.empty() ? "" : arguments.front();
  if (std::find(options_.allowed.begin(), options_.allowed.end(), program) == options_.allowed.end()) {
    return refuse(fmt::format("{}: not a program that may be started; allowed are {}",
                              program.empty() ? "(no name)" : program, fmt::join(options_.allowed, ", ")));
  }
  for (const std::string& argument : arguments) {
    if (argument.find('\0') != std::string::npos) {
      return refuse(fmt::format("{}: an argument holds a zero byte, which no program can receive", program));
    }
  }
  Pipe in;
  Pipe out;
  Pipe err;
  if (!make_pipe(in) || !make_pipe(out) || !make_pipe(err)) {
    return refuse(why_not_started(program, errno));
  }
  auto process = std::make_unique<Process>();
  if (const int error = spawn(process->pid, arguments, in.read.get(), out.write.get(), err.write.get())) {
    return refuse(why_not_started(program, error));
  }
  process->input = std::move(in.write);
  process->output = std::move(out.read);
  process->errors = std::move(err.read);
  never_block(process->input);
  never_block(process->output);
  never_block(process->errors);
  process->input_text = input;
  process->write_input();
  running_.emplace(id, std::move(process));
  return id;
}

void Processes::kill(ProcessId process) {
  std::erase_if(events_, [&](const ProgramEvent& event) { return event.process == process; });
  const auto found = running_.find(process);
  if (found == running_.end()) {
    return;
  }
  std::unique_ptr<Process> ended = std::move(found->second);
  running_.erase(found);
  ended->input.close();
  ended->output.close();
  ended->errors.close();
  if (ended->reap()) {
    return;
  }
  ended->kill_at = now() + options_.grace;
  ::kill(-ended->pid, SIGTERM);
  dying_.push_back(std::move(ended));
}

/// Ends for good what has not ended by itself within the grace, and forgets what has.
void Processes::hasten_dying() {
  for (const auto& process : dying_) {
    if (now() >= process->kill_at) {
      ::kill(-process->pid, SIGKILL);
    }
  }
  std::erase_if(dying_, [](const std::unique_ptr<Process>& process) { return process->reap(); });
}

/// How long one wait may take without missing an exit or the end of a grace.
sim::Duration Processes::longest_wait() const {
  sim::Duration longest = sim::kNever;
  if (!running_.empty() || !dying_.empty()) {
    longest = kExitPolling;
  }
  for (const auto& [id, process] : running_) {
    if (!process->output.open() && !process->errors.open()) {
      longest = kExitPollingSoon;
    }
  }
  return longest;
}

void Processes::read_stream(ProcessId id, Process& process, bool errors, sim::Time at) {
  Descriptor& stream = errors ? process.errors : process.output;
  std::string data(kChunkBytes, '\0');
  const ssize_t size = ::read(stream.get(), data.data(), data.size());
  if (size > 0) {
    data.resize(static_cast<std::size_t>(size));
    data.shrink_to_fit();
    push(id, errors ? ProgramEvent::Kind::Errors : ProgramEvent::Kind::Output, std::move(data), 0, at);
  } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
    stream.close();
  }
}

/// Waits at most `wait` for the streams and reads one piece from each that has something. Whether any had.
bool Processes::gather(sim::Time until, sim::Duration wait) {
  struct Stream {
    ProcessId id;
    enum { Input, Output, Errors } which;
  };
  std::vector<pollfd> descriptors;
  std::vector<Stream> streams;
  for (const auto& [id, process] : running_) {
    const auto watch = [&](const Descriptor& descriptor, short events, decltype(Stream::which) which) {
      if (descriptor.open()) {
        descriptors.push_back({descriptor.get(), events, 0});
        streams.push_back({id, which});
      }
    };
    watch(process->input, POLLOUT, Stream::Input);
    watch(process->output, POLLIN, Stream::Output);
    watch(process->errors, POLLIN, Stream::Errors);
  }
  descriptors.push_back({options_.wake, POLLIN, 0});  // poll passes over a negative one
  poll_for(descriptors, wait);
  interrupted_ = descriptors.back().revents != 0;
  descriptors.pop_back();
  bool any = false;
  const sim::Time at = stamp(until);
  for (std::size_t i = 0; i < descriptors.size(); ++i) {
    if (descriptors[i].revents == 0) {
      continue;
    }
    Process& process = *running_.at(streams[i].id);
    if (streams[i].which == Stream::Input) {
      process.write_input();
    } else {
      any = true;
      read_stream(streams[i].id, process, streams[i].which == Stream::Errors, at);
    }
  }
  return any;
}

/// Tells the exits. Called when the streams had nothing to read: all that an ended process wrote has been
/// read, even when something that it left behind keeps its pipes open.
void Processes::settle_exits(sim::Time until) {
  for (auto entry = running_.begin(); entry != running_.end();) {
    const ProcessId id = entry->first;
    Process& process = *entry->second;
    const bool had_ended = process.reaped;
    if (!process.reap()) {
      ++entry;
      continue;
    }
    if (!had_ended && (process.output.open() || process.errors.open())) {
      // It ended after the look at its streams: what it wrote in between is read by the next look.
      ++entry;
      continue;
    }
    push(id, ProgramEvent::Kind::Exited, {}, process.exit_code, stamp(until));
    entry = running_.erase(entry);
  }
}

std::optional<ProgramEvent> Processes::next(sim::Time until) {
  if (events_.empty() && until <= floor_) {
    return std::nullopt;
  }
  bool looked = false;
  while (events_.empty()) {
    if (interrupted_) {
      return std::nullopt;
    }
    hasten_dying();
    const sim::Time present = now();
    if (running_.empty() && until == sim::kNever) {
      return std::nullopt;
    }
    if (looked && present >= until) {
      floor_ = std::max(floor_, until);
      return std::nullopt;
    }
    const bool ended_one =
        std::any_of(running_.begin(), running_.end(), [](const auto& entry) { return entry.second->reaped; });
    const sim::Duration wait = ended_one ? sim::Duration::zero() : std::min(until - present, longest_wait());
    if (!gather(until, wait)) {
      settle_exits(until);
    }
    looked = true;
  }
  if (events_.front().at > until) {
    floor_ = std::max(floor_, until);
    return std::nullopt;
  }
  ProgramEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

}  // namespace scenarios::targets
