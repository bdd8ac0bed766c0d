#!/usr/bin/env python3
"""Records the plans of the corpus on the real control plane, once for each version of Kubernetes.

Every recording gets a control plane of its own, whose simulated kubelets follow the plan's `behaviour:`. See
README.md beside this file. Needs Python 3.9 and PyYAML (Debian: python3-yaml).
"""

import argparse
import concurrent.futures
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import yaml

# The cluster that every plan is performed on.
NODES = [{"name": "worker", "count": 5, "capacity": {"cpu": "8", "memory": "32Gi", "pods": "110"}}]
VOLUMES = {"binding": "WaitForFirstConsumer", "provision": "500ms"}
# What a container's restart takes besides its back-off: the simulator's kubelet only reports it.
RESTART = "100ms"
SUFFIX = "-[a-z0-9]{5}"  # of the pods of a Job: five random characters
RECORDING_SECONDS = 90
ATTEMPTS = 2
# A command that waits for nothing takes 0.2 to 0.6 s; a machine that is busy elsewhere shows in them first.
STALL_SECONDS = 1.5
WAITING = ("delete", "drain", "rollout", "wait")
# An API server makes up its schemas when they are first asked for, which takes seconds and would be the first command's.
WARM_UP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: warm-up}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: warm-up}
spec: {serviceName: warm-up, selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: a}]}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: warm-up}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: warm-up}
spec: {maxUnavailable: 1}
"""

BEHAVIOUR_KEYS = {"init", "start", "ready", "run", "exit", "stop", "ignoresTermination", "neverReady", "attempts", "indexes"}
UNIT_MILLISECONDS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}


class PlanError(Exception):
    """A plan says something that the kubelet table, or this script, cannot express."""


# --- The first lines of a plan: which versions, which gates, what else --------------------------------------------

def version_key(text):
    match = re.fullmatch(r"(\d+)\.(\d+)", text)
    if not match:
        raise PlanError(f"{text!r} is no version such as 1.32")
    return int(match[1]), int(match[2])


class Header:
    """`# versions: 1.31-` (also `-1.28`, `1.29-1.31`), `# featureGates: A=true,B=false` for every version, and
    `# featureGates 1.28: A=true` for one; `# watch: deployments,events` for further kinds, `# controllerManager:
    --flag=value` for flags, `# seconds: 150` for what a recording may take."""

    def __init__(self, text):
        self.first, self.last = (0, 0), (99, 999)
        self.gates = []  # (version or None, gates)
        self.watch = ""
        self.manager_flags = []
        self.seconds = RECORDING_SECONDS
        for line in text.splitlines():
            if not line.startswith("#"):
                break
            if match := re.fullmatch(r"# versions: *(\d+\.\d+)?-(\d+\.\d+)? *", line):
                self.first = version_key(match[1]) if match[1] else self.first
                self.last = version_key(match[2]) if match[2] else self.last
            elif match := re.fullmatch(r"# featureGates(?: (\d+\.\d+))?: *(\w+=(?:true|false)(?:,\w+=(?:true|false))*) *", line):
                self.gates.append((match[1], match[2]))
            elif match := re.fullmatch(r"# watch: *([a-z]+(?:,[a-z]+)*) *", line):
                self.watch = match[1]
            elif match := re.fullmatch(r"# controllerManager: *(--[a-z-]+=\S+(?: --[a-z-]+=\S+)*) *", line):
                self.manager_flags = match[1].split()
            elif match := re.fullmatch(r"# seconds: *(\d+) *", line):
                self.seconds = int(match[1])
            elif re.match(r"# *(versions|featureGates|watch|controllerManager|seconds)\b", line):
                raise PlanError(f"not understood: {line}")

    def wants(self, version):
        return self.first <= version_key(version) <= self.last

    def gates_of(self, version):
        return ",".join(gates for only, gates in self.gates if only in (None, version))


# --- From behaviour: to the kubelet table -----------------------------------------------------------------------

def fixed_duration(value, field):
    """The Go spelling of a fixed duration of the scenario language."""
    if isinstance(value, dict):
        if set(value) != {"fixed"}:
            raise PlanError(f"{field}: only fixed durations can be recorded")
        value = value["fixed"]
    text = str(value)
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|d|h|m|s)", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise PlanError(f"{field}: {text!r} is no duration in milliseconds or more")
    total = sum(float(number) * UNIT_MILLISECONDS[unit] for number, unit in parts)
    return f"{total:g}ms" if total < 1000 else f"{total / 1000:g}s"


def numbers_in(text, field):
    """The numbers of an index set such as `0-1,3`."""
    numbers = []
    for part in str(text).split(","):
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", part.strip())
        if not match:
            raise PlanError(f"{field}: {text!r} is no set of numbers")
        numbers += range(int(match[1]), int(match[2] or match[1]) + 1)
    return numbers


def names_in(hostlist):
    """The names of a hostlist with at most one pair of brackets a name."""
    names = []
    for part in re.findall(r"(?:[^,\[]|\[[^\]]*\])+", hostlist):
        match = re.fullmatch(r"([^\[]*)\[([^\]]*)\](.*)", part)
        names += [f"{match[1]}{n}{match[3]}" for n in numbers_in(match[2], part)] if match else [part]
    return names


class Owner:
    """A bare pod of the plan's files, or what makes pods."""

    KINDS = ("StatefulSet", "Job", "Deployment", "ReplicaSet", "DaemonSet", "Pod")

    def __init__(self, manifest):
        self.kind = manifest["kind"]
        self.name = manifest["metadata"]["name"]
        spec = manifest["spec"]
        self.indexed = self.kind == "StatefulSet" or spec.get("completionMode") == "Indexed"
        pod = spec if self.kind == "Pod" else spec["template"]["spec"]
        self.restarts = pod.get("restartPolicy", "Always") != "Never"

    def pattern(self, index):
        """The regular expression for the names of its pods, or of those with one index."""
        name = re.escape(self.name).replace(r"\-", "-")
        number = "[0-9]+" if index is None else str(index)
        if self.kind == "Pod":
            return name
        if self.kind == "StatefulSet":
            return f"{name}-{number}"
        if self.kind == "Deployment":
            return f"{name}-[a-z0-9]+{SUFFIX}"
        return f"{name}-{number}{SUFFIX}" if self.indexed else f"{name}{SUFFIX}"


