"""`rehearse record`, `snapshot` and `replay` with programs of sh in the place of kubectl.

Usage: live_test.py PROGRAM
"""

import ctypes
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = ""
ROOT = pathlib.Path(__file__).resolve().parents[2]

# `cluster` beside it holds what the API server would answer. It notes its process and its arguments.
KUBECTL = """#!/bin/sh
here=${0%/*}
echo $$ >>"$here/pids"
printf '%s\\n' "$*" >>"$here/calls"
#MORE
case "$*" in
  'version -o json') cat "$here/version" ;;
  'config current-context') echo test ;;
  'get --raw /metrics') ;;
  'get --raw /apis/flux-framework.org/v1alpha2') [ -f "$here/flux" ] && cat "$here/flux" || exit 1 ;;
  'get --raw /apis/iomesh.com') [ -f "$here/iomesh" ] && cat "$here/iomesh" || exit 1 ;;
  'get --raw /apis/iomesh.com/v1alpha1') cat "$here/iomesh_kinds" ;;
  *,*'-o json') cat "$here/list" ;;
  'get nodes -A --watch'*) cat "$here/nodes"; exec sleep 1000 ;;
  'get miniclusters.flux-framework.org -A --watch'*) cat "$here/miniclusters"; sleep 1; cat "$here/later"; exec sleep 1000 ;;
  'get pods -A --watch'*) [ -f "$here/pods" ] && cat "$here/pods"; exec sleep 1000 ;;
  *' --watch '*) exec sleep 1000 ;;
  *) echo done ;;
esac
"""

PLAN = """apiVersion: rehearsal/v1
scenario: a plan for a real cluster
plan:
  - step: wait
    run: kubectl get pods
"""

