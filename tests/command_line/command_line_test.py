"""The program `rehearse` as a user starts it. Usage: command_line_test.py PROGRAM"""

import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

PROGRAM = ""
ROOT = pathlib.Path(__file__).resolve().parents[2]
DOWNSIZE = "scenarios/library/flux/downsize.yaml"
# No input may make the program take more than this. The sanitizers reserve address space, so that only the
# resident size can be held.
MEMORY_MAX = 3 << 30


def rehearse(*arguments, **environment):
    """Runs the program in the root of the repository."""
    return subprocess.run([PROGRAM, *map(str, arguments)], cwd=ROOT, capture_output=True, timeout=300,
                          env={**os.environ, **environment}, check=False)


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path


class Usage(unittest.TestCase):
    def test_help_names_every_subcommand_and_the_exit_codes(self):
        result = rehearse("--help")
        self.assertEqual(result.returncode, 0)
        for word in (b"run", b"explore", b"test", b"explain", b"2 bad input"):
            self.assertIn(word, result.stdout)

    def test_version_is_printed(self):
        result = rehearse("--version")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stdout, rb"^rehearse \d+\.\d+\.\d+\n$")

    def test_wrong_command_lines_exit_with_2(self):
        for arguments in ([], ["frobnicate"], ["run"], ["run", DOWNSIZE, "--sede", "1"], ["run", DOWNSIZE, "--seed", "x"],
                          ["explore", DOWNSIZE, "--faults", "99"], ["explain", "no-such-check"], ["test", "no/such/folder"]):
            with self.subTest(arguments=arguments):
                result = rehearse(*arguments)
                self.assertEqual(result.returncode, 2, result)
                self.assertTrue(result.stderr or result.stdout)

    def test_explain_lists_the_checks_and_tells_of_each(self):
        listing = rehearse("explain")
        self.assertEqual(listing.returncode, 0)
        names = [line.split()[0].decode() for line in listing.stdout.splitlines() if line.startswith(b"  ")]
        self.assertIn("declared-size-is-actual-size", names)
        for name in names:
            with self.subTest(check=name):
                result = rehearse("explain", name)
                self.assertEqual(result.returncode, 0)
                self.assertIn(b"Source: ", result.stdout)

    def test_an_unknown_check_suggests_the_nearest(self):
        self.assertIn(b"did you mean one-at-a-time?", rehearse("explain", "one-at-time").stderr)


class Run(Folder):
    def test_a_violated_check_exits_with_1_and_the_suite_takes_it_as_expected(self):
        self.assertEqual(rehearse("run", DOWNSIZE).returncode, 1)
        self.assertEqual(rehearse("test", DOWNSIZE).returncode, 0)

    def test_the_same_scenario_and_seed_give_the_same_bytes(self):
        first = rehearse("run", DOWNSIZE, "--json", "--seed", "5")
        second = rehearse("run", DOWNSIZE, "--json", "--seed", "5")
        other = rehearse("run", DOWNSIZE, "--json", "--seed", "6")
        self.assertEqual(first.stdout, second.stdout)
        self.assertNotEqual(first.stdout, other.stdout)

    def test_the_suite_gives_the_same_bytes_on_one_thread_and_on_two(self):
        one = rehearse("test", "scenarios/library", "--json", "--jobs", "1")
        two = rehearse("test", "scenarios/library", "--json", "--jobs", "2")
        self.assertEqual(one.stdout, two.stdout)
        self.assertEqual(one.returncode, two.returncode)

    def test_saved_choices_repeat_a_run_with_another_seed(self):
        saved = self.folder / "run.json"
        first = rehearse("run", DOWNSIZE, "--seed", "9", "--save", saved, "--json")
        again = rehearse("run", DOWNSIZE, "--seed", "10", "--choices", saved, "--json")
        before, after = json.loads(first.stdout), json.loads(again.stdout)
        self.assertEqual(json.loads(saved.read_text()), before)
        self.assertEqual(before["transitions"], after["transitions"])
        self.assertEqual(before["steps"], after["steps"])
        self.assertEqual(after["warnings"], before["warnings"])

    def test_set_changes_a_value_and_a_wrong_path_is_refused(self):
        result = rehearse("run", DOWNSIZE, "--set", "cluster.miniclusters.flux-sample.cores=4", "--json")
        tables = [step["commands"][0]["output"] for step in json.loads(result.stdout)["steps"] if step["name"] == "what Flux sees"]
        self.assertIn("free      4       16        0 flux-sample-[0-3]", tables[0])
        wrong = rehearse("run", DOWNSIZE, "--set", "cluster.miniclusters.flux-sample.maxsize=12")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn(b"maxSize", wrong.stderr)

    def test_the_report_has_no_colour_in_a_pipe_and_fits_in_80_columns(self):
        text = rehearse("run", DOWNSIZE).stdout.decode()
        self.assertNotIn("\x1b", text)
        for line in text.splitlines():
            if "$ " not in line:  # a command stays as it was typed
                self.assertLessEqual(len(line), 80, line)

    def test_junit_is_xml_that_counts(self):
        path = self.folder / "results.xml"
        rehearse("test", "scenarios/library/flux", "--junit", path)
        suite = xml.etree.ElementTree.parse(path).getroot().find("testsuite")
        self.assertEqual(suite.get("failures"), "0")
        self.assertGreater(int(suite.get("tests")), 0)


