#pragma once
// The program of a step under way: its commands, loops and captures, as far as they can go now.

#include <cstdint>

#include "scenarios/perform_plan.h"
#include "scenarios/world.h"

namespace scenarios {

struct ThreadsMoved {
  bool moved = false;
  bool all_done = false;  ///< the program is through
  bool failed = false;    ///< a command failed whose failure ends the step
};

/// Goes on with the threads of one step. Nothing is kept here: all state stands in the world.
class StepThreads {
 public:
  StepThreads(World& world, sim::Context& context, CommandRunner& runner, std::uint32_t index)
      : world_(world),
        context_(context),
        runner_(runner),
        index_(index),
        step_(world.program->plan.steps[index]),
        state_(world.plan.steps[index]) {}

  ThreadsMoved advance();

 private:
  /// @return whether anything moved.
  bool advance_thread(std::size_t position);
  /// Performs one instruction. @return whether the thread can go on at once.
  bool perform(std::size_t position, const plan::Instruction& instruction);
  bool perform_command(std::size_t position, std::uint32_t command);
  void advance_builtin(const plan::CompiledCommand& command, commands::CommandState& state);
  void end_command(std::size_t position, std::uint32_t command);
  bool begin_loop(std::size_t position, const plan::Instruction& instruction);
  bool end_turn(std::size_t position);
  bool compute(std::size_t position, const plan::Instruction& instruction);
  bool give_up(std::size_t position, std::string why);
  void bind_arguments(const plan::Instruction& instruction);
  [[nodiscard]] std::string joined(const std::vector<commands::Word>& words) const;
  [[nodiscard]] int code_of(const plan::Instruction& instruction, int last) const;
  void assign(const std::string& name, std::string value);
  [[nodiscard]] std::vector<std::string> values(const std::vector<commands::Word>& words) const;
  [[nodiscard]] std::vector<std::string> test_values(const std::vector<commands::Word>& words) const;
  [[nodiscard]] sim::Time now() const { return world_.agenda.now; }

  World& world_;
  sim::Context& context_;
  CommandRunner& runner_;
  std::uint32_t index_;
  const plan::CompiledStep& step_;
  plan::StepState& state_;
  bool failed_ = false;
};

}  // namespace scenarios
