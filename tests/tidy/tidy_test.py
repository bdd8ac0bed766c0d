"""Every rule of tidy.py finds what is planted against it, at its line, and lets the proper form pass."""

import os
import subprocess
import sys
import tempfile
import unittest

import tidy

CLOCK = "use the simulated time of the world (sim/time.h)"
CHANCE = "use sim/choices.h, which draws the same on every machine"
UNORDERED = ("use a sorted container or a vector (its order differs between standard libraries)")

# A tree without findings; each case adds its files to it.
CLEAN = {
    "CMakeLists.txt": "add_subdirectory(sim)\nadd_subdirectory(tests)\n",
    "sim/CMakeLists.txt": "add_library(sim good.cpp)\n",
    "sim/good.cpp": '#include "sim/good.h"\n#include <map>\n',
    "sim/good.h": "/// A header.\n#pragma once\n",
    "tests/CMakeLists.txt": "add_executable(t good_test.cpp)\n",
    "tests/good_test.cpp": '#include "sim/good.h"\n',
    "scenarios/library/good.yaml": "scenario: good\ncluster: {manifests: nodes.yaml}\n",
    "scenarios/library/nodes.yaml": "kind: Node\n",
}


def findings(files):
    """What tidy says of the clean tree with `files` added; sources planted without a build file get one."""
    with tempfile.TemporaryDirectory() as root:
        tree = CLEAN | files
        for path in files:
            folder = os.path.dirname(path)
            if path.endswith(".cpp") and folder + "/CMakeLists.txt" not in tree:
                tree[folder + "/CMakeLists.txt"] = f"add_library(x {os.path.basename(path)})\n"
                tree["CMakeLists.txt"] += f"add_subdirectory({folder})\n"
        for path, text in tree.items():
            if path.endswith(".cpp") and path in files and path.startswith("sim/"):
                tree["sim/CMakeLists.txt"] += f"target_sources(sim PRIVATE {os.path.basename(path)})\n"
        for path, text in tree.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)) or root, exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        return [str(f) for f in tidy.check(root)[0]]