PLAN = """apiVersion: rehearsal/v1
scenario: a plan apart from its cluster
plan:
  - step: shrink
    run: kubectl scale statefulset web --replicas=1
    then: {running: web-0, within: 10m}
"""

MANIFESTS = """apiVersion: v1
kind: Node
metadata: {name: worker-0}
status: {allocatable: {cpu: "4", memory: 8Gi, pods: "110"}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  replicas: 3
  serviceName: web
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      readinessGates: [{conditionType: example.com/loaded}]
      containers: [{name: web, image: nginx}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, uid: 1-2-3}
"""


def snapshot(pods):
    """What `kubectl get nodes,pods,statefulsets -A -o json` prints of a set with so many pods."""
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}
    items = [{"apiVersion": "v1", "kind": "Node", "metadata": {"name": f"n{i}", "uid": f"node-{i}"},
              "status": {"allocatable": {"cpu": "64", "memory": "256Gi", "pods": "110"},
                         "conditions": [{"type": "Ready", "status": "True"}]}} for i in range(pods // 100 + 1)]
    items.append({"apiVersion": "apps/v1", "kind": "StatefulSet",
                  "metadata": {"name": "web", "namespace": "default", "uid": "set-1", "generation": 1},
                  "spec": {"replicas": pods, "serviceName": "web", "podManagementPolicy": "Parallel",
                           "selector": {"matchLabels": {"app": "web"}}, "template": template},
                  "status": {"replicas": pods, "readyReplicas": pods, "availableReplicas": pods,
                             "currentReplicas": pods, "updatedReplicas": pods, "observedGeneration": 1,
                             "currentRevision": "web-7d4f", "updateRevision": "web-7d4f"}})
    for i in range(pods):
        items.append({"apiVersion": "v1", "kind": "Pod",
                      "metadata": {"name": f"web-{i}", "namespace": "default", "uid": f"pod-{i}",
                                   "creationTimestamp": "2024-05-01T10:00:00Z",
                                   "labels": {"app": "web", "controller-revision-hash": "web-7d4f",
                                              "statefulset.kubernetes.io/pod-name": f"web-{i}",
                                              "apps.kubernetes.io/pod-index": str(i)},
                                   "ownerReferences": [{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web",
                                                        "uid": "set-1", "controller": True}]},
                      "spec": {"nodeName": f"n{i // 100}", "containers": [{"name": "web", "image": "nginx"}]},
                      "status": {"phase": "Running", "startTime": "2024-05-01T10:00:01Z",
                                 "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2024-05-01T10:00:05Z"}],
                                 "containerStatuses": [{"name": "web", "ready": True, "restartCount": 0,
                                                        "state": {"running": {"startedAt": "2024-05-01T10:00:04Z"}}}]}})
    return {"apiVersion": "v1", "kind": "List", "items": items}


