# How the folders below tests/ declare their programs, so that each of them is a list of sources and libraries.
include(GoogleTest)

# rehearsal_test(NAME SOURCES file… LIBRARIES target… [LABELS label…])
#
# A GoogleTest and RapidCheck program. Each of its tests is a test of CTest named NAME.Suite.Test, started in the
# root of the repository: data files are opened by their path from there (`scenarios/library/flux/downsize.yaml`).
# No precompiled headers: measured, templates and not headers take the time (GCC 4.4 s became 4.0 s for a file of
# properties), and ccache no longer finds in a fresh clone what another one built.
# Test sources are compiled without optimisation, which halves their time (GCC 14 s became 7.4 s for a table of cases,
# Clang with sanitizers 19 s became 7.8 s): the libraries that do the work keep that of the preset.
# Tests with the label `golden` rewrite their expected files when REHEARSAL_ACCEPT=1 (`./dev accept`).
function(rehearsal_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES;LABELS")
  add_executable(${name} ${arg_SOURCES})
  target_compile_options(${name} PRIVATE -O0)
  target_link_libraries(${name} PRIVATE
    ${arg_LIBRARIES} project_options fmt::fmt GTest::gtest GTest::gtest_main rapidcheck rapidcheck_gtest)
  set(labels)
  if(arg_LABELS)
    set(labels LABELS "${arg_LABELS}")
  endif()
  # Tests are listed when CTest starts, not after each link; rows of tables keep their names, not their values.
  gtest_discover_tests(${name}
    TEST_PREFIX "${name}."
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    NO_PRETTY_VALUES
    WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}"
    PROPERTIES TIMEOUT 300 ${labels})
endfunction()

# rehearsal_benchmark(NAME SOURCES file… LIBRARIES target…)
#
# A Google Benchmark program that `./dev bench` builds and runs with `--json FILE`; it writes an array of
# {name, value, unit, baseline, ratio, goal, reached} there.
add_custom_target(all_benchmarks)
function(rehearsal_benchmark name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} project_options benchmark::benchmark)
  add_dependencies(all_benchmarks ${name})
  set_property(GLOBAL APPEND PROPERTY rehearsal_benchmarks "$<TARGET_FILE:${name}>")
endfunction()

# Writes the list of benchmark programs that `./dev bench` runs. Called once, after every folder was added.
function(rehearsal_list_benchmarks)
  get_property(programs GLOBAL PROPERTY rehearsal_benchmarks)
  list(JOIN programs "\n" lines)
  file(GENERATE OUTPUT "${CMAKE_BINARY_DIR}/benchmarks.txt" CONTENT "${lines}\n")
endfunction()
