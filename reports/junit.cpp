#include "reports/junit.h"

#include <fmt/core.h>

#include <pugixml.hpp>
#include <sstream>

namespace reports {

namespace {

std::string seconds(sim::Time time) {
  return fmt::format("{}.{:03}", time.count() / 1'000'000'000, time.count() / 1'000'000 % 1000);
}

}  // namespace

std::string junit(const std::vector<TestCase>& cases) {
  std::size_t failures = 0;
  std::size_t errors = 0;
  sim::Time simulated{};
  for (const TestCase& test : cases) {
    failures += !test.passed && !test.error ? 1 : 0;
    errors += test.error ? 1 : 0;
    simulated += test.simulated;
  }
  pugi::xml_document document;
  pugi::xml_node suites = document.append_child("testsuites");
  pugi::xml_node suite = suites.append_child("testsuite");
  suite.append_attribute("name") = "rehearsal";
  suite.append_attribute("tests") = static_cast<unsigned long long>(cases.size());
  suite.append_attribute("failures") = static_cast<unsigned long long>(failures);
  suite.append_attribute("errors") = static_cast<unsigned long long>(errors);
  suite.append_attribute("time") = seconds(simulated).c_str();
  for (const TestCase& test : cases) {
    pugi::xml_node node = suite.append_child("testcase");
    node.append_attribute("classname") = test.file.c_str();
    node.append_attribute("name") = (test.title.empty() ? test.file : test.title).c_str();
    node.append_attribute("time") = seconds(test.simulated).c_str();
    if (!test.passed) {
      pugi::xml_node failure = node.append_child(test.error ? "error" : "failure");
      failure.append_attribute("message") = test.problem.substr(0, test.problem.find('\n')).c_str();
      failure.text() = test.problem.c_str();
    }
  }
  std::ostringstream out;
  document.save(out, "  ");
  return out.str();
}

}  // namespace reports
