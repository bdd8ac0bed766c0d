#!/usr/bin/env python3
"""Rules of this repository that no compiler checks.

    tidy.py [ROOT]      prints `file:line: error: X is banned, use Y` and exits with 1 when there is any

A rule is a function from the tree to findings; RULES at the end lists them all. Rules about code see it with
comments and the contents of strings blanked out, so that prose may name what is banned.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field

# Folders whose behaviour must be a function of the scenario and the choices alone.
SIMULATED = ("sim/", "models/", "scenarios/", "reports/")
CODE = (".h", ".cpp")
TEXT = CODE + (".py", ".cmake", ".txt", ".md", ".yaml", ".yml", ".json", ".in", ".sh", "")

# The files that may read a real clock, each with its reason. A rehearsal itself never does.
# Real programs run in real time.
CLOCK_ALLOWED = {"scenarios/targets/programs/processes.cpp"}

# Files that must write down what the rules look for.
QUOTES_THE_RULES = ("tests/tidy/",)

# layer -> the layers that its includes may name. A layer is the longest of these folders that holds the file.
ARROWS = {
    "sim": ("sim",),
    "models/timing": ("sim", "models/timing"),
    "models/kubernetes": ("sim", "models/timing", "models/kubernetes"),
    "models/flux": ("sim", "models/timing", "models/kubernetes", "models/flux"),
    "models/iomesh": ("sim", "models/timing", "models/kubernetes", "models/iomesh"),
    "models/openstack": ("sim", "models/timing", "models/openstack"),
    "reports": ("sim", "reports"),
    "scenarios": ("sim", "models/timing", "models/kubernetes", "models/flux", "models/iomesh", "models/openstack", "reports",
                  "scenarios"),
}
# Subjects that a layer knows nothing of, as the libraries that handle them.
UNKNOWN_TO = {
    "sim": ("yaml-cpp/", "CLI/", "pugixml"),
    "reports": ("yaml-cpp/", "CLI/"),
    "models/kubernetes": ("CLI/",),
    "models/flux": ("CLI/",),
    "models/iomesh": ("CLI/",),
    "models/openstack": ("CLI/",),
}

CLOCK = "the simulated time of the world (sim/time.h)"
CHANCE = "sim/choices.h, which draws the same on every machine"
BANNED = [
    # (pattern, name shown, what to use instead, whether CLOCK_ALLOWED excuses it)
    (r"\b(system_clock|steady_clock|high_resolution_clock|utc_clock|file_clock)\b", None, CLOCK, True),
    (r"\b(gettimeofday|clock_gettime|timespec_get|localtime|gmtime)(?:_r)?\s*\(", None, CLOCK, True),
    (r"(?:\bstd\s*::\s*|(?<![\w>):])\s*::\s*)(time|clock)\s*\(", None, CLOCK, True),
    (r"(?<![\w.:>])(time)\s*\(\s*(?:nullptr|NULL|0|&)", None, CLOCK, True),
    (r"\b(sleep_for|sleep_until|usleep|nanosleep)\b", None, "a pending event at a later simulated time", True),
    (r"\b(random_device|mt19937(?:_64)?|minstd_rand0?|default_random_engine|knuth_b)\b", None, CHANCE, False),
    (r"\bstd\s*::\s*(\w+_distribution)\b", None, CHANCE + " (models/timing for durations)", False),
    (r"\bstd\s*::\s*(?:ranges\s*::\s*)?(shuffle|random_shuffle|sample)\b", None, CHANCE, False),
    (r"(?<![\w.:>])(?:std\s*::\s*)?(s?rand|rand_r|[dlm]rand48|random)\s*\(", None, CHANCE, False),
    (r"\b(__DATE__|__TIME__|__TIMESTAMP__)\b", None, "nothing: a build must give the same bytes every day", False),
    (r"#\s*include\s*<(format|expected)>", None, "fmt, or a struct with diagnostics (GCC 12 has neither)", False),
]


@dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: error: {self.message}"


@dataclass
class Tree:
    """The files of a repository by their path from its root."""

    root: str
    paths: list
    texts: dict = field(default_factory=dict)
    stripped: dict = field(default_factory=dict)

    def text(self, path):
        if path not in self.texts:
            with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
                self.texts[path] = file.read()
        return self.texts[path]

    def code(self, path):
        if path not in self.stripped:
            self.stripped[path] = strip(self.text(path))
        return self.stripped[path]

    def select(self, folders=("",), suffixes=CODE):
        return [p for p in self.paths if p.startswith(tuple(folders)) and os.path.splitext(p)[1] in suffixes]


def load(root):
    """Everything that is tracked or could be committed; outside git, everything but builds."""
    if os.path.exists(os.path.join(root, ".git")):
        listed = subprocess.run(
            ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            capture_output=True, check=False)
        if listed.returncode == 0:
            names = sorted(set(listed.stdout.decode().split("\0")) - {""})
            return Tree(root, [n for n in names if os.path.isfile(os.path.join(root, n))])
    paths = []
    for folder, folders, files in os.walk(root):
        folders[:] = [f for f in folders if f not in (".git", "build", ".cache", "__pycache__")]
        paths += [os.path.relpath(os.path.join(folder, f), root).replace(os.sep, "/") for f in files]
    return Tree(root, sorted(paths))


TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/"
    r'|(?:\b(?:u8|u|U|L))?\bR"(?P<d>[^()\\\s]{0,16})\(.*?\)(?P=d)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])*'",
    re.DOTALL)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?P<open>["<])(?P<name>[^">\n]+)[">]', re.MULTILINE)


def strip(text):
    """`text` with comments and the insides of strings as blanks; offsets and lines stay as they are."""
    includes = {m.start("name") - 1 for m in INCLUDE.finditer(text)}

    def blank(match):
        token = match.group()
        if match.start() in includes:
            return token
        return "".join(c if c in "\n\"'" and not token.startswith("/") else "\n" if c == "\n" else " " for c in token)

    return TOKEN.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def banned_calls(tree):
    for path in tree.select(SIMULATED):
        code = tree.code(path)
        for pattern, name, instead, is_clock in BANNED:
            if is_clock and path in CLOCK_ALLOWED:
                continue
            for match in re.finditer(pattern, code):
                shown = name or match.group(1)
                yield Finding(path, line_of(code, match.start(1)), f"{shown} is banned, use {instead}")


UNORDERED = re.compile(r"\b(?:\w+\s*::\s*)*(unordered_(?:flat_|node_)?(?:multi)?(?:map|set))\s*<")
ALIAS_BEFORE = re.compile(r"\busing\s+(\w+)\s*=\s*$")
DECLARED_AFTER = re.compile(r"\s*(?:const\b)?\s*[&*]*\s*([A-Za-z_]\w*)\s*[;,={(\[)]")
ITERATED = re.compile(r"\b([A-Za-z_]\w*)\s*(?:\(\s*\))?\s*(?:\.|->)\s*c?r?begin\s*\(")
RANGE_CALL = re.compile(r"\b(?:ranges|views)\s*::\s*\w+\s*\(\s*([\w.\->:]*?)(\w+)\s*(?:\(\s*\))?\s*[,)]"
                        r"|\bstd\s*::\s*c?r?begin\s*\(\s*([\w.\->:]*?)(\w+)\s*\)"
                        r"|\b(\w+)\s*\|\s*(?:std\s*::\s*)?(?:ranges\s*::\s*)?views\s*::")


def matching(code, at, opening, closing):
    """The offset after the bracket that closes the one at `at`, or None."""
    depth = 0
    for offset in range(at, len(code)):
        if code[offset] == opening:
            depth += 1
        elif code[offset] == closing:
            depth -= 1
            if depth == 0:
                return offset + 1
        elif code[offset] == ";" and opening == "<":
            return None
    return None


def unordered_names(code):
    """Variables, members and functions without parameters of an unordered type; and aliases of such types."""
    names, aliases = set(), set()
    for match in UNORDERED.finditer(code):
        after = matching(code, match.end() - 1, "<", ">")
        if after is None:
            continue
        alias = ALIAS_BEFORE.search(code, max(0, match.start() - 120), match.start())
        if alias:
            aliases.add(alias.group(1))
            continue
        declared = DECLARED_AFTER.match(code, after)
        if declared:
            names.add(declared.group(1))
    return names, aliases


def visible(tree, path, seen):
    """`path` and the files of the repository that it includes, directly or not."""
    if path in seen or path not in tree.paths:
        return seen
    seen.add(path)
    for match in INCLUDE.finditer(tree.code(path)):
        if match.group("open") == '"':
            visible(tree, match.group("name"), seen)
    return seen


def declared_otherwise(code, name):
    """Whether `name` is also declared with another container's type, so that the name alone decides nothing."""
    for match in UNORDERED.finditer(code):
        after = matching(code, match.end() - 1, "<", ">") or match.end()
        code = code[:match.start()] + " " * (after - match.start()) + code[after:]
    return re.search(r"\b(?:vector|map|set|array|deque|list|span|string|string_view)\b(?:\s*<[^;{}()]*>)?\s*"
                     r"(?:const\b)?\s*[&*]*\s*" + name + r"\s*[;,={(\[)]", code)