NODE = {"apiVersion": "v1", "kind": "Node",
        "metadata": {"name": "n0", "uid": "node-0", "resourceVersion": "1", "creationTimestamp": "2026-01-01T00:00:00Z"},
        "status": {"allocatable": {"cpu": "8", "memory": "16Gi", "pods": "110"},
                   "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}


def storage_cluster():
    """Five nodes, IOMesh of 4 chunks and 3 meta servers in the namespace storage, as the API server has them."""
    items = []

    def thing(version, kind, name, **more):
        made = {"apiVersion": version, "kind": kind,
                "metadata": {"name": name, "uid": f"{kind}-{name}", "resourceVersion": str(len(items) + 2),
                             "creationTimestamp": "2026-01-01T00:00:00Z"}, **more}
        if kind != "Node":
            made["metadata"]["namespace"] = "storage"
        items.append(made)
        return made

    for i in range(4):
        thing("v1", "Node", f"store-{i}", status=NODE["status"])
    for role, replicas in (("chunk", 4), ("meta", 3)):
        name = f"iomesh-{role}"
        spec = {"containers": [{"name": name, "image": "i"}]}
        owner = thing("apps/v1", "StatefulSet", name, spec={
            "replicas": replicas, "serviceName": name, "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": spec}},
            status={"replicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas,
                    "currentRevision": "r", "updateRevision": "r"})
        for i in range(replicas):
            pod = thing("v1", "Pod", f"{name}-{i}", spec={**spec, "nodeName": f"store-{i}"},
                        status={"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}],
                                "containerStatuses": [{"name": name, "ready": True, "started": True, "restartCount": 0,
                                                       "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]})
            pod["metadata"]["labels"] = {"app": name, "controller-revision-hash": "r"}
            pod["metadata"]["ownerReferences"] = [{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": name,
                                                   "uid": owner["metadata"]["uid"], "controller": True}]
            if pod["metadata"]["name"] == "iomesh-meta-0":
                pod["metadata"]["labels"]["iomesh.com/meta-leader"] = ""
    space = {"totalDataCapacity": "4TiB", "usedDataSpace": "100GiB", "provisionedDataSpace": "100GiB"}
    thing("iomesh.com/v1alpha1", "IOMesh", "iomesh",
          spec={"chunk": {"replicaCount": 4}, "meta": {"replicaCount": 3}},
          status={"license": {"edition": "ENTERPRISE", "maxChunkNum": 20}, "summary": {"chunkSummary": {"chunks": [
              {"id": 4 + i, "ip": f"10.9.0.{20 + i}", "spaceInfo": space,
               "status": "CHUNK_STATUS_CONNECTED_HEALTHY"} for i in range(4)]}}})
    return items


# What is watched: every kind that the mirror holds.
KINDS = 10


class Buffer(ctypes.Structure):
    """ZSTD_inBuffer and ZSTD_outBuffer."""
    _fields_ = [("bytes", ctypes.c_void_p), ("size", ctypes.c_size_t), ("position", ctypes.c_size_t)]


def decompressed(data):
    """All frames of a zstd file, as far as they go."""
    library = ctypes.CDLL("libzstd.so.1")
    library.ZSTD_createDStream.restype = ctypes.c_void_p
    library.ZSTD_decompressStream.restype = ctypes.c_size_t
    library.ZSTD_decompressStream.argtypes = [ctypes.c_void_p, ctypes.POINTER(Buffer), ctypes.POINTER(Buffer)]
    stream = library.ZSTD_createDStream()
    given = ctypes.create_string_buffer(data, len(data))
    source = Buffer(ctypes.addressof(given), len(data), 0)
    room = ctypes.create_string_buffer(1 << 20)
    text = b""
    while True:
        target = Buffer(ctypes.addressof(room), len(room), 0)
        answer = library.ZSTD_decompressStream(stream, target, source)
        if library.ZSTD_isError(ctypes.c_size_t(answer)):
            raise ValueError("this is no zstd")
        text += room.raw[:target.position]
        if source.position == source.size and target.position < target.size:
            return text


def versions(client, server):
    return json.dumps({"clientVersion": {"gitVersion": client}, "serverVersion": {"gitVersion": server}})


def event(kind, thing):
    return json.dumps({"type": kind, "object": thing}, indent=4) + "\n"


def alive(process):
    """Whether a process runs; one that nobody has reaped yet does not."""
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def signals_as_usual():
    """In the new process: what nohup or a shell's & ignore is not inherited."""
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        self.recording = self.folder / "run.jsonl"
        self.plan = self.write("plan.yaml", PLAN)

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def kubectl(self, more="", version=versions("v1.32.2", "v1.32.2")):
        path = self.bin / "kubectl"
        path.write_text(KUBECTL.replace("#MORE", more))
        path.chmod(0o755)
        (self.bin / "version").write_text(version)
        (self.bin / "list").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [NODE]}))
        (self.bin / "nodes").write_text(event("ADDED", NODE))

    def environment(self, **more):
        environment = {**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}", **more}
        if "KUBECONFIG" not in more:
            environment.pop("KUBECONFIG", None)
        return environment

    def rehearse(self, *arguments, **environment):
        return subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.folder, capture_output=True, timeout=300,
                              stdin=subprocess.DEVNULL, env=self.environment(**environment), check=False)

    def start(self, *arguments):
        process = subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=self.folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=self.environment(),
                                   preexec_fn=signals_as_usual)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        return process

    def wait_until(self, what):
        """Waits for what other processes do; the time limit of the test is the other outcome."""
        while not what():
            time.sleep(0.01)

    def calls(self):
        path = self.bin / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def processes(self):
        return [int(line) for line in (self.bin / "pids").read_text().split()]

    def lines(self):
        return [json.loads(line) for line in self.recording.read_text().splitlines()]

    def refused(self, result, *mentions):
        self.assertEqual(result.returncode, 2, result)
        for words in mentions:
            self.assertIn(words.encode(), result.stderr)


