"""The emulated `openstack` against the real client (Debian's python3-openstackclient) on an API stand-in.

The same commands run in a rehearsal and, one after the other, through the real client, whose requests a small HTTP
server on loopback answers (stand_in.py). Output, errors and exit codes must be the same, ids, times and the password of
a new server aside. The real client is loaded once and forked for each command; where it sleeps, the clock of the
stand-in goes on by as much, so that `--wait` polls as often as in the rehearsal.

usage: openstack_client_test.py REHEARSE
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import stand_in

# A command that is wrong as it is written is refused when a plan is loaded; one that a variable makes wrong fails when
# it runs, as the real one does.
VARIABLES = {"NONE": "", "NOPE": "--nope", "XML": "xml"}
NAMES = ["node-1", "node-3", "node-2"]
COMMANDS = """
openstack --version
openstack server list
openstack server list -f json
openstack server list -f value
openstack server list -f yaml
openstack server list -f csv
openstack server list -c Name -c Status -f value
openstack server list -c Status -c Name
openstack server list --name node-2 -f value -c ID
openstack server list --status SHUTOFF
openstack server show node-1
openstack server show node-1 -f json
openstack server show node-1 -f value
openstack server show node-1 -f yaml
openstack server show node-1 -f shell
openstack server show node-1 -c status -f value
openstack server show node-1 -c status -c name
openstack server show nobody
openstack server shelve $NONE
openstack server shelve $NOPE node-1
openstack server list -f $XML
openstack server show $NONE
openstack server unshelve node-1
openstack server shelve node-1
openstack server show node-1 -f json
openstack server shelve node-1
openstack server unshelve node-1
openstack server stop node-1
openstack server start node-1
openstack server volume list node-2
openstack server volume list node-3
openstack server add volume node-3 node-2-volume-0
openstack server remove volume nobody node-2-volume-0
openstack server remove volume node-2 nothing
openstack server shelve node-2 nobody node-3
openstack server remove volume node-2 node-2-volume-0
openstack server list
openstack server shelve --wait node-3
openstack server show node-3
openstack image list
openstack image list -f json
openstack server list -f json
openstack server shelve --wait node-1 node-2 node-3
openstack server stop node-2
openstack server show node-2 -f json
openstack server remove volume node-2 node-2-volume-0
openstack --os-compute-api-version 2.20 server remove volume node-2 node-2-volume-0
openstack server remove volume node-3 node-2-volume-0
openstack --os-compute-api-version 2.20 server add volume node-2 node-2-volume-0 -f json
openstack --os-compute-api-version 2.20 server remove volume node-2 node-2-volume-0
openstack server unshelve node-1 node-2
openstack server show node-1 -f value -c status -c OS-EXT-STS:task_state
openstack server unshelve --wait node-1 node-2 node-3
openstack server list -f value
openstack server stop node-1
openstack server stop node-1
openstack server unshelve --wait node-3
openstack server show node-1 -f value
openstack server start node-1
openstack server lock node-1
openstack server shelve node-1
openstack server stop node-1
openstack server delete node-1
openstack server unlock node-1
openstack server show node-1 -f value -c status
openstack flavor list
openstack flavor list -f json
openstack server create --flavor m3.medium --image Ubuntu-22.04 node-4
openstack server show node-4 -f json
openstack server create --flavor m3.medium --image Ubuntu-22.04 --wait -f json node-5
openstack server create --flavor m3.nothing --image Ubuntu-22.04 node-6
openstack server list -c Name -c Status
openstack server delete node-4 node-5
openstack server list -c Name -c Status -f yaml
openstack server delete --wait node-3
openstack server list -c Name -f value
openstack server delete node-3
""".strip().splitlines()

SCENARIO = """apiVersion: rehearsal/v1
scenario: commands of the openstack client
date: "2026-01-01T00:00:00Z"
until: 10h
cluster:
  nodes: {{"node-[1-3]": {{cpu: 8, memory: 30Gi}}}}
  openstack:
    flavors: {{m3.medium: {{vcpus: 8, ramGB: 30, diskGB: 60}}}}
    hosts: {{"compute-[1-4]": {{vcpus: 32, ramGB: 120}}}}
    servers:
      "node-1,node-3": {{flavor: m3.medium}}
      node-2: {{flavor: m3.medium, volumes: 1}}
plan:
  - step: variables
    run: {variables}
{steps}"""

USAGE = 2
START_UP = 3.0  # openstack.client of the default profile: from the start of a process to its first request


def alike(text):
    """Ids, hashes, times, passwords and ports made alike, of the same width where a table shows them."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<" + "i" * 34 + ">", text)
    text = re.sub(r"\b[0-9a-f]{56}\b", "<" + "h" * 54 + ">", text)
    text = re.sub(r"\b[0-9a-f]{32}\b", "<" + "p" * 30 + ">", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "<" + "t" * 17 + ">", text)
    text = re.sub(r"(adminPass\W+(?:\| )?)[-0-9a-zA-Z]{12}", r"\1<password>", text)
    return re.sub(r"http://127\.0\.0\.1:\d+(/compute)?", "http://cloud", text)