def range_of_for(code, start, end):
    """The text after the colon of `for (declaration : range)`, or None for the other kind of loop."""
    depth, begin = 0, None
    for offset in range(start, end):
        c = code[offset]
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == ";" and depth == 0:
            begin = None
        elif c == ":" and depth == 0 and begin is None and ":" not in (code[offset - 1], code[offset + 1]):
            begin = offset + 1
    return code[begin:end].strip() if begin is not None else None


def unordered_iteration(tree):
    declared = {p: unordered_names(tree.code(p)) for p in tree.select(("sim/", "models/"))}
    for path in declared:
        code = tree.code(path)
        files = visible(tree, path, set())
        stem = os.path.splitext(path)[0]
        names = set()
        for file in files:
            own = os.path.splitext(file)[0] == stem
            names |= {name for name in declared.get(file, (set(),))[0]
                      if own or not any(declared_otherwise(tree.code(f), name) for f in files)}
        for alias in set().union(*(declared.get(f, ((), set()))[1] for f in files)):
            pattern = r"\b" + alias + r"\b\s*(?:const\b)?\s*[&*]*\s*([A-Za-z_]\w*)\s*[;,={(\[)]"
            names |= {m.group(1) for f in files for m in re.finditer(pattern, tree.code(f))}
        hits = []
        for match in re.finditer(r"\bfor\s*\(", code):
            end = matching(code, match.end() - 1, "(", ")")
            over = range_of_for(code, match.end(), end - 1) if end else None
            tail = re.search(r"(\w+)\s*(?:\(\s*\))?$", over or "")
            if tail:
                hits.append((match.start(), tail.group(1)))
        hits += [(m.start(), m.group(1)) for m in ITERATED.finditer(code)]
        hits += [(m.start(), m.group(2) or m.group(4) or m.group(5)) for m in RANGE_CALL.finditer(code)]
        for offset, name in hits:
            if name in names:
                yield Finding(path, line_of(code, offset),
                              f"iteration of the unordered container {name} is banned, use a sorted container or a "
                              "vector (its order differs between standard libraries)")