class RealInput(Folder):
    def test_a_plan_runs_on_manifests_and_what_is_not_modelled_is_told(self):
        plan, manifests = self.write("plan.yaml", PLAN), self.write("manifests.yaml", MANIFESTS)
        result = rehearse("run", plan, "--cluster", manifests)
        self.assertEqual(result.returncode, 0, result.stdout.decode() + result.stderr.decode())
        told = result.stdout.decode() + result.stderr.decode()
        self.assertIn("readinessGates", told)
        self.assertIn("ConfigMap", told)

    def test_a_plan_runs_on_a_snapshot_of_5000_pods_and_they_stay_where_they_are(self):
        plan = self.write("plan.yaml", PLAN.replace("replicas=1", "replicas=4990").replace(
            "then: {running: web-0, within: 10m}", 'then: {absent: "web-[4990-4999]", within: 10m}') +
            "  - {step: look, run: kubectl get pod web-0 -o wide}\n")
        cluster = self.write("cluster.json", json.dumps(snapshot(5000)))
        result = rehearse("run", plan, "--cluster", cluster, "--json")
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        record = json.loads(result.stdout)
        self.assertEqual([step["outcome"] for step in record["steps"]], ["succeeded", "succeeded"])
        self.assertRegex(record["steps"][1]["commands"][0]["output"], r"web-0 +1/1 +Running +0 .* n0 ")
        self.assertEqual(sum(t["change"].startswith("bound to") for t in record["transitions"]), 0)


class BadInput(Folder):
    def refused(self, path, *more, mentions=b""):
        result = rehearse("run", path, *more)
        self.assertEqual(result.returncode, 2, result)
        self.assertIn(b"error", result.stderr)
        self.assertIn(mentions, result.stderr)
        self.assertLess(len(result.stderr), 200_000)
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024, MEMORY_MAX)

    def test_scenarios(self):
        good = (ROOT / DOWNSIZE).read_bytes()
        bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [{','.join('*' + chr(97 + i) for _ in range(9))}]\n" for i in range(12))
        cases = {
            "missing": None,
            "empty": b"",
            "binary": bytes(range(256)) * 40,
            "invalid_utf8": good.replace(b"drain rank 2", b"drain \xff\xfe"),
            "truncated": good[: len(good) // 2],
            "bomb": bomb,
            "deep": b"[" * 100_000,
            "long_line": b"apiVersion: " + b"x" * 20_000_000,
            "duplicate_key": good.replace(b"plan:", b"source: again\nplan:", 1),
            "unknown_key": good.replace(b"checks:", b"cheks:", 1),
            "unitless": good.replace(b"after: 2m", b"after: 90", 1),
            "unknown_flag": good.replace(b"--type=merge", b"--typ=merge", 1),
            "unknown_command": good.replace(b"kubectl get pods", b"kubectl frob pods", 1),
            "impossible_size": good.replace(b"size: 4,", b"size: -4,", 1),
            "huge_size": good.replace(b"size: 4, maxSize: 10", b"size: 99999999999, maxSize: 99999999999", 1),
            "duplicate_step": good.replace(b"step: it is down", b"step: drain rank 2", 1),
            "cycle": good.replace(b"- step: four pods run", b"- step: four pods run\n    needs: five nodes are free", 1),
        }
        for name, content in cases.items():
            with self.subTest(name):
                path = self.folder / f"{name}.yaml" if content is None else self.write(f"{name}.yaml", content)
                self.refused(path, mentions=name.encode() + b".yaml")

    def test_cluster_files(self):
        plan = self.write("plan.yaml", PLAN)
        wrong_schema = self.write("rows.json", '{"rows": [' + ",".join(['{"a": [1, 2, {"b": "c"}]}'] * 4_000_000) + "]}")
        self.assertGreater(wrong_schema.stat().st_size, 100_000_000)
        self.refused(plan, "--cluster", wrong_schema, mentions=b"rows.json")
        for name, content in {"cut.json": json.dumps(snapshot(10))[:-40], "binary.json": b"{\x00\x01",
                              "empty.yaml": "", "kind.yaml": "apiVersion: v1\nkind: 3\n",
                              "bad_set.yaml": MANIFESTS.replace("replicas: 3", "replicas: -1")}.items():
            with self.subTest(name):
                self.refused(plan, "--cluster", self.write(name, content))

    def test_choices(self):
        for name, content in {"not.json": "x", "foreign.json": '{"kind": "List"}', "future.json": '{"kind": "rehearsal/result", "schema": [9, 0]}'}.items():
            with self.subTest(name):
                result = rehearse("run", DOWNSIZE, "--choices", self.write(name, content))
                self.assertEqual(result.returncode, 2)
                self.assertIn(b"error", result.stderr)


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
