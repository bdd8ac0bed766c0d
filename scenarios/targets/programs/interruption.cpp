#include "scenarios/targets/programs/interruption.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace scenarios::targets {
namespace {

constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGHUP};

// A handler reaches nothing else.
std::array<int, 2> ends = {-1, -1};
volatile sig_atomic_t came = 0;
std::array<struct sigaction, kSignals.size()> before;

void take(int number) {
  const int error = errno;
  if (came == 0) {
    came = number;
  }
  const char byte = 0;
  [[maybe_unused]] const ssize_t written = ::write(ends[1], &byte, 1);
  errno = error;
}

}  // namespace

Interruption::Interruption() {
  came = 0;
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    ends = {-1, -1};
    return;  // Then a signal ends the program, and its children with it.
  }
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    struct sigaction action{};
    action.sa_handler = take;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(kSignals[i], nullptr, &before[i]);
    if (before[i].sa_handler != SIG_IGN) {  // As nohup leaves it.
      ::sigaction(kSignals[i], &action, nullptr);
    }
  }
}

Interruption::~Interruption() {
  if (ends[0] < 0) {
    return;
  }
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], &before[i], nullptr);
  }
  ::close(ends[0]);
  ::close(ends[1]);
  ends = {-1, -1};
}

int Interruption::descriptor() const { return ends[0]; }

int Interruption::signal() const { return came; }

}  // namespace scenarios::targets