def layer_of(path):
    fitting = [layer for layer in ARROWS if path.startswith(layer + "/")]
    return max(fitting, key=len) if fitting else None


def include_arrows(tree):
    for path in tree.select(SIMULATED):
        layer, code = layer_of(path), tree.code(path)
        if layer is None:
            yield Finding(path, 1, f"a folder without arrows is banned, use ARROWS in tests/tidy/tidy.py to say what "
                                   f"{os.path.dirname(path)} may include")
            continue
        for match in INCLUDE.finditer(code):
            name, line = match.group("name"), line_of(code, match.start("name"))
            if match.group("open") == "<":
                if name.startswith(UNKNOWN_TO.get(layer, ())):
                    yield Finding(path, line, f"<{name}> in {layer} is banned, use it in scenarios: {layer} knows "
                                              "nothing of that subject")
                continue
            target = layer_of(name)
            if target is None:
                if name in tree.paths or name.split("/")[0] in ("tests", "models"):
                    yield Finding(path, line, f'"{name}" in {layer} is banned, use only '
                                              f"{', '.join(ARROWS[layer])}")
                else:
                    yield Finding(path, line, f'"{name}" is banned, use the path from the root of the repository')
            elif target not in ARROWS[layer]:
                yield Finding(path, line, f"{target} in {layer} is banned, use only {', '.join(ARROWS[layer])} "
                                          "(arrows point one way)")


def header_guards(tree):
    for path in tree.select(suffixes=(".h",)):
        code = tree.code(path)
        first = re.search(r"\S[^\n]*", code)
        if not first or not re.fullmatch(r"#\s*pragma\s+once\s*", first.group()):
            line = line_of(code, first.start()) if first else 1
            yield Finding(path, line, "a header without a guard is banned, use #pragma once before everything else")
        for match in re.finditer(r"^\s*#\s*pragma\s+once", code[first.end():] if first else "", re.MULTILINE):
            yield Finding(path, line_of(code, first.end() + match.end()), "a second #pragma once is banned, use one")


