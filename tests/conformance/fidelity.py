"""How much of what the reference control plane did the simulation reproduces.

    fidelity.py REHEARSE RESULT     replays every recording, writes RESULT, compares FIDELITY.md with what came out

With REHEARSAL_ACCEPT=1 in the environment FIDELITY.md is rewritten instead.
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RECORDINGS = ROOT / "scenarios" / "recordings"
REPORT = HERE / "FIDELITY.md"
CAUSES = json.loads((HERE / "causes.json").read_text(encoding="utf-8"))
COUNTS = ("matched", "missing", "extra", "out_of_order")


# What `rehearse replay` says of a recording whose plan the simulator does not know in every word.
NOT_LOADED = "its plan cannot be loaded on its cluster"


def replay(rehearse):
    """The results of all recordings of control planes, by version and name, and of those that cannot be simulated yet."""
    paths = sorted(path.relative_to(ROOT).as_posix() for path in RECORDINGS.glob("1.*/*.jsonl.zst"))
    if not paths:
        sys.exit("no recording under scenarios/recordings")
    done = subprocess.run([rehearse, "replay", "--json", *paths], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 2) or not done.stdout:
        sys.exit(f"rehearse replay exited with {done.returncode}:\n{done.stderr}")
    every = json.loads(done.stdout)
    results = [result for result in every if "problem" not in result]
    waiting = [result for result in every if "problem" in result]
    if broken := [result["problem"] for result in waiting if NOT_LOADED not in result["problem"]]:
        sys.exit("\n".join(broken))
    if not results:
        sys.exit("no recording can be replayed")
    otherwise = [result["recording"] for result in results if result["processes_not_started"]]
    if otherwise:
        sys.exit(f"the live adapter decides otherwise than it did when it recorded: {', '.join(otherwise)}")
    return results, waiting


def lacks(result):
    """What the simulator does not know of a plan: its first error."""
    for line in result["problem"].splitlines():
        if match := re.match(r"plan:\d+:\d+: error: (.*)", line):
            return match[1]
    return result["problem"].splitlines()[-1]


def render_waiting(waiting):
    """The recordings that count for nothing yet."""
    if not waiting:
        return []
    lines = ["", "## Not yet replayed: the simulator does not know all of their plans", "",
             f"{len(waiting)} recordings, by what it stumbles over first.", ""]
    plans = defaultdict(list)
    for result in waiting:
        path = Path(result["recording"])
        plans[path.name.split(".")[0]].append((path.parent.name, lacks(result)))
    for name, found in sorted(plans.items()):
        lines.append(f"- {name} ({', '.join(version for version, _ in sorted(found))}): {found[0][1]}")
    return lines


def replay_clouds(rehearse):
    """The results of all recordings of OpenStack and its client."""
    paths = sorted(path.relative_to(ROOT).as_posix() for path in RECORDINGS.glob("openstack/*.jsonl.zst"))
    done = subprocess.run([rehearse, "replay", "--json", *paths], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"rehearse replay exited with {done.returncode}:\n{done.stderr}")
    return json.loads(done.stdout)


def cloud_row(clouds):
    """How much of the recorded clouds is reproduced: states of servers, commands, requests."""
    row = {"recordings": len(clouds)}
    for part in ("states", "commands", "requests"):
        row[part] = {name: sum(cloud["openstack"][part][name] for cloud in clouds) for name in ("all", "matched")}
    return row


def render_clouds(clouds):
    row = cloud_row(clouds)
    counts = ", ".join(f"{row[part]['matched']} of {row[part]['all']} {part}" for part in ("states", "commands", "requests"))
    lines = ["", "## OpenStack", "", f"{counts}, in {row['recordings']} recordings of Nova and its client.", ""]
    for cloud in clouds:
        lines += [f"- {Path(cloud['recording']).name.split('.')[0]}: {one['where']}: {one['reason'] or one['what']}"
                  for one in cloud["differences"]]
    return "\n".join(lines) + "\n"


def share(counts):
    every = counts["matched"] + counts["missing"] + counts["extra"]
    return 1.0 if every == 0 else (counts["matched"] - counts["out_of_order"]) / every


def percent(counts):
    return f"{100 * share(counts):.2f} %"


def tally(results):
    """Counts in all, and by controller and version."""
    every = Counter()
    cells = defaultdict(Counter)
    for result in results:
        minor = ".".join(result["version"].split(".")[:2])
        for controller, counts in result["by_controller"].items():
            for name in COUNTS:
                every[name] += counts[name]
                cells[controller, minor][name] += counts[name]
    return every, cells


def cause_of(result):
    """Why a recording and its simulation differ, as far as somebody has found out."""
    name = Path(result["recording"]).name.split(".")[0]
    for known in CAUSES:
        if re.fullmatch(known["plans"], name) and re.fullmatch(known["versions"], result["version"]):
            return known["cause"]
    return "not explained yet"


def transitions(counts):
    return counts["matched"] + counts["missing"] + counts["extra"]


def render_outputs(results):
    """What commands printed, without ages, addresses and random names."""
    every = sum(result["outputs_compared"] for result in results)
    wrong = [(result["recording"], one) for result in results for one in result["output_differences"]]
    lines = ["", f"Of those that end alike, commands with the recorded output: {every - len(wrong)} of {every}.", ""]
    return lines + [f"- {path}: `{one['command']}`: recorded `{one['recorded']}`, simulated `{one['simulated']}`"
                    for path, one in wrong]


def render_durations(results):
    """How many steps lasted as the simulation predicts by chance alone, where it is not told when things happened."""
    durations = [one for result in results for one in result["durations"]]
    inside = sum(one["inside"] for one in durations)
    return ["", f"Steps that took as long as nine of ten simulations predict, which know of the machine only how long its kubectl takes: "
                f"{inside} of {len(durations)}.", ""]


def render(results, waiting):
    every, cells = tally(results)
    versions = sorted({version for _, version in cells}, key=lambda v: [int(part) for part in v.split(".")])
    controllers = sorted({controller for controller, _ in cells})
    lines = [
        "# How true the models are",
        "",
        "Made by `tests/conformance/fidelity.py` (the test `fidelity`; `./dev accept` rewrites it) from the recordings",
        "under `scenarios/recordings`. Counted is what controllers and the scheduler wrote: for each object the longest",
        "common sequence of its changes is matched; what only the recording shows is missing, what only the simulation",
        "does is extra; of two matched changes of which one causes the other, the order must be the same.",
        "`unknown` wrote what a recording cannot ascribe to anybody: deletions, above all.",
        "",
        "The figure says whether a recording is a behaviour of the models for some timing within bounds. Taken from",
        "the recording is *when*, never *what*: when users, kubelets and the provisioner of volumes acted; when a",
        "request that a controller makes took effect, if the recording shows such a write on that object within",
        "250 ms (else 2 ms after it was sent); what chance decides upstream: which of equally ranked pods went, which of",
        "equally good nodes a pod got, in which order a map was gone through; when the controller of nodes looked at a",
        "silent one; how much of its own pods the informer had shown a DaemonSet's sync; and when a sync started, at most",
        "100 ms after its key was queued and before the controller's next recorded write about the object: of the",
        "starts after each recorded change in that time the first is taken after which the sync writes what the",
        "recording shows, else one with informers that are up to 100 ms behind and writes that, else one with nothing",
        "to write, else the one with the fewest other writes. In the same way: when the scheduler tries the next pod.",
        "A delayed key may come into its queue up to 250 ms sooner where its controller wrote then. A command waits up",
        "to 250 ms for what controllers had written before it. What a sync writes is the model's alone; a model made",
        "wrong on purpose loses (`tests/unit/targets/comparison_test.cpp`).",
        "",
        f"**{percent(every)} of {transitions(every)} transitions, in {len(results)} recordings.**",
        "",
        "| who | " + " | ".join(versions) + " | in all |",
        "| --- |" + " --- |" * (len(versions) + 1),
    ]
    for controller in controllers:
        total = sum((cells[controller, version] for version in versions), Counter())
        row = [f"{percent(cells[controller, version])} of {transitions(cells[controller, version])}"
               if transitions(cells[controller, version]) else "-" for version in versions]
        lines.append(f"| {controller} | " + " | ".join(row) + f" | {percent(total)} of {transitions(total)} |")
    commands = sum(result["commands_compared"] for result in results)
    wrong = [(result["recording"], one) for result in results for one in result["command_differences"]]
    lines += ["", f"Commands with the recorded exit code: {commands - len(wrong)} of {commands}.", ""]
    lines += [f"- {path}: `{one['command']}`: {' '.join(one['difference'].split())}" for path, one in wrong]
    lines += render_outputs(results) + render_durations(results)
    lines += ["", "## What differs", ""]
    by_cause = defaultdict(list)
    for result in sorted(results, key=lambda r: r["recording"]):
        if result["differences"]:
            by_cause[cause_of(result)].append(result)
    for cause, found in sorted(by_cause.items(), key=lambda item: (-len(item[1]), item[0])):
        lines += ["", f"### {cause[0].upper()}{cause[1:]}", ""]
        for result in found:
            first = result["differences"][0]
            counts = Counter({name: result["all"][name] for name in COUNTS})
            path = Path(result["recording"])
            lines.append(f"- {path.parent.name} {path.name.split('.')[0]}: {percent(counts)} of {transitions(counts)}; "
                         f"first {first['kind']}: {first['subject']}: {first['change']} ({first['controller']})")
    return "\n".join(lines + render_waiting(waiting)) + "\n"


def main():
    rehearse, result_path = sys.argv[1], Path(sys.argv[2])
    results, waiting = replay(rehearse)
    clouds = replay_clouds(rehearse)
    every, cells = tally(results)
    by_controller = defaultdict(Counter)
    for (controller, _), counts in cells.items():
        by_controller[controller] += counts
    result_path.write_text(json.dumps({
        "recordings": len(results),
        "not_replayed": [result["recording"] for result in waiting],
        "versions": sorted({result["version"] for result in results}),
        "transitions": transitions(every),
        "matched_share": share(every),
        "by_controller": {name: {**{key: counts[key] for key in COUNTS}, "share": share(counts)}
                          for name, counts in sorted(by_controller.items())},
        "openstack": cloud_row(clouds),
        "differences": [{"recording": result["recording"], **one} for result in results
                        for one in result["differences"]],
    }, indent=1) + "\n", encoding="utf-8")
    print(f"fidelity: {percent(every)} of {transitions(every)} transitions in {len(results)} recordings")
    if waiting:
        print(f"fidelity: {len(waiting)} recordings more cannot be simulated yet; FIDELITY.md lists them")
    report = render(results, waiting) + render_clouds(clouds)
    if os.environ.get("REHEARSAL_ACCEPT") == "1":
        REPORT.write_text(report, encoding="utf-8")
        return
    if not REPORT.exists() or REPORT.read_text(encoding="utf-8") != report:
        sys.exit("tests/conformance/FIDELITY.md is not what came out; ./dev accept shows the difference and rewrites it")


if __name__ == "__main__":
    main()
