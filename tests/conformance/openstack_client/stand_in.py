"""A stand-in for Keystone, Nova and Glance on a loopback port: as much of them as python-openstackclient calls for
`server shelve|unshelve|show|list|stop|start|delete|create|lock|unlock`, `image list` and `flavor list` at compute
microversion 2.1.

Nothing here simulates a cloud. How a server moves on after a request stands in SEQUENCES, what a request may find in
ALLOWED; time is what the test says it is (`Cloud.now`). Paths, bodies and headers are those that the debug output of
recording 12-raw-debug shows, and of nova/api/openstack/compute/views/servers.py.
"""

import json
import re
import uuid
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

EPOCH = datetime(2026, 1, 1, tzinfo=timezone.utc)
PROJECT = uuid.uuid5(uuid.NAMESPACE_DNS, "project").hex
USER = uuid.uuid5(uuid.NAMESPACE_DNS, "user").hex
NAMESPACE = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")

# Seconds after a request, and what the server then is: vm_state, task_state, power_state. The seconds are those of the
# default timing profile.
SEQUENCES = {
    "shelve": [(0, "active", "shelving", 1), (15, "active", "shelving_image_uploading", 1),
               (143, "shelved", "shelving_offloading", 4), (153, "shelved_offloaded", None, 4)],
    "unshelve": [(0, "shelved_offloaded", "unshelving", 4), (4, "shelved_offloaded", "spawning", 4),
                 (165, "active", None, 1)],
    "os-stop": [(0, "active", "powering-off", 1), (15, "stopped", None, 4)],
    "os-start": [(0, "stopped", "powering-on", 4), (5, "active", None, 1)],
    "create": [(0, "building", "scheduling", 0), (4, "building", "spawning", 0), (19, "active", None, 1)],
    "delete": [(0, None, "deleting", None), (10, "deleted", None, 0)],
}
# The vm_states in which a request is allowed; others answer 409.
ALLOWED = {
    "shelve": ("active", "stopped", "paused", "suspended"),
    "unshelve": ("shelved", "shelved_offloaded"),
    "os-stop": ("active", "error"),
    "os-start": ("stopped",),
}
NAMES = {"os-stop": "stop", "os-start": "start"}
STATUS = {"building": "BUILD", "active": "ACTIVE", "stopped": "SHUTOFF", "shelved": "SHELVED",
          "shelved_offloaded": "SHELVED_OFFLOADED", "error": "ERROR", "deleted": "DELETED"}