class Tidy(unittest.TestCase):
    maxDiff = None

    def found(self, files, *expected):
        self.assertEqual(findings(files), list(expected))

    def test_a_clean_tree_passes(self):
        self.found({})

    def test_wall_clocks_are_found_at_their_line(self):
        for call, name in [
            ("std::chrono::system_clock::now();", "system_clock"),
            ("steady_clock::now();", "steady_clock"),
            ("std::chrono::high_resolution_clock c;", "high_resolution_clock"),
            ("auto t = std::time(nullptr);", "time"),
            ("auto t = time(nullptr);", "time"),
            ("auto t = ::time(&x);", "time"),
            ("gettimeofday(&a, 0);", "gettimeofday"),
            ("clock_gettime(CLOCK_REALTIME, &a);", "clock_gettime"),
        ]:
            for path in ("sim/bad.cpp", "models/flux/bad.cpp", "scenarios/bad.cpp", "reports/bad.cpp"):
                with self.subTest(call=call, path=path):
                    self.found({path: f"\n{call}\n"}, f"{path}:2: error: {name} is banned, {CLOCK}")

    def test_our_own_time_is_no_clock(self):
        self.found({"sim/bad.cpp": "// system_clock would be wrong\nTime now = world.time(); Time time() const;\n"
                                   "Time World::time() { return at; }\nconst char* s = \"steady_clock\";\n"})

    def test_chance_from_elsewhere_is_found(self):
        for call, name, use in [
            ("std::random_device d;", "random_device", CHANCE),
            ("std::mt19937 g;", "mt19937", CHANCE),
            ("std::mt19937_64 g;", "mt19937_64", CHANCE),
            ("std::normal_distribution<> d;", "normal_distribution", CHANCE + " (models/timing for durations)"),
            ("std::uniform_int_distribution<int> d(0, 1);", "uniform_int_distribution",
             CHANCE + " (models/timing for durations)"),
            ("int i = rand();", "rand", CHANCE),
            ("int i = std::rand();", "rand", CHANCE),
            ("std::shuffle(v.begin(), v.end(), g);", "shuffle", CHANCE),
        ]:
            with self.subTest(call=call):
                self.found({"sim/bad.cpp": call + "\n"}, f"sim/bad.cpp:1: error: {name} is banned, {use}")

    def test_the_day_of_the_build_and_missing_headers_are_found(self):
        self.found({"scenarios/bad.cpp": "#include <format>\nconst char* d = __DATE__;\n"},
                   "scenarios/bad.cpp:1: error: format is banned, use fmt, or a struct with diagnostics (GCC 12 has "
                   "neither)",
                   "scenarios/bad.cpp:2: error: __DATE__ is banned, use nothing: a build must give the same bytes every "
                   "day")

    def test_iteration_of_unordered_containers_is_found(self):
        declared = "std::unordered_map<std::string, std::vector<int>> by_name;\n"
        for loop in [
            "for (const auto& [k, v] : by_name) {}",
            "for (auto& x : world.by_name) {}",
            "for (int i = 0; auto& x : this->by_name) {}",
            "auto it = by_name.begin();",
            "auto it = world->by_name.cbegin();",
            "auto it = std::begin(by_name);",
            "std::ranges::sort(by_name);",
            "auto keys = by_name | std::views::keys;",
        ]:
            expected = f"iteration of the unordered container by_name is banned, {UNORDERED}"
            with self.subTest(loop=loop):
                self.found({"models/flux/bad.cpp": declared + loop + "\n"}, f"models/flux/bad.cpp:2: error: {expected}")
            with self.subTest(loop=loop, declared="in a header that a header includes"):
                self.found({"sim/inner.h": "#pragma once\n" + declared, "sim/outer.h":
                            '#pragma once\n#include "sim/inner.h"\n',
                            "sim/bad.cpp": '#include "sim/outer.h"\n' + loop + "\n"},
                           f"sim/bad.cpp:2: error: {expected}")

    def test_iteration_through_an_alias_or_a_function_is_found(self):
        expected = f"is banned, {UNORDERED}"
        self.found({"sim/bad.cpp": "using Index = std::unordered_set<int>;\nIndex seen;\nfor (int i : seen) {}\n"
                                   "const std::unordered_map<int, int>& names();\nfor (auto& n : names()) {}\n"},
                   f"sim/bad.cpp:3: error: iteration of the unordered container seen {expected}",
                   f"sim/bad.cpp:5: error: iteration of the unordered container names {expected}")

    def test_a_name_that_another_struct_gives_to_a_vector_passes_except_beside_the_unordered_one(self):
        inner = "#pragma once\nstruct A { std::unordered_map<int, int> ids; };\nstruct B { std::vector<int> ids; };\n"
        self.found({"sim/inner.h": inner, "sim/inner.cpp": '#include "sim/inner.h"\nfor (auto& i : a.ids) {}\n',
                    "sim/bad.cpp": '#include "sim/inner.h"\nfor (auto& i : b.ids) {}\n'},
                   f"sim/inner.cpp:2: error: iteration of the unordered container ids is banned, {UNORDERED}")

    def test_looking_up_and_sorted_iteration_pass(self):
        self.found({"sim/bad.cpp": "std::unordered_map<int, int> seen;\nstd::map<int, int> order;\n"
                                   "if (seen.find(1) != seen.end()) {}\nfor (auto& [k, v] : order) { seen[k] = v; }\n"
                                   "for (auto& x : a ? b : order) {}\nfor (int i = 0; i < 3; ++i) {}\n"})

    def test_includes_against_the_arrows_are_found(self):
        for path, include, message in [
            ("sim/bad.cpp", "models/timing/a.h", "models/timing in sim is banned, use only sim"),
            ("sim/bad.cpp", "reports/a.h", "reports in sim is banned, use only sim"),
            ("models/timing/bad.cpp", "models/kubernetes/a.h",
             "models/kubernetes in models/timing is banned, use only sim, models/timing"),
            ("models/kubernetes/bad.cpp", "models/flux/a.h",
             "models/flux in models/kubernetes is banned, use only sim, models/timing, models/kubernetes"),
            ("models/flux/bad.cpp", "scenarios/a.h",
             "scenarios in models/flux is banned, use only sim, models/timing, models/kubernetes, models/flux"),
            ("reports/bad.cpp", "models/kubernetes/a.h",
             "models/kubernetes in reports is banned, use only sim, reports"),
        ]:
            with self.subTest(path=path, include=include):
                self.found({path: f'#include <map>\n#include "{include}"\n'},
                           f"{path}:2: error: {message} (arrows point one way)")

    def test_includes_along_the_arrows_pass(self):
        self.found({"models/flux/bad.cpp": '#include "models/kubernetes/a.h"\n#include "models/timing/a.h"\n',
                    "scenarios/bad.cpp": '#include "reports/a.h"\n#include "models/flux/a.h"\n#include "sim/good.h"\n'})

    def test_includes_that_are_not_from_the_root_or_from_tests_are_found(self):
        self.found({"sim/bad.cpp": '#include "good.h"\n#include "tests/x.h"\n'},
                   'sim/bad.cpp:1: error: "good.h" is banned, use the path from the root of the repository',
                   'sim/bad.cpp:2: error: "tests/x.h" in sim is banned, use only sim')

    def test_subjects_that_a_layer_must_not_know_are_found(self):
        self.found({"sim/bad.cpp": "#include <yaml-cpp/yaml.h>\n"},
                   "sim/bad.cpp:1: error: <yaml-cpp/yaml.h> in sim is banned, use it in scenarios: sim knows nothing of "
                   "that subject")

    def test_a_folder_without_arrows_is_found(self):
        self.found({"models/moon/bad.h": "#pragma once\n"},
                   "models/moon/bad.h:1: error: a folder without arrows is banned, use ARROWS in tests/tidy/tidy.py to "
                   "say what models/moon may include")

    def test_headers_without_the_guard_are_found(self):
        self.found({"sim/bad.h": "// A comment.\n#ifndef SIM_BAD_H\n"},
                   "sim/bad.h:2: error: a header without a guard is banned, use #pragma once before everything else")

    def test_words_and_paths_are_found_in_any_text(self):
        self.found({"README.md": "# Title\nTODO: write\n", "sim/bad.h": "#pragma once\n// FIXME\n",
                    "docs.md": "see /work/main/x and https://example.com/work/x and ~/.cache/root/x\n"},
                   "README.md:2: error: TODO is banned, use an issue",
                   "docs.md:1: error: /work/ is banned, use a path from the root of the repository, or a temporary folder",
                   "sim/bad.h:2: error: FIXME is banned, use an issue")

    def test_sources_and_folders_that_nothing_builds_are_found(self):
        self.found({"tests/CMakeLists.txt": "add_executable(t good_test.cpp) # lost_test.cpp\n",
                    "tests/lost_test.cpp": "", "tests/unit/CMakeLists.txt": "add_executable(u in.cpp)\n",
                    "tests/unit/in.cpp": "", "tests/lost.py": ""},
                   "tests/lost.py:1: error: a test source that no suite runs is banned, use the CMakeLists.txt of its "
                   "folder to name it",
                   "tests/lost_test.cpp:1: error: a test source that no suite runs is banned, use the CMakeLists.txt of "
                   "its folder to name it",
                   "tests/unit/CMakeLists.txt:1: error: a folder that no build reaches is banned, use add_subdirectory "
                   "in the one above")

    def test_files_that_no_scenario_or_test_uses_are_found(self):
        self.found({"scenarios/library/flux/lost.yaml": "kind: Node\n", "tests/lost.json": "{}"},
                   "scenarios/library/flux/lost.yaml:1: error: a file that no scenario uses is banned, use the key "
                   "`scenario:` to make it one, or name it in a scenario",
                   "tests/lost.json:1: error: test data that no suite reads is banned, use its name or folder in a test")

    def test_the_program_prints_findings_and_fails(self):
        with tempfile.TemporaryDirectory() as root:
            with open(os.path.join(root, "a.h"), "w", encoding="utf-8") as file:
                file.write("int x;\n")
            run = subprocess.run([sys.executable, "-B", tidy.__file__, root], capture_output=True, text=True,
                                 check=False)
        self.assertEqual(run.returncode, 1)
        self.assertEqual(run.stdout, "a.h:1: error: a header without a guard is banned, use #pragma once before "
                                     "everything else\ntidy: 1 files, 1 errors\n")


if __name__ == "__main__":
    unittest.main()