def words_and_paths(tree):
    rules = [
        (re.compile(r"\b(TODO|FIXME)\b"), "an issue"),
        (re.compile(r"(?<![\w.*-])(/(?:work|farm|root|tmp/bash_jobs)/)"),
         "a path from the root of the repository, or a temporary folder"),
    ]
    for path in tree.select(suffixes=TEXT):
        if path.startswith(QUOTES_THE_RULES) or path == "LICENSE":
            continue
        for number, line in enumerate(tree.text(path).split("\n"), 1):
            for pattern, instead in rules:
                for match in pattern.finditer(line):
                    yield Finding(path, number, f"{match.group(1)} is banned, use {instead}")


def cmake_words(tree, path):
    """The words of a CMakeLists.txt without its comments."""
    return set(re.findall(r"[^\s()\";]+", re.sub(r"#[^\n]*", "", tree.text(path))))


def built_sources(tree):
    """Every source is named in a CMakeLists.txt beside or above it, and every such file is reached from the root."""
    lists = {os.path.dirname(p): cmake_words(tree, p) for p in tree.paths if os.path.basename(p) == "CMakeLists.txt"}
    for folder in lists:
        parents = [p for p in lists if p != folder and (p == "" or folder.startswith(p + "/"))]
        if folder and not any(os.path.relpath(folder, p or ".") in lists[p] for p in parents):
            yield Finding(os.path.join(folder, "CMakeLists.txt"), 1,
                          "a folder that no build reaches is banned, use add_subdirectory in the one above")
    sources = tree.select(SIMULATED + ("tests/",), (".cpp",)) + tree.select(("tests/",), (".py", ".sh"))
    for path in sources:
        above = [f for f in lists if f and path.startswith(f + "/")]
        named = any(os.path.relpath(path, f) in lists[f] or "${CMAKE_CURRENT_SOURCE_DIR}/" + os.path.relpath(path, f)
                    in lists[f] for f in above)
        # `python -m unittest tidy_test` names a module, not a file.
        module = path.endswith(".py") and any(os.path.splitext(os.path.relpath(path, f))[0] in lists[f] for f in above)
        imported = path.endswith(".py") and any(
            re.search(r"\bimport\s+" + re.escape(os.path.splitext(os.path.basename(path))[0]) + r"\b", tree.text(other))
            for other in tree.select((os.path.dirname(path) + "/",), (".py",)) if other != path)
        # What a command of ./dev runs.
        by_hand = not path.endswith(".cpp") and "dev" in tree.paths and path in tree.text("dev")
        if not (named or module or imported or by_hand):
            kind = "a test source that no suite runs" if path.startswith("tests/") else "a source that nothing builds"
            yield Finding(path, 1, f"{kind} is banned, use the CMakeLists.txt of its folder to name it")


def scenarios_run(tree):
    """`rehearse test` runs every file under scenarios/library with the key `scenario`; others must serve one."""
    scenario = re.compile(r"^[\"']?scenario[\"']?\s*:", re.MULTILINE)
    library = tree.select(("scenarios/library/",), (".yaml", ".yml", ".json"))
    run = [p for p in library if scenario.search(tree.text(p))]
    users = run + tree.select(("tests/",), CODE + (".py", ".txt", ".yaml", ".yml"))
    for path in library:
        if path not in run and not named_in(tree, path, [u for u in users if u != path]):
            yield Finding(path, 1, "a file that no scenario uses is banned, use the key `scenario:` to make it one, or "
                                   "name it in a scenario")
    tests = tree.select(("tests/",), CODE + (".py", ".sh", ".txt", ".yaml", ".yml"))
    for path in tree.select(("tests/",), (".yaml", ".yml", ".json", ".golden")):
        if not named_in(tree, path, [t for t in tests if t != path]):
            yield Finding(path, 1, "test data that no suite reads is banned, use its name or folder in a test")


def named_in(tree, path, users):
    """Whether one of `users` names the file, its stem in quotes, or the whole path of a folder that holds it."""
    name = os.path.basename(path)
    stem = os.path.splitext(name)[0]
    folders, folder = [], os.path.dirname(path)
    while folder.count("/") >= (3 if path.startswith("scenarios/library/") else 2):
        folders.append(folder)
        folder = os.path.dirname(folder)
    wanted = [name, f'"{stem}"'] + folders
    return any(word in tree.text(user) for user in users for word in wanted)


RULES = [banned_calls, unordered_iteration, include_arrows, header_guards, words_and_paths, built_sources,
         scenarios_run]


def check(root):
    """All findings in the tree at `root`, in the order of files and lines."""
    tree = load(root)
    return sorted({finding for rule in RULES for finding in rule(tree)}), len(tree.paths)


def main(arguments):
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    findings, files = check(arguments[1] if len(arguments) > 1 else here)
    for finding in findings:
        print(finding)
    print(f"tidy: {files} files, {len(findings)} errors")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