class Ends(Folder):
    """However a recording ends: it can be read, and no program stays behind."""

    def begin(self, *arguments, more=""):
        self.kubectl(more=more)
        process = self.start("record", *arguments, "-o", self.recording, "--yes")
        # The watches run, and the recording has what one of them printed.
        self.wait_until(lambda: sum(" --watch " in call for call in self.calls()) == KINDS
                        and self.recording.exists() and '"output"' in self.recording.read_text())
        return process

    def nothing_is_left(self):
        self.wait_until(lambda: not any(alive(process) for process in self.processes()))

    def check_recording(self):
        lines = self.lines()
        self.assertEqual(list(lines[-1]), ["end"])
        self.assertEqual(lines[-1]["end"]["lines"], len(lines) - 1)
        return lines

    def test_ctrl_c_ends_watch_only(self):
        process = self.begin("--watch-only")
        process.send_signal(signal.SIGINT)
        told, errors = process.communicate()
        self.assertEqual(process.returncode, 0, errors)
        self.assertIn(b"ended by Ctrl-C", errors)
        self.assertNotIn(b"before its time", told)
        self.assertNotIn(b"repeat:", told)
        self.assertIn({"interrupted": "Ctrl-C"}, [line.get("note") for line in self.check_recording()])
        self.nothing_is_left()

    def test_a_signal_in_the_middle_of_a_plan(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)):
            with self.subTest(number):
                for path in (self.recording, self.bin / "calls"):
                    path.unlink(missing_ok=True)
                process = self.begin(self.plan, more='case "$*" in "get pods") exec sleep 1000;; esac')
                self.wait_until(lambda: "get pods" in self.calls())
                process.send_signal(number)
                process.communicate()
                self.assertEqual(process.returncode, code)
                self.check_recording()
                self.nothing_is_left()
                replay = self.rehearse("replay", self.recording)
                self.assertEqual(replay.returncode, 0, replay.stderr)
                self.assertIn(b"the recording ends here", replay.stdout)

    def test_programs_die_with_a_recorder_that_is_killed(self):
        process = self.begin("--watch-only")
        process.kill()
        process.communicate()
        self.nothing_is_left()

    def test_a_second_signal_ends_at_once(self):
        process = self.begin("--watch-only", more='trap "" TERM; case "$*" in *" --watch "*) while :; do sleep 1; done;; esac')
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        process.communicate()
        self.assertIn(process.returncode, (0, -signal.SIGINT))
        self.wait_until(lambda: not any(alive(one) for one in self.processes()))

    def test_watch_only_for_a_time(self):
        self.kubectl()
        result = self.rehearse("record", "--watch-only", "--for", "1s", "-o", self.recording)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.check_recording()
        self.refused(self.rehearse("replay", self.recording), "holds no plan")

    def test_a_plan_that_comes_to_its_end(self):
        self.kubectl()
        result = self.rehearse("record", self.plan, "--yes", "-o", self.recording)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.check_recording()
        self.nothing_is_left()
        replay = self.rehearse("replay", self.recording)
        self.assertEqual(replay.returncode, 0, replay.stderr)
        self.assertNotIn(b"the recording ends here", replay.stdout)


class Snapshots(Folder):
    def test_the_command_that_a_snapshot_prints_runs_a_plan_on_it(self):
        pod = {"apiVersion": "v1", "kind": "Pod",
               "metadata": {"name": "web-0", "namespace": "default", "uid": "web-0", "resourceVersion": "2"},
               "spec": {"nodeName": "n0", "containers": [{"name": "c", "image": "i"}]},
               "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}
        self.kubectl()
        (self.bin / "list").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [NODE, pod]}))
        taken = self.rehearse("snapshot", "-o", "taken")
        self.assertEqual(taken.returncode, 0, taken.stderr)
        command = taken.stdout.decode().splitlines()[-1].split(": ")[1].split()
        self.assertEqual(command[:2], ["rehearse", "run"])
        plan = self.write("look.yaml", PLAN + '    then: {running: web-0}\n')
        run = self.rehearse("run", plan, *command[3:])
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn(b"Kubernetes 1.32.2 rules", run.stdout)


    def test_the_storage_of_iomesh_is_saved_where_the_cluster_serves_it(self):
        self.kubectl()
        versions_served = {"kind": "APIGroup", "name": "iomesh.com",
                           "versions": [{"groupVersion": "iomesh.com/v1alpha1", "version": "v1alpha1"}]}
        kinds = {"kind": "APIResourceList", "resources": [
            {"name": "iomeshes/status", "kind": "IOMesh"}, {"name": "iomeshes", "kind": "IOMesh"}]}
        (self.bin / "iomesh").write_text(json.dumps(versions_served))
        (self.bin / "iomesh_kinds").write_text(json.dumps(kinds))
        (self.bin / "list").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": storage_cluster()}))
        taken = self.rehearse("snapshot", "-o", "taken")
        self.assertEqual(taken.returncode, 0, taken.stderr)
        self.assertIn(b"taken/IOMesh.json: 1 objects", taken.stdout)
        self.assertTrue(any(call.split(" ")[1].endswith(",iomeshes.iomesh.com") for call in self.calls()), self.calls())
        plan = self.write("away.yaml", """apiVersion: rehearsal/v1
scenario: the last chunk leaves
plan:
  - step: which chunk
    run: kubectl get iomesh iomesh -n storage -o jsonpath='{.status.summary.chunkSummary.chunks[*].id}'
  - step: unregister
    run: kubectl exec iomesh-meta-0 -n storage -c iomesh-meta -- /opt/iomesh/iomeshctl chunk unregister 7
checks: [no-data-lost, unregister-finishes, chunk-order-and-id]
""")
        run = self.rehearse("run", plan, "--cluster", "taken")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertIn(b"4 5 6 7", run.stdout)
        self.assertIn(b"chunk 7 (iomesh-chunk-3): drained -> gone", run.stdout)

    def openstack(self, script):
        path = self.bin / "openstack"
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(0o755)

    def test_the_servers_of_a_named_cloud_are_saved(self):
        self.kubectl()
        self.openstack("""echo '[{"ID": "1", "Name": "n0", "Status": "ACTIVE", "Flavor": "m3"}]'""")
        taken = self.rehearse("snapshot", "-o", "taken", OS_CLOUD="lab")
        self.assertEqual(taken.returncode, 0, taken.stderr)
        self.assertIn(b"taken/servers.json: 1 servers", taken.stdout)
        plan = self.write("shelve.yaml", """apiVersion: rehearsal/v1
scenario: the node goes to the shelf
plan:
  - step: drain
    run: kubectl drain n0 --ignore-daemonsets
  - step: shelve
    run: openstack server shelve n0
    then: {servers: {SHELVED_OFFLOADED: n0}, within: 10m}
checks: [no-shelve-before-drained]
""")
        run = self.rehearse("run", plan, "--cluster", "taken")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertIn(b"openstack flavour m3: 8 processors, 16 GiB", run.stdout)

    def test_without_a_named_cloud_no_openstack_is_started(self):
        self.kubectl()
        self.openstack('echo started >>"${0%/*}/openstack_calls"; exit 1')
        taken = self.rehearse("snapshot", "-o", "taken", OS_CLOUD="", OS_AUTH_URL="")
        self.assertEqual(taken.returncode, 0, taken.stderr)
        self.assertFalse((self.bin / "openstack_calls").exists())
        taken = self.rehearse("snapshot", "-o", "again", OS_AUTH_URL="https://cloud")
        self.assertEqual(taken.returncode, 0, taken.stderr)
        self.assertIn(b"warning: the servers of the cloud are left out: openstack server list", taken.stderr)
        self.assertFalse((self.folder / "again" / "servers.json").exists())


