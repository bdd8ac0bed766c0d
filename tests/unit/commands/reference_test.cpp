#include "scenarios/commands/reference.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "scenarios/commands/emulated.h"

namespace scenarios::commands {
namespace {

/// Relative to the root of the repository, where tests are started.
constexpr const char* kPage = "docs/commands.md";

TEST(CommandReference, TheCommittedPageIsWhatTheParserReads) {
  const std::string rendered = render_command_reference();
  const char* accept = std::getenv("REHEARSAL_ACCEPT");
  if (accept != nullptr && std::string(accept) == "1") {
    std::ofstream(kPage, std::ios::binary) << rendered;
  }
  std::ifstream in(kPage, std::ios::binary);
  ASSERT_TRUE(in.good()) << kPage << " is missing; run the test with REHEARSAL_ACCEPT=1";
  const std::string committed{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  EXPECT_TRUE(committed == rendered)
      << kPage << " is out of date; run the test with REHEARSAL_ACCEPT=1 and read the difference";
}

TEST(CommandReference, NoFlagIsListedTwice) {
  for (const SubCommand* command : sub_commands()) {
    const FlagTable& table = command->flags();
    const std::string name = command->name.empty() ? std::string() : " " + std::string(command->name);
    // The playbooks share one table.
    EXPECT_EQ(table.command, command->program == "ansible-playbook" ? std::string(command->program)
                                                                    : std::string(command->program) + name);
    std::set<std::string_view> names;
    std::set<char> shorthands;
    for (const auto& flags : {table.modelled, table.not_modelled}) {
      for (const FlagSpec& flag : flags) {
        EXPECT_TRUE(names.insert(flag.name).second) << table.command << " --" << flag.name;
        EXPECT_TRUE(flag.shorthand == 0 || shorthands.insert(flag.shorthand).second)
            << table.command << " -" << flag.shorthand;
      }
    }
  }
}

}  // namespace
}  // namespace scenarios::commands