def owners_of(plan, folder):
    owners = {}
    for name, file in (plan.get("files") or {}).items():
        if isinstance(file, dict):
            if "path" in file:
                with open(os.path.join(folder, file["path"]), encoding="utf-8") as text:
                    file = text.read()
            else:
                file = file["content"]
        for manifest in yaml.safe_load_all(file):
            if manifest and manifest["kind"] in Owner.KINDS:
                owner = Owner(manifest)
                owners[(owner.kind, owner.name, owner.indexed)] = owner
    return list(owners.values())


def rules_for(owner, behaviour):
    """What `behaviour:` states for an owner: (index or None, attempt or None, properties), the weakest first."""
    rules = []

    def add(index, stated, where):
        if unknown := set(stated) - BEHAVIOUR_KEYS:
            raise PlanError(f"{where}: {', '.join(sorted(unknown))} unknown")
        rules.append((index, None, {key: value for key, value in stated.items() if key not in ("attempts", "indexes")}))
        for attempts, narrowed in (stated.get("attempts") or {}).items():
            rules.extend((index, attempt, narrowed) for attempt in numbers_in(attempts, where))

    for key, stated in behaviour.items():
        for name in names_in(key):
            if name == owner.name:
                add(None, stated, name)
                for indexes, narrowed in (stated.get("indexes") or {}).items():
                    for index in numbers_in(indexes, name):
                        add(index, narrowed, f"{name}.indexes.{indexes}")
            elif owner.indexed and (match := re.fullmatch(re.escape(owner.name) + r"-(\d+)", name)):
                add(int(match[1]), stated, name)
    return sorted(rules, key=lambda rule: (4 if rule[0] is not None else 0) + (2 if rule[1] is not None else 0))