class Asked(Folder):
    def test_nothing_is_performed_when_nobody_can_be_asked(self):
        self.kubectl()
        self.refused(self.rehearse("record", self.plan, "-o", self.recording), "--yes agrees beforehand")
        self.assertNotIn("get pods", self.calls())
        self.assertFalse(self.recording.exists())

    def test_a_recording_replaces_nothing_and_is_tried_before_anything_is_asked(self):
        self.kubectl()
        self.write("run.jsonl", "mine")
        self.refused(self.rehearse("record", self.plan, "--yes", "-o", self.recording), "run.jsonl: exists already")
        self.assertEqual(self.recording.read_text(), "mine")
        self.refused(self.rehearse("record", self.plan, "--yes", "-o", self.folder / "no/where.jsonl"), "there is no folder")
        self.assertEqual(self.calls(), [])


class Kubectl(Folder):
    def both(self, *mentions, **environment):
        self.refused(self.rehearse("record", self.plan, "--yes", "-o", self.recording, **environment), *mentions)
        self.refused(self.rehearse("snapshot", "-o", self.folder / "snapshot", **environment), *mentions)
        self.assertFalse(self.recording.exists())
        self.assertFalse((self.folder / "snapshot").exists())

    def test_absent(self):
        self.both("kubectl: not found in any folder of PATH; install kubectl", PATH=str(self.bin))

    def test_not_to_be_executed(self):
        self.write("bin/kubectl", "")
        self.both("may not be executed", PATH=str(self.bin))

    def test_too_old(self):
        self.kubectl(version=versions("v1.20.4", "v1.20.4"))
        self.both("this kubectl is v1.20.4; 1.21 or later is needed")

    def test_older_than_the_cluster_by_more_than_it_supports(self):
        self.kubectl(version=versions("v1.28.3", "v1.32.2"))
        self.both("this kubectl is v1.28.3 and the cluster v1.32.2", "install kubectl 1.32.2")

    def test_without_a_cluster(self):
        self.kubectl(more="echo 'The connection to the server localhost:8080 was refused' >&2; exit 1")
        self.both("kubectl version -o json exited with 1: The connection to the server localhost:8080 was refused")

    def test_kubeconfig_missing(self):
        self.kubectl()
        self.both("KUBECONFIG names /no/such/config, which does not exist", KUBECONFIG="/no/such/config")

    def test_rubbish_for_a_version_and_for_a_list(self):
        self.kubectl(version="<html>proxy</html>")
        self.both("kubectl version names no client")
        self.kubectl()
        (self.bin / "list").write_text("<html>proxy</html>")
        self.both("kubectl did not print a list of objects")


