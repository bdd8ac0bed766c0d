#!/usr/bin/env bash
# smoke.sh VERSION [FOLDER]: a short story on a control plane that was built by build.sh: a StatefulSet with claims, an
# Indexed Job with an index that fails, a node that falls silent; that nothing listens beyond loopback; and that all of
# it is gone afterwards, however it ended. Takes about two minutes, most of them the node's grace period.
set -euo pipefail
self="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/smoke.sh"

fail() {
  printf 'smoke: %s\n' "$*" >&2
  exit 1
}

# until_true SECONDS WHAT COMMAND…
until_true() {
  local limit=$((SECONDS + $1)) what="$2"
  shift 2
  until "$@"; do
    ((SECONDS < limit)) || fail "$what: not within the time"
    sleep 0.2
  done
  printf 'smoke: %s\n' "$what"
}

# is EXPECTED COMMAND…: the command prints exactly this.
is() { [[ "$("${@:2}")" == "$1" ]]; }

# The addresses that the processes of the control plane listen on, as /proc/net writes them.
listening() {
  local process inode
  for process in $(control-plane control list | sed -n 's/.* runs as process //p') "$PPID"; do
    for inode in $(find "/proc/$process/fd" -lname 'socket:*' -printf '%l\n' | tr -dc '0-9\n'); do
      awk -v inode="$inode" '$4 == "0A" && $10 == inode {print $2}' /proc/net/tcp /proc/net/tcp6
    done
  done
}

# What runs inside `control-plane run --exec`.
inside() {
  kubectl version | grep -q "Server Version: v$1\." || fail "another version answers: $(kubectl version)"
  local beyond
  [[ "$(listening | wc -l)" -ge 3 ]] || fail "the listening sockets were not found"
  beyond="$(listening | grep -v '^0100007F:' || true)"
  [[ -z "$beyond" ]] || fail "something listens beyond 127.0.0.1: $beyond"

  kubectl apply -f - <<'MANIFESTS'
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  serviceName: web
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: web}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: work}
spec:
  completions: 4
  parallelism: 4
  completionMode: Indexed
  backoffLimitPerIndex: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: work}]
MANIFESTS
  kubectl rollout status statefulset/web --timeout=90s
  kubectl wait --for=condition=Failed job/work --timeout=60s
  is "0,2,3 1" kubectl get job work -o 'jsonpath={.status.completedIndexes} {.status.failedIndexes}' ||
    fail "the Job ended otherwise: $(kubectl get job work -o yaml)"
  is "Bound Bound Bound" kubectl get pvc -o 'jsonpath={.items[*].status.phase}' || fail "claims: $(kubectl get pvc)"
  kubectl get pods -o 'jsonpath={.items[*].metadata.managedFields[*].manager}' --show-managed-fields | grep -qw kubelet ||
    fail "no pod was written by a kubelet"

  local node
  control-plane control ready web-1 false
  until_true 10 "web-1 is not ready" is 2 kubectl get statefulset web -o 'jsonpath={.status.readyReplicas}'
  control-plane control exit web-1 1
  until_true 20 "web-1 was restarted, and is ready" is "1 true" kubectl get pod web-1 \
    -o 'jsonpath={.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].ready}'
  control-plane control kill-controller-manager
  kubectl delete pod web-0 --wait=true
  control-plane control start-controller-manager
  until_true 30 "web-0 is back" is 3 kubectl get statefulset web -o 'jsonpath={.status.readyReplicas}'

  node="$(kubectl get pod web-2 -o 'jsonpath={.spec.nodeName}')"
  control-plane control silence "$node"
  until_true 90 "$node is not ready" is Unknown kubectl get node "$node" \
    -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'
  control-plane control resume "$node"
  until_true 20 "$node is ready again" is True kubectl get node "$node" \
    -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'
  until_true 20 "and so are its pods" is 3 kubectl get statefulset web -o 'jsonpath={.status.readyReplicas}'
  exit 7
}

if [[ "${1:-}" == --inside ]]; then
  inside "$2"
fi

version="${1:?which version? 1.NN}"
program="${2:-$(dirname "$self")/../../../build/control-plane/$version}/control-plane"
[[ -x "$program" ]] || fail "there is no $program; build it: build.sh $version"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cat >"$work/table.json" <<'TABLE'
{
  "nodes": [{"name": "worker", "count": 3}],
  "default": {"start": "200ms", "stop": "200ms", "restart": "200ms"},
  "pods": [
    {"name": "work-.*", "index": 1, "attempts": [{"runs": "1s", "exit": 1}]},
    {"name": "work-.*", "attempts": [{"runs": "1s"}]}
  ]
}
TABLE
gates=()
[[ "$version" != 1.28 ]] || gates=(--feature-gates JobBackoffLimitPerIndex=true)
TMPDIR="$work" "$program" run --table "$work/table.json" "${gates[@]}" --exec -- "$self" --inside "$version" && code=0 || code=$?
((code == 7)) || fail "the story ended with $code"
[[ -z "$(find "$work" -name 'control-plane-*')" ]] || fail "the temporary folder is still there"

# However it ends, nothing is left behind.
TMPDIR="$work" "$program" run --for 1s >/dev/null
[[ -z "$(find "$work" -name 'control-plane-*')" ]] || fail "--for: the temporary folder is still there"
TMPDIR="$work" "$program" run --ready-file "$work/ready" >/dev/null &
supervisor=$!
until_true 60 "ready for its end" test -e "$work/ready"
children="$(cat "/proc/$supervisor/task/"*/children)"
{
  kill -KILL "$supervisor"
  wait "$supervisor" || true
} 2>/dev/null
none_lives() { for child in $children; do ! kill -0 "$child" 2>/dev/null || return 1; done; }
until_true 10 "killed with all its parts" none_lives
[[ -z "$(find "$work" -name 'control-plane-*')" ]] || fail "killed: the temporary folder is still there"
printf 'smoke: Kubernetes %s passed in %d s\n' "$version" "$SECONDS"