def merged(rules, index, attempt):
    """The properties that hold for one attempt of one index, and whether its exit code is the attempt's own."""
    properties, own_exit = {}, False
    for rule_index, rule_attempt, stated in rules:
        if rule_index in (None, index) and rule_attempt in (None, attempt):
            properties.update(stated)
            if "exit" in stated:
                own_exit = rule_attempt is not None
    return properties, own_exit


def exit_codes(properties):
    codes = properties.get("exit", 0)
    return codes if isinstance(codes, list) else [codes]


def table_rule(owner, rules, index):
    """The table's entry for the pods of one index, or of all that have none of their own."""
    field = owner.name if index is None else f"{owner.name}-{index}"
    plain, _ = merged(rules, index, None)
    for needed in ("start", "stop"):
        if needed not in plain:
            raise PlanError(f"behaviour.{field}: {needed} must be stated")
    if fixed_duration(plain.get("init", "0s"), field) != "0ms":
        raise PlanError(f"behaviour.{field}: init containers take no time on the simulated kubelets")
    entry = {
        "name": owner.pattern(index),
        "start": fixed_duration(plain["start"], field),
        "ready": fixed_duration(plain.get("ready", "0s"), field),
        "stop": "forever" if plain.get("ignoresTermination") else fixed_duration(plain["stop"], field),
        "restart": RESTART,
        "attempts": [],
    }
    if plain.get("neverReady"):
        entry["neverReady"] = True
    stated_attempts = [attempt for rule_index, attempt, _ in rules if attempt is not None and rule_index in (None, index)]
    if stated_attempts and owner.restarts:
        raise PlanError(f"behaviour.{field}: attempts count pods, the kubelet table counts starts; "
                        "with containers that restart, write a list of exit codes")
    # One more than is stated: the table repeats its last entry, and that is what the plan says of all others.
    count = max([len(exit_codes(plain)), *stated_attempts]) + 1
    for attempt in range(1, count + 1):
        properties, own_exit = merged(rules, index, attempt)
        if any(properties.get(key) != plain.get(key) for key in set(properties) | set(plain) if key not in ("run", "exit")):
            raise PlanError(f"behaviour.{field}: attempts can differ in run and exit only")
        codes = exit_codes(properties)
        code = codes[0] if own_exit else codes[min(attempt - 1, len(codes) - 1)]
        if "run" in properties:
            entry["attempts"].append({"runs": fixed_duration(properties["run"], field), "exit": code})
        elif "exit" in properties:
            raise PlanError(f"behaviour.{field}: exit without run")
        else:
            entry["attempts"].append({})
    while len(entry["attempts"]) > 1 and entry["attempts"][-1] == entry["attempts"][-2]:
        entry["attempts"].pop()
    return entry


def kubelet_table(plan, folder):
    behaviour = plan.get("behaviour") or {}
    owners = owners_of(plan, folder)
    entries = []
    for owner in owners:
        rules = rules_for(owner, behaviour)
        for index in sorted({rule[0] for rule in rules} - {None}):
            entries.append(table_rule(owner, rules, index))
    for owner in owners:  # after those of single indexes: the first entry that matches a pod decides
        entries.append(table_rule(owner, rules_for(owner, behaviour), None))
    return {"nodes": NODES, "volumes": VOLUMES, "pods": entries}


class Plan:
    def __init__(self, path):
        self.path = path
        self.name = os.path.splitext(os.path.basename(path))[0]
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.header = Header(text)
        document = yaml.safe_load(text)
        if "cluster" in document:
            raise PlanError("cluster: the cluster of every plan is the same")
        self.faults = bool(document.get("faults"))
        self.table = kubelet_table(document, os.path.dirname(path))