class Recordings(Folder):
    def test_what_is_no_recording(self):
        header = '{"recording":{"schema":[1,0],"plan":"x"}}\n'
        for name, content, words in (
                ("missing.jsonl", None, "cannot be read"),
                ("empty.jsonl", "", "is empty, not a recording"),
                ("foreign.jsonl", '{"kind":"List"}\n', "is not a recording"),
                ("future.jsonl", '{"recording":{"schema":[9,0]}}\n', "has schema 9.0, and this program reads 1.x only"),
                ("cut.jsonl", header[:20], "ends inside its header"),
                ("corrupt.jsonl", header + '{"t":5,"process":1,"output":"x"}\n', "corrupt.jsonl:2: process 1 was never started"),
                ("binary.jsonl.zst", b"\x28\xb5\x2f\xfd\x00\x01\x02\xff\xff\xff\xff", "corrupt"),
                ("torn.jsonl", header, "no snapshot in it")):
            with self.subTest(name):
                path = self.folder / name if content is None else self.write(name, content)
                self.refused(self.rehearse("replay", path), name, words)


class Contexts(Folder):
    """Programs inside pods: started by kubectl exec, without a shell, and nothing else is."""

    PLAN = PLAN.replace("plan:", "contexts: {flux: kubectl exec flux-0 -c 'flux main' -- /opt/flux}\nplan:").replace(
        "kubectl get pods", "flux resource list")

    def test_a_program_inside_of_a_pod_is_started_by_its_context(self):
        self.kubectl()
        self.plan.write_text(self.PLAN)
        result = self.rehearse("record", self.plan, "--yes", "-o", self.recording)
        self.assertEqual(result.returncode, 0, result.stderr)
        starts = [line["start"]["arguments"] for line in self.lines() if "start" in line]
        self.assertIn(["kubectl", "exec", "flux-0", "-c", "flux main", "--", "/opt/flux", "resource", "list"], starts)

    def test_without_a_context_it_is_refused(self):
        self.kubectl()
        self.plan.write_text(PLAN.replace("kubectl get pods", "flux resource list"))
        self.refused(self.rehearse("record", self.plan, "--yes", "-o", self.recording),
                     "plan.yaml:5:10: error: plan[0].run: on a real cluster flux runs inside a pod, and no context says in which",
                     "contexts: {flux: kubectl exec POD -c CONTAINER -- flux}")
        self.assertFalse(self.recording.exists())

    def test_other_programs_are_never_started(self):
        self.kubectl()
        self.plan.write_text(PLAN.replace("kubectl get pods", "iomeshctl get cluster; rm -rf /"))
        self.refused(self.rehearse("record", self.plan, "--yes", "--unknown-commands", "-o", self.recording), "rm")
        self.assertFalse(self.recording.exists())

    def test_wrong_contexts(self):
        for wrong, words in (
                ("{flux: kubectl get pods}", "plan.yaml:3:18: error: contexts.flux: a context reaches a program inside of a pod"),
                ("{flux: kubectl exec -- flux}", "plan.yaml:3:18: error: contexts.flux: a context names the pod"),
                ("{flux: ssh host flux}", "plan.yaml:3:18: error: contexts.flux: a context starts kubectl, not ssh"),
                ("{flux: 'kubectl exec a -- flux | tee x'}", "plan.yaml:3:"),
                ("{flux: 'kubectl exec ${pod} -- flux'}", "a context has no variables"),
                ("{kubectl: kubectl exec a -- kubectl}", "plan.yaml:3:12: error: contexts.kubectl: no context serves kubectl"),
                ("{flux: kubectl exec a -- flux, iomeshctl: kubectl exec b -- iomeshctl}", "no command of the plan runs iomeshctl"),
                ("{/bin/flux: kubectl exec a -- flux}", "no context serves /bin/flux"),
                ("{flux: [kubectl]}", "plan.yaml:3:")):
            with self.subTest(wrong):
                self.plan.write_text(self.PLAN.replace("{flux: kubectl exec flux-0 -c 'flux main' -- /opt/flux}", wrong))
                (self.folder / "cluster.json").write_text(json.dumps(NODE))
                self.refused(self.rehearse("run", self.plan.name, "--cluster", "cluster.json"), words)


