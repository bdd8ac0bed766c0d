#pragma once

namespace scenarios::targets {

/// While it lives, the first SIGINT, SIGTERM or SIGHUP does not end this program: it is told, so that what
/// runs can be ended and a recording closed. The second one ends it as ever. One at a time.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  /// Becomes readable with the signal: for ProcessesOptions::wake.
  [[nodiscard]] int descriptor() const;
  /// The signal that came; 0 while none has.
  [[nodiscard]] int signal() const;
};

}  // namespace scenarios::targets