# --- Recording ---------------------------------------------------------------------------------------------------

class Recorder:
    def __init__(self, options):
        self.options = options
        self.running = set()
        self.lock = threading.Lock()
        self.stopped = False

    def control_plane(self, version):
        return os.path.join(self.options.control_planes, version, "control-plane")

    def stop(self):
        """Ends the control planes that still run; each is its own process group."""
        with self.lock:
            self.stopped = True
            groups = list(self.running)
        for process in groups:
            end_group(process, signal.SIGTERM)

    def attempt(self, plan, version, work):
        """One attempt. Returns the exit code (124: out of time), what went wrong, the seconds that it took, and those
        of the slowest command that waits for nothing."""
        table = os.path.join(work, "table.json")
        with open(table, "w", encoding="utf-8") as file:
            json.dump(plan.table, file, indent=2)
        warm_up = os.path.join(work, "warm-up.yaml")
        with open(warm_up, "w", encoding="utf-8") as file:
            file.write(WARM_UP)
        recording = os.path.join(work, plan.name + ".jsonl.zst")
        command = [self.control_plane(version), "run", "--table", table]
        if gates := plan.header.gates_of(version):
            command += ["--feature-gates", gates]
        command += [f"--controller-manager-flag={flag}" for flag in plan.header.manager_flags]
        command += ["--exec", "--", "sh", "-c", 'kubectl apply --dry-run=server -f "$0" >/dev/null && exec "$@"', warm_up]
        command += [self.options.rehearse, "record", plan.path, "--yes", "--json", "-o", recording]
        # What the simulator knows decides about a replay, not about a recording.
        command += ["--unknown-commands"]
        command += [f"--flag=kube-controller-manager={flag}" for flag in plan.header.manager_flags]
        if plan.header.watch:
            command += ["--also-watch", plan.header.watch]
        if plan.faults:
            command += ["--strike-faults"]
        began = time.monotonic()
        with open(os.path.join(work, "output"), "w+b") as output, open(os.path.join(work, "errors"), "w+b") as errors:
            with self.lock:
                if self.stopped:
                    return 130, "", 0.0, 0.0
                process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, start_new_session=True)
                self.running.add(process)
            try:
                code = process.wait(timeout=plan.header.seconds)
            except subprocess.TimeoutExpired:
                code = 124
                end_group(process, signal.SIGTERM)
                try:
                    process.wait(timeout=15)
                except subprocess.TimeoutExpired:
                    end_group(process, signal.SIGKILL)
                    process.wait()
            finally:
                with self.lock:
                    self.running.discard(process)
            output.seek(0)
            errors.seek(0)
            return code, errors.read().decode("utf-8", "replace"), time.monotonic() - began, slowest_command(output.read())

    def record(self, plan, version):
        """Records one plan on one version, with one more try. Returns whether that succeeded."""
        folder = os.path.join(self.options.out, version)
        os.makedirs(folder, exist_ok=True)
        final = os.path.join(folder, plan.name + ".jsonl.zst")
        for number in range(1, ATTEMPTS + 1):
            with tempfile.TemporaryDirectory(prefix="record-") as work:
                code, output, seconds, slowest = self.attempt(plan, version, work)
                made = os.path.join(work, plan.name + ".jsonl.zst")
                size = os.path.getsize(made) if os.path.exists(made) else 0
                # 1: performed, and a check of the plan did not hold, as some plans want it.
                performed = code in (0, 1) and size > 0
                stalled = performed and slowest > STALL_SECONDS and number < ATTEMPTS
                if code == 0 and size == 0:
                    output += "\nno recording was written"
                if performed:
                    shutil.move(made, final)
            again = "" if number == 1 else f"  try {number}"
            line = (f"{plan.name:<50} {version:>5} {seconds:6.1f} s {size / 1024:8.1f} KiB  exit {code}"
                    f"  slowest {slowest:4.2f} s{again}")
            if not performed:
                line += "".join(f"\n    {last}" for last in output.strip().splitlines()[-8:])
            with self.lock:
                print(line, flush=True)
            if performed and not stalled or self.stopped:
                return performed, size
        return False, 0


