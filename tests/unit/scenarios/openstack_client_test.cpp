// What the openstack client prints where a person errs, or asks for another order: columns that there are
// not, options that are not modelled, sorted lists. Source: cliff/display.py, cliff/lister.py;
// python-openstackclient openstackclient/compute/v2/server.py, as of 6.0.0.

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "scenarios/run.h"

namespace scenarios {
namespace {

std::optional<Rehearsal> loaded(const std::string& command, std::string& told) {
  language::Diagnostics diagnostics;
  std::optional<Rehearsal> rehearsal = load(
      {"a.yaml",
       "apiVersion: rehearsal/v1\nscenario: a test\nuntil: 10m\ncluster:\n"
       "  nodes: {\"n-[1-3]\": {cpu: 4, memory: 8Gi}}\n"
       "  openstack:\n"
       "    flavors: {small: {vcpus: 2, ramGB: 4}, big: {vcpus: 8, ramGB: 16}}\n"
       "    hosts: {host: {vcpus: 32, ramGB: 64}}\n"
       "    servers: {n-1: {flavor: big}, n-2: {flavor: small, status: SHELVED_OFFLOADED}, n-3: {flavor: "
       "big}}\n"
       "plan: [{step: a, run: \"" +
           command + "\"}]\n",
       {},
       {}},
      diagnostics);
  told = language::render(diagnostics.sorted());
  return rehearsal;
}

struct Said {
  const char* name;
  const char* command;
  const char* output;
  const char* errors;
  int exit_code = 0;
  friend std::ostream& operator<<(std::ostream& os, const Said& said) { return os << said.name; }
};
class OpenStackClient : public testing::TestWithParam<Said> {};

const Said kSaid[] = {
    {"column_in_other_letters", "openstack server event list n-1 -f value -c action", "",
     "No recognized column names in ['action']. Recognized columns are ('Request ID', 'Server ID', 'Action', "
     "'Start Time').\n",
     1},
    {"one_column_of_two", "openstack server show n-1 -f value -c Status -c status", "ACTIVE\n", ""},
    {"columns_of_a_list", "openstack server list -c status", "",
     "No recognized column names in ['status']. Recognized columns are ('ID', 'Name', 'Status', 'Networks', "
     "'Image', 'Flavor').\n",
     1},
    {"newest_first", "openstack server list -f value -c Name", "n-3\nn-2\nn-1\n", ""},
    {"sorted", "openstack server list -f value -c Name --sort-column Name", "n-1\nn-2\nn-3\n", ""},
    {"sorted_down", "openstack server list -f value -c Name --sort-column Status --sort-descending",
     "n-2\nn-3\nn-1\n", ""},
    {"by_two", "openstack server list -f value -c Name --sort-column Flavor --sort-column Name",
     "n-1\nn-3\nn-2\n", ""},
    {"unknown_columns_do_not_sort", "openstack server list -f value -c Name --sort-column Age",
     "n-3\nn-2\nn-1\n", ""},
    {"of_a_flavour", "openstack server list -f value -c Name --flavor small", "n-2\n", ""},
    {"of_no_flavour", "openstack server list --flavor huge", "",
     "No flavor with a name or ID of 'huge' exists.\n", 1},
    {"looked_up_one_by_one", "openstack server list -n -f value -c Name --status ACTIVE", "n-3\nn-1\n", ""},
};

TEST_P(OpenStackClient, SaysWhatTheRealOneSays) {
  std::string told;
  const std::optional<Rehearsal> rehearsal = loaded(GetParam().command, told);
  ASSERT_TRUE(rehearsal) << told;
  sim::NominalChoices choices;
  const sim::ResultRecord record = perform(*rehearsal, choices, 0);
  ASSERT_EQ(record.steps.size(), 1U);
  ASSERT_EQ(record.steps[0].commands.size(), 1U);
  EXPECT_EQ(record.steps[0].commands[0].output, GetParam().output);
  EXPECT_EQ(record.steps[0].commands[0].errors, GetParam().errors);
  EXPECT_EQ(record.steps[0].commands[0].exit_code, GetParam().exit_code);
}
INSTANTIATE_TEST_SUITE_P(All, OpenStackClient, testing::ValuesIn(kSaid),
                         [](const auto& row) { return std::string(row.param.name); });

struct Refused {
  const char* name;
  const char* command;
  const char* told;
  friend std::ostream& operator<<(std::ostream& os, const Refused& refused) { return os << refused.name; }
};
class OpenStackOptions : public testing::TestWithParam<Refused> {};

const Refused kRefused[] = {
    {"of_a_command", "openstack server list --vm-state active",
     "openstack server list --vm-state is not modelled yet"},
    {"without_a_value", "openstack server stop --all-projects n-1",
     "openstack server stop --all-projects is not modelled yet"},
    {"of_all_commands", "openstack --debug server list", "openstack server list --debug is not modelled yet"},
    {"with_a_value_before_the_command", "openstack --os-region-name IU server list",
     "openstack server list --os-region-name is not modelled yet"},
    {"of_the_output", "openstack server event list --noindent n-1",
     "openstack server event list --noindent is not modelled yet"},
    {"that_nobody_has", "openstack server list --vmstate active", "unrecognized arguments: --vmstate"},
    {"a_command_that_is_only_refused", "openstack server reboot n-1",
     "a.yaml:10:24: error: plan[0].run: openstack server reboot is not modelled yet"},
    {"behind_another", "openstack server list && openstack server resize --flavor big n-2",
     "a.yaml:10:49: error: plan[0].run: openstack server resize is not modelled yet"},
    {"in_a_loop_over_what_is_not_known",
     "for n in $(openstack server list -f value -c Name); do openstack "
     "server rebuild $n; done",
     "openstack server rebuild is not modelled yet"},
    {"a_server_of_nothing", "openstack server create --flavor big new",
     "one of the arguments --image --image-property --volume --snapshot is required"},
};

TEST_P(OpenStackOptions, AreToldByTheirName) {
  std::string told;
  EXPECT_FALSE(loaded(GetParam().command, told));
  EXPECT_NE(told.find(GetParam().told), std::string::npos) << told;
}
INSTANTIATE_TEST_SUITE_P(All, OpenStackOptions, testing::ValuesIn(kRefused),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace scenarios