class MiniClusters(Folder):
    """Watched where the cluster has their definition."""

    @staticmethod
    def minicluster(wanted, version, **status):
        return {"apiVersion": "flux-framework.org/v1alpha2", "kind": "MiniCluster",
                "metadata": {"name": "flux-sample", "namespace": "default", "uid": "mini-0", "resourceVersion": str(version),
                             "generation": version, "creationTimestamp": "2026-01-01T00:00:00Z",
                             "managedFields": [{"manager": "kubectl-patch", "operation": "Update",
                                                "time": f"2026-01-01T00:00:{version:02}Z", "fieldsV1": {"f:spec": {"f:size": {}}}}]},
                "spec": {"size": wanted, "maxSize": 10, "containers": [{"image": "ghcr.io/flux-framework/flux:0.58", "runFlux": True}]},
                "status": status}

    def serve(self):
        (self.bin / "flux").write_text(json.dumps({"kind": "APIResourceList", "resources": [{"name": "miniclusters"},
                                                                                           {"name": "miniclusters/scale"}]}))

    def test_what_the_watch_shows_becomes_transitions(self):
        self.kubectl()
        self.serve()
        before = self.minicluster(4, 3)
        (self.bin / "list").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [NODE, before]}))
        (self.bin / "miniclusters").write_text(event("ADDED", before))
        (self.bin / "later").write_text(event("MODIFIED", self.minicluster(3, 5)) +
                                        event("MODIFIED", self.minicluster(3, 6, size=3, maximumSize=10)))
        result = self.rehearse("record", self.plan, "--yes", "--json", "-o", self.recording)
        self.assertEqual(result.returncode, 0, result.stderr)
        for words in (b"spec.size 4 -> 3", b"status.size 0 -> 3"):
            self.assertIn(words, result.stdout)
        self.assertIn("miniclusters.flux-framework.org", self.lines()[0]["recording"]["cluster"]["kinds"])
        replay = self.rehearse("replay", self.recording)
        self.assertEqual(replay.returncode, 0, replay.stderr)

    def test_a_cluster_without_their_definition(self):
        self.kubectl()
        result = self.rehearse("record", self.plan, "--yes", "--json", "-o", self.recording)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual([call for call in self.calls() if "get miniclusters" in call], [])
        self.assertEqual(len(self.lines()[0]["recording"]["cluster"]["kinds"]), KINDS)

    def test_they_are_in_a_snapshot(self):
        self.kubectl()
        self.serve()
        (self.bin / "list").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [NODE, self.minicluster(4, 3)]}))
        result = self.rehearse("snapshot", "-o", self.folder / "snapshot")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertTrue((self.folder / "snapshot" / "MiniCluster.json").exists())


class Watches(Folder):
    """Watches that hang, end or print rubbish, while a plan is performed and while nothing is."""

    def record(self, more, *arguments):
        self.kubectl(more=more)
        result = self.rehearse("record", *arguments, "-o", self.recording)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result

    def both(self, more, *mentions):
        for arguments in ((self.plan, "--yes"), ("--watch-only", "--for", "3s")):
            with self.subTest(arguments):
                self.recording.unlink(missing_ok=True)
                result = self.record(more, *arguments)
                for words in mentions:
                    self.assertIn(words.encode(), result.stdout)

    def test_a_watch_that_ends(self):
        self.both("case \"$*\" in 'get jobs -A --watch'*) exit 0;; esac", "the watch of jobs ended; it is started again")

    def test_a_watch_that_fails(self):
        self.both("case \"$*\" in 'get jobs -A --watch'*) echo 'error: connection refused' >&2; exit 1;; esac",
                  "the watch of jobs says: error: connection refused", "the watch of jobs ended")

    def test_a_watch_that_prints_rubbish(self):
        self.both("case \"$*\" in 'get jobs -A --watch'*) echo 'Warning: jobs are deprecated'; exec sleep 1000;; esac",
                  "the watch of jobs printed 25 bytes that are no JSON")

    def test_a_watch_that_expires(self):
        gone = json.dumps({"type": "ERROR", "object": {"kind": "Status", "message": "too old resource version", "code": 410}})
        self.both(f"case \"$*\" in 'get jobs -A --watch'*) echo '{gone}'; exec sleep 1000;; esac",
                  "the watch of jobs failed: too old resource version", "it is started again")

    def test_a_watch_that_hangs_from_the_start(self):
        result = self.record("case \"$*\" in 'get nodes -A --watch'*) [ -f \"$here/hung\" ] || { touch \"$here/hung\"; exec sleep 1000; };; esac",
                             self.plan, "--yes")
        self.assertIn(b"the watch of nodes shows nothing of what there is; it is started again", result.stdout)