def stamp(seconds):
    return (EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Server:
    def __init__(self, name, image, created, sequence):
        self.name, self.image, self.created = name, image, created
        self.volumes = []
        self.id = str(uuid.uuid5(NAMESPACE, name))
        self.locked = False
        self.begun, self.sequence, self.before = created, sequence, "active"

    def request(self, now, kind):
        self.before = self.at(now)[0]
        self.begun, self.sequence = now, SEQUENCES[kind]

    def at(self, now):
        state = self.sequence[0][1:]
        for seconds, *following in self.sequence:
            if now >= self.begun + seconds:
                state = following
        vm_state, task_state, power_state = state
        return (vm_state or self.before, task_state, 1 if power_state is None else power_state)


class Cloud:
    """All that the stand-in knows; `now` is set by the test."""

    def __init__(self, names, flavor, image):
        self.now = 0.0
        self.flavor = {"id": str(uuid.uuid5(NAMESPACE, flavor["name"])), "swap": "", "rxtx_factor": 1.0,
                       "OS-FLV-DISABLED:disabled": False, "OS-FLV-EXT-DATA:ephemeral": 0,
                       "os-flavor-access:is_public": True, "links": [], **flavor}
        self.images = [{"id": str(uuid.uuid5(NAMESPACE, image)), "name": image, "status": "active"}]
        self.volumes = []
        settled = [(0, "active", None, 1)]
        self.servers = [Server(name, self.images[0], 0.0, settled) for name in names]

    def give(self, name, server):
        """A volume, attached to a server."""
        self.volumes.append({"id": str(uuid.uuid5(NAMESPACE, name)), "name": name, "attachments": []})
        next(it for it in self.servers if it.name == server).volumes.append(self.volumes[-1])

    def volume_status(self, volume):
        holder = next((server for server in self.live() if volume in server.volumes), None)
        if holder is None:
            return "available"
        return "reserved" if holder.at(self.now)[0] == "shelved_offloaded" else "in-use"

    def live(self):
        return [server for server in self.servers if server.at(self.now)[0] != "deleted"]

    def find(self, identity):
        return next((server for server in self.live() if server.id == identity), None)

    def shown_images(self):
        images = list(self.images)
        for server in self.live():
            vm_state, task_state, _ = server.at(self.now)
            if vm_state in ("shelved", "shelved_offloaded") or (task_state or "").startswith("shelving"):
                ready = vm_state in ("shelved", "shelved_offloaded")
                images.append({"id": str(uuid.uuid5(NAMESPACE, server.name + "-shelved")),
                               "name": server.name + "-shelved", "status": "active" if ready else "queued"})
        return images

    def shown_image(self, server):
        vm_state, task_state, _ = server.at(self.now)
        if vm_state == "shelved_offloaded" and task_state == "spawning":
            return {"id": str(uuid.uuid5(NAMESPACE, server.name + "-shelved"))}
        return server.image

    def view(self, server):
        vm_state, task_state, power_state = server.at(self.now)
        placed = vm_state != "shelved_offloaded" and not (vm_state == "building" and task_state == "scheduling")
        zoned = placed or task_state == "spawning"
        shown = {
            "id": server.id, "name": server.name, "status": STATUS[vm_state], "tenant_id": PROJECT, "user_id": USER,
            "metadata": {}, "hostId": uuid.uuid5(NAMESPACE, "host").hex + "0" * 24 if zoned else "",
            "image": {"id": self.shown_image(server)["id"], "links": []},
            "flavor": {"id": self.flavor["id"], "links": []}, "created": stamp(server.created),
            "updated": stamp(server.begun), "addresses": {}, "accessIPv4": "", "accessIPv6": "", "links": [],
            "OS-DCF:diskConfig": "MANUAL", "OS-EXT-AZ:availability_zone": "nova" if zoned else "",
            "config_drive": "", "key_name": None,
            "OS-SRV-USG:launched_at": None if vm_state == "building" else "2026-01-01T00:00:00.000000",
            "OS-SRV-USG:terminated_at": None, "OS-EXT-STS:task_state": task_state, "OS-EXT-STS:vm_state": vm_state,
            "OS-EXT-STS:power_state": power_state, "os-extended-volumes:volumes_attached": [{"id": volume["id"]} for volume in server.volumes],
        }
        if vm_state in ("active", "building"):
            shown["progress"] = 0
        return shown


def fault(key, code, message):
    return code, {key: {"code": code, "message": message}}


class Api:
    """Answers requests: (status, body or None)."""

    def __init__(self, cloud, base, minor):
        self.cloud, self.base, self.minor = cloud, base, minor

    def answer(self, method, path, query, body):
        for pattern, handler in ((r"/v3/auth/tokens", self.token), (r"/v3/?", self.keystone),
                                 (r"/compute/v2\.1/?", self.nova), (r"/compute/v2\.1/servers(/detail)?", self.servers),
                                 (r"/compute/v2\.1/servers/([^/]+)", self.server),
                                 (r"/compute/v2\.1/servers/([^/]+)/action", self.action),
                                 (r"/compute/v2\.1/servers/([^/]+)/os-volume_attachments(?:/([^/]+))?",
                                  self.attachments),
                                 (r"/volume(?:/v3)?/?", self.cinder), (r"/volume/v3/[^/]+/volumes(?:/detail)?", self.volumes),
                                 (r"/volume/v3/[^/]+/volumes/[^/]+", self.no_volume),
                                 (r"/compute/v2\.1/flavors(?:/detail)?", self.flavors),
                                 (r"/compute/v2\.1/flavors/([^/]+)", self.flavor),
                                 (r"/compute/v2\.1/flavors/[^/]+/os-extra_specs", self.extra_specs),
                                 (r"/image/?", self.glance), (r"/image/v2/images", self.images),
                                 (r"/image/v2/images/([^/]+)", self.image)):
            found = re.fullmatch(pattern, path)
            if found:
                return handler(method, query, body, *found.groups())
        return 404, {"error": {"code": 404, "message": "there is no %s %s here" % (method, path)}}

    # Keystone

    def keystone(self, *_):
        return 200, {"version": {"id": "v3.14", "status": "stable", "updated": "2020-04-07T00:00:00Z",
                                 "links": [{"rel": "self", "href": self.base + "/v3/"}], "media-types": []}}

    def token(self, *_):
        def service(kind, name, path):
            return {"type": kind, "name": name, "id": uuid.uuid5(NAMESPACE, name).hex, "endpoints": [
                {"id": uuid.uuid5(NAMESPACE, interface + name).hex, "interface": interface, "region": "RegionOne",
                 "region_id": "RegionOne", "url": self.base + path} for interface in ("public", "internal", "admin")]}
        domain = {"id": "default", "name": "Default"}
        return 201, {"token": {
            "methods": ["password"], "user": {"id": USER, "name": "person", "domain": domain},
            "project": {"id": PROJECT, "name": "project", "domain": domain}, "roles": [{"id": "1", "name": "member"}],
            "issued_at": "2026-01-01T00:00:00.000000Z", "expires_at": "2099-01-01T00:00:00.000000Z", "is_domain": False,
            "catalog": [service("identity", "keystone", "/v3"), service("compute", "nova", "/compute/v2.1"),
                        service("image", "glance", "/image"),
                        service("volumev3", "cinder", "/volume/v3/" + PROJECT)]}}

    # Nova

    def nova(self, *_):
        return 200, {"version": {"id": "v2.1", "status": "CURRENT", "version": "2.93", "min_version": "2.1",
                                 "updated": "2013-07-23T11:33:21Z", "links": [], "media-types": []}}

    def servers(self, method, query, body, details):
        if method == "POST":
            return self.create(body["server"])
        name, status = query.get("name", [""])[0], query.get("status", [""])[0]
        found = [self.cloud.view(server) for server in reversed(self.cloud.live())
                 if re.search(name, server.name) and status in ("", STATUS[server.at(self.cloud.now)[0]])]
        if query.get("marker"):
            found = []
        if not details:
            found = [{"id": server["id"], "name": server["name"], "links": []} for server in found]
        return 200, {"servers": found}

    def create(self, wish):
        image = next(image for image in self.cloud.images if image["id"] == wish["imageRef"])
        server = Server(wish["name"], image, self.cloud.now, SEQUENCES["create"])
        self.cloud.servers.append(server)
        return 202, {"server": {"id": server.id, "links": [], "OS-DCF:diskConfig": "MANUAL",
                                "security_groups": [{"name": "default"}], "adminPass": "abcdefghijkl"}}

    def server(self, method, _query, _body, identity):
        server = self.cloud.find(identity)
        if server is None:
            return fault("itemNotFound", 404, "Instance %s could not be found." % identity)
        if method == "DELETE":
            if server.locked:
                return fault("conflictingRequest", 409, "Instance %s is locked" % server.id)
            server.request(self.cloud.now, "delete")
            return 204, None
        return 200, {"server": self.cloud.view(server)}

    def action(self, _method, _query, body, identity):
        server = self.cloud.find(identity)
        if server is None:
            return fault("itemNotFound", 404, "Instance %s could not be found." % identity)
        kind = next(iter(body))
        if kind in ("lock", "unlock"):
            server.locked = kind == "lock"
            return 202, None
        if server.locked:
            return fault("conflictingRequest", 409, "Instance %s is locked" % server.id)
        vm_state, task_state, _ = server.at(self.cloud.now)
        if vm_state == "shelved_offloaded" and task_state != "spawning" and kind in NAMES:  # it has no host
            return fault("conflictingRequest", 409, "Instance %s is not ready" % server.id)
        refusal = "Cannot '%s' instance %s while it is in %s %s"
        if vm_state not in ALLOWED[kind]:
            return fault("conflictingRequest", 409,
                         refusal % (NAMES.get(kind, kind), server.id, "vm_state", vm_state))
        if task_state is not None:
            return fault("conflictingRequest", 409,
                         refusal % (NAMES.get(kind, kind), server.id, "task_state", task_state))
        server.request(self.cloud.now, kind)
        return 202, None

    def flavors(self, _method, query, _body):
        return 200, {"flavors": [] if query.get("marker") else [self.cloud.flavor]}

    def flavor(self, _method, _query, _body, identity):
        if identity not in (self.cloud.flavor["id"],):
            return fault("itemNotFound", 404, "Flavor %s could not be found." % identity)
        return 200, {"flavor": self.cloud.flavor}

    def extra_specs(self, *_):
        return 200, {"extra_specs": {}}

    def attachments(self, method, _query, body, identity, volume_id):
        server = self.cloud.find(identity)
        if method == "GET":
            return 200, {"volumeAttachments": [
                {"id": volume["id"], "volumeId": volume["id"], "serverId": server.id, "device": "/dev/vdb"}
                for volume in server.volumes]}
        verb = "attach_volume" if method == "POST" else "detach_volume"
        vm_state, task_state, _ = server.at(self.cloud.now)
        refusal = "Cannot '%s' instance %s while it is in %s %s"
        if vm_state in ("shelved", "shelved_offloaded") and self.minor < 20:
            return fault("conflictingRequest", 409, refusal % (verb, server.id, "vm_state", vm_state))
        volume = next(it for it in self.cloud.volumes
                      if it["id"] == (volume_id or body["volumeAttachment"]["volumeId"]))
        if method == "DELETE" and volume not in server.volumes:
            return fault("itemNotFound", 404,
                         "Instance %s is not attached to volume %s" % (server.id, volume["id"]))
        if task_state is not None:
            return fault("conflictingRequest", 409, refusal % (verb, server.id, "task_state", task_state))
        if method == "DELETE":
            server.volumes.remove(volume)
            return 202, None
        if self.cloud.volume_status(volume) != "available":
            return fault("badRequest", 400, "Invalid input received: Invalid volume: Volume %s status must be available"
                         " or downloading to reserve, but the current status is %s."
                         % (volume["id"], self.cloud.volume_status(volume)))
        server.volumes.append(volume)
        return 200, {"volumeAttachment": {"id": volume["id"], "volumeId": volume["id"], "serverId": server.id,
                                          "device": "/dev/vdb"}}

    # Cinder

    def cinder(self, *_):
        return 200, {"versions": [{"id": "v3.0", "status": "CURRENT", "version": "3.70", "min_version": "3.0",
                                   "links": [{"rel": "self", "href": self.base + "/volume/v3/"}]}]}

    def volumes(self, _method, query, _body):
        name = query.get("name", [""])[0]
        return 200, {"volumes": [dict(volume, status=self.cloud.volume_status(volume)) for volume in self.cloud.volumes
                                 if name in ("", volume["name"])]}

    def no_volume(self, *_):
        return fault("itemNotFound", 404, "the volume could not be found.")

    # Glance

    def glance(self, *_):
        return 200, {"versions": [{"id": "v2.15", "status": "CURRENT",
                                   "links": [{"rel": "self", "href": self.base + "/image/v2/"}]}]}

    def images(self, _method, query, _body):
        images = self.cloud.shown_images()
        if "name" in query:
            images = [image for image in images if image["name"] == query["name"][0]]
        return 200, {"images": [] if query.get("marker") else images, "schema": "/v2/schemas/images",
                     "first": "/v2/images"}

    def image(self, _method, _query, _body, identity):
        found = [image for image in self.cloud.shown_images() if image["id"] == identity]
        return (200, found[0]) if found else (404, None)


def make_handler(cloud):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do(self):
            length = int(self.headers.get("Content-Length") or 0)
            text = self.rfile.read(length).decode() if length else ""
            url = urlparse(self.path)
            if url.path == "/now":  # of the test: time has passed
                cloud.now = float(text)
                code, body = 200, {}
            else:
                base = "http://127.0.0.1:%d" % self.server.server_address[1]
                version = self.headers.get("X-OpenStack-Nova-API-Version") or "2.1"
                code, body = Api(cloud, base, int(version.split(".")[1])).answer(self.command, url.path, parse_qs(url.query),
                                                     json.loads(text) if text else None)
            data = b"" if body is None else json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Content-Type", "application/json")
            for name in ("X-Openstack-Request-Id", "X-Compute-Request-Id"):
                self.send_header(name, "req-%s" % uuid.uuid5(NAMESPACE, self.path))
            self.send_header("OpenStack-API-Version", "compute 2.1")
            if url.path == "/v3/auth/tokens":
                self.send_header("X-Subject-Token", "token")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_GET = do_POST = do_DELETE = do_HEAD = do_PUT = do

        def log_message(self, *_):
            pass

    return Handler


def serve(cloud):
    """A server on a free loopback port; the caller runs it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), make_handler(cloud))
    server.daemon_threads = True
    return server