def rehearse(program, folder):
    steps = "".join("  - step: '%d'\n    on_error: continue\n    run: %s\n" % (number, command)
                    for number, command in enumerate(COMMANDS))
    path = os.path.join(folder, "commands.yaml")
    with open(path, "w", encoding="utf-8") as file:
        variables = "; ".join("%s='%s'" % pair for pair in VARIABLES.items())
        file.write(SCENARIO.format(variables=json.dumps(variables), steps=steps))
    ran = subprocess.run([program, "run", path, "--json"], capture_output=True, text=True, check=False)
    if ran.returncode not in (0, 1):
        sys.exit("rehearse refuses the scenario:\n" + ran.stderr)
    return [step["commands"][0] for step in json.loads(ran.stdout)["steps"][1:]]


class RealClient:
    """The installed client, loaded; a fork performs a command."""

    def __init__(self, port, folder):
        self.port, self.folder = port, folder
        os.environ.update({
            "OS_AUTH_URL": "http://127.0.0.1:%d/v3" % port, "OS_USERNAME": "person", "OS_PASSWORD": "word",
            "OS_PROJECT_NAME": "project", "OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_DOMAIN_NAME": "Default",
            "OS_IDENTITY_API_VERSION": "3", "OS_REGION_NAME": "RegionOne", "COLUMNS": "200", "HOME": folder,
            "PYTHONWARNINGS": "ignore"})
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            os.environ.pop(name, None)
        os.environ["no_proxy"] = "127.0.0.1"
        sys.argv = ["openstack"]  # its name in messages
        try:
            from openstackclient import shell  # pylint: disable=import-outside-toplevel
        except ImportError:
            sys.exit("the real client is missing: apt-get install python3-openstackclient (./dev test does it)")
        # What a command would load when it is found.
        import openstackclient.compute.v2.server  # noqa: F401 pylint: disable=import-outside-toplevel,unused-import
        import openstackclient.image.v2.image  # noqa: F401 pylint: disable=import-outside-toplevel,unused-import
        self.shell = shell

    def tell_time(self, now):
        request = urllib.request.Request("http://127.0.0.1:%d/now" % self.port, str(now).encode(), method="POST")
        urllib.request.urlopen(request).close()

    def run(self, command, now):
        """Output, errors, exit code, and when it ended."""
        paths = [os.path.join(self.folder, name) for name in ("out", "err", "end")]
        self.tell_time(now)
        child = os.fork()
        if child == 0:
            self.perform(command, now, paths)
        _, status = os.waitpid(child, 0)
        texts = []
        for path in paths:
            with open(path, encoding="utf-8") as file:
                texts.append(file.read())
        return texts[0], texts[1], os.waitstatus_to_exitcode(status), float(texts[2])

    def perform(self, command, now, paths):
        clock = [now]

        def sleep(seconds):
            clock[0] += seconds
            self.tell_time(clock[0])

        time.sleep = sleep
        code = 70
        try:
            for descriptor, path in ((1, paths[0]), (2, paths[1])):
                target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(target, descriptor)
            try:
                code = self.shell.main(command.split()[1:])
            except SystemExit as ended:
                code = ended.code
            sys.stdout.flush()
            sys.stderr.flush()
            with open(paths[2], "w", encoding="utf-8") as file:
                file.write(str(clock[0]))
        finally:
            os._exit(code if isinstance(code, int) else 1)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        emulated = rehearse(sys.argv[1], folder)
        flavor = {"name": "m3.medium", "vcpus": 8, "ram": 30 * 1024, "disk": 60}
        cloud = stand_in.Cloud(NAMES, flavor, "Ubuntu-22.04")
        cloud.give("node-2-volume-0", "node-2")
        server = stand_in.serve(cloud)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        client = RealClient(server.server_address[1], folder)
        for command, told in zip(COMMANDS, emulated):
            begun = told["started_ns"] / 1e9
            typed = re.sub(r"\$(\w+)", lambda found: VARIABLES[found[1]], command)
            output, errors, code, ended = client.run(typed, begun + START_UP)
            told_end = told["finished_ns"] / 1e9
            pairs = [("standard output", output, told["output"]), ("standard error", errors, told["errors"]),
                     ("exit code", code, told["exit_code"]),
                     ("seconds", round(ended - begun), round(told_end - begun))]
            if code == USAGE:
                pairs.pop()  # a rehearsal says at once that a command is wrong
            for what, real, rehearsed in pairs:
                if isinstance(real, str):
                    real, rehearsed = alike(real), alike(rehearsed)
                if real != rehearsed:
                    failures += 1
                    print("%s\n%s of the real client:\n%s\nof the rehearsal:\n%s\n" % (command, what, real, rehearsed))
        server.shutdown()
    print("%d commands, %d differences from the real client" % (len(COMMANDS), failures))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