def slowest_command(output):
    """Of what `rehearse record --json` printed: the seconds that the slowest command that waits for nothing took."""
    try:
        steps = json.loads(output)["steps"]
    except (ValueError, KeyError, TypeError):
        return 0.0
    commands = [command for step in steps for command in step["commands"]]
    return max(((command["finished_ns"] - command["started_ns"]) / 1e9 for command in commands
                if command.get("finished_ns") is not None and not any(word in WAITING for word in command["command"].split())),
               default=0.0)


def end_group(process, number):
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass


def check_tables(plans, control_plane):
    failed = 0
    with tempfile.TemporaryDirectory(prefix="record-") as work:
        for plan in plans:
            table = os.path.join(work, plan.name + ".json")
            with open(table, "w", encoding="utf-8") as file:
                json.dump(plan.table, file, indent=2)
            answer = subprocess.run([control_plane, "check-table", table], capture_output=True, text=True, check=False)
            if answer.returncode != 0:
                failed += 1
                print(f"{plan.name}: {answer.stderr.strip()}")
    print(f"{len(plans)} tables, {failed} refused")
    return failed


def read_plans(pattern):
    plans, failed = [], 0
    for path in sorted(glob.glob(pattern)):
        try:
            plans.append(Plan(path))
        except (PlanError, yaml.YAMLError, KeyError, TypeError) as error:
            failed += 1
            print(f"{path}: {error!s}", file=sys.stderr)
    return plans, failed


def parse_arguments():
    here = os.path.dirname(os.path.abspath(__file__))
    root = os.path.dirname(os.path.dirname(here))
    parser = argparse.ArgumentParser(description="Record the corpus on the real control plane.")
    parser.add_argument("--versions", default="1.28,1.32,1.35", help="comma-separated")
    parser.add_argument("--plans", default=os.path.join(here, "plans", "*.yaml"), help="a pattern of files")
    parser.add_argument("--out", default=os.path.join(root, "scenarios", "recordings"))
    parser.add_argument("--jobs", type=int, default=4, help="how many control planes at once")
    parser.add_argument("--rehearse", default="rehearse", help="the program that records")
    parser.add_argument("--control-planes", default=os.path.join(root, "build", "control-plane"),
                        help="the folder of VERSION/control-plane")
    parser.add_argument("--check", action="store_true", help="only convert the plans and check the tables")
    return parser.parse_args()


def main():
    options = parse_arguments()
    versions = options.versions.split(",")
    plans, unreadable = read_plans(options.plans)
    if not plans:
        print(f"no plan to record in {options.plans}", file=sys.stderr)
        return 2
    recorder = Recorder(options)
    for version in versions:
        if not os.access(recorder.control_plane(version), os.X_OK):
            print(f"there is no {recorder.control_plane(version)}: build it first", file=sys.stderr)
            return 2
    if options.check:
        return 1 if check_tables(plans, recorder.control_plane(versions[-1])) + unreadable else 0
    if shutil.which(options.rehearse) is None:
        print(f"there is no program {options.rehearse}: give it with --rehearse", file=sys.stderr)
        return 2

    tasks = [(plan, version) for plan in plans for version in versions if plan.header.wants(version)]
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        waiting = [pool.submit(recorder.record, plan, version) for plan, version in tasks]
        try:
            results = [future.result() for future in waiting]
        except KeyboardInterrupt:
            for future in waiting:
                future.cancel()
            recorder.stop()
            return 130
    failed = sum(not done for done, _ in results) + unreadable
    size = sum(bytes_made for _, bytes_made in results) / 1024 / 1024
    print(f"{len(results)} recordings of {len(plans)} plans, {failed} failed, {size:.2f} MiB, "
          f"{time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