class Secrets(Folder):
    SECRETS = {name: f"hidden-{name}-9f3b7c1d5e" for name in
               ("data", "token", "environment", "argument", "password", "errors", "annotation", "output")}

    def test_none_is_in_any_file_or_on_the_terminal(self):
        hidden = self.SECRETS
        pod = {"apiVersion": "v1", "kind": "Pod",
               "metadata": {"name": "p0", "namespace": "default", "uid": "pod-0", "resourceVersion": "9",
                            "creationTimestamp": "2026-01-01T01:00:00Z",
                            "annotations": {"note": f"Authorization: Bearer {hidden['annotation']}"}},
               "spec": {"containers": [{"name": "c", "image": "i", "args": ["--token", hidden["token"]],
                                        "env": [{"name": "A", "value": hidden["environment"]}]}]}}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "uid": "s", "resourceVersion": "9"},
                  "data": {"a": hidden["data"]}}
        more = (f"echo 'password: {hidden['errors']}' >&2\n"
                f"case \"$*\" in exec*) echo 'db_password={hidden['output']}'; exit 0;; esac")
        self.kubectl(more=more)
        (self.bin / "pods").write_text(event("ADDED", pod) + event("ADDED", secret))
        (self.bin / "list").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [NODE, pod, secret]}))
        self.plan.write_text(Contexts.PLAN.replace(
            "kubectl exec", f"kubectl exec --token={hidden['argument']} --password {hidden['password']}"))
        out = self.folder / "out"
        out.mkdir()
        written = [self.rehearse("snapshot", "-o", out / "snapshot")]
        for name in ("run.jsonl", "run.jsonl.zst"):
            written.append(self.rehearse("record", self.plan, "--yes", "-o", out / name))
            written.append(self.rehearse("replay", out / name, "--json"))
        for result in written:
            self.assertIn(result.returncode, (0, 1), result.stderr)
        texts = [result.stdout + result.stderr for result in written]
        for path in out.rglob("*"):
            if path.is_file():
                texts.append(decompressed(path.read_bytes()) if path.suffix == ".zst" else path.read_bytes())
        self.assertGreater(len(texts), 7)
        self.assertIn(b'"recording"', decompressed((out / "run.jsonl.zst").read_bytes()))
        for name, secret_text in hidden.items():
            for text in texts:
                self.assertNotIn(secret_text.encode(), text, name)
        self.assertIn("**redacted**", (out / "run.jsonl").read_text())
        self.assertIn(b"**redacted**", decompressed((out / "run.jsonl.zst").read_bytes()))


class ControlPlane(Folder):
    """What ./dev control-plane says on a machine without Go."""

    def dev(self, go):
        tools = self.folder / "tools"
        tools.mkdir(exist_ok=True)
        for name in ("bash", "sed", "sort", "tail", "head", "mkdir", "dirname", "nproc", "env", "cat"):
            if shutil.which(name) and not (tools / name).exists():
                (tools / name).symlink_to(shutil.which(name))
        (tools / "go").unlink(missing_ok=True)
        if go:
            (tools / "go").write_text(f"#!/bin/sh\necho 'go version {go} linux/amd64'\n")
            (tools / "go").chmod(0o755)
        return subprocess.run([ROOT / "dev", "control-plane", "--version", "1.35"], cwd=ROOT, capture_output=True, timeout=60,
                              env={"PATH": str(tools), "HOME": str(self.folder), "GOROOT": str(self.folder / "none")}, check=False)

    def test_go_absent(self):
        self.refused(self.dev(None), "or later is needed to build Kubernetes 1.35, and there is no go in PATH")

    def test_go_too_old(self):
        self.refused(self.dev("go1.19.8"), "or later is needed to build Kubernetes 1.35; this is Go 1.19")


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
