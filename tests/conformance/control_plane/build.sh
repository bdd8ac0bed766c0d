#!/usr/bin/env bash
# build.sh VERSION [FOLDER]: builds the control plane of a Kubernetes minor version (1.NN) into FOLDER
# (build/control-plane/1.NN of the repository): the program control-plane, and kubectl beside it.
# CONTROL_PLANE_JOBS says how many packages are compiled at a time (default: all cores).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

fail() {
  printf 'control-plane: %s\n' "$*" >&2
  exit 2
}

versions="$(cd "$here/versions" && printf '%s ' *.mod | sed 's/\.mod//g')"
[[ $# -ge 1 ]] || fail "which version? one of: $versions"
version="$1"
folder="${2:-$here/../../../build/control-plane/$version}"
modfile="$here/versions/$version.mod"
[[ "$version" =~ ^1\.[0-9]+$ && -f "$modfile" ]] || fail "there is no version $version; there are: $versions"

# Where GOROOT says, else the usual place of Go's own archive, which leaves PATH to the user.
command -v go >/dev/null || PATH="$PATH:${GOROOT:-/usr/local/go}/bin"
wanted="$(sed -n 's/^go \([0-9]*\.[0-9]*\).*/\1/p' "$modfile")"
command -v go >/dev/null ||
  fail "Go $wanted or later is needed to build Kubernetes $version, and there is no go in PATH"
found="$(GOTOOLCHAIN=local GOFLAGS='' go version | sed -n 's/.*go\([0-9]*\.[0-9]*\).*/\1/p')"
newest="$(printf '%s\n' "$wanted" "$found" | sort -V | tail -1)"
[[ "$newest" == "$found" ]] || fail "Go $wanted or later is needed to build Kubernetes $version; this is Go $found"

release="$(sed -n 's/^require k8s.io\/kubernetes //p; s/^\tk8s.io\/kubernetes //p' "$modfile" | head -1)"
[[ "$release" == v"$version".* ]] || fail "$modfile does not require k8s.io/kubernetes $version"
minor="${version#1.}"
flags=(-s -w)
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  flags+=(-X "$package.gitVersion=$release" -X "$package.gitMajor=1" -X "$package.gitMinor=$minor"
    -X "$package.gitTreeState=clean" -X "$package.buildDate=1970-01-01T00:00:00Z")
done
tags=()
((minor < 34)) || tags=(-tags observed_generation)

mkdir -p "$folder"
folder="$(cd "$folder" && pwd)"
cd "$here"
GOTOOLCHAIN=local go build ${CONTROL_PLANE_JOBS:+-p "$CONTROL_PLANE_JOBS"} -mod=readonly \
  -modfile="$modfile" -trimpath -buildvcs=false "${tags[@]}" -ldflags "${flags[*]}" -o "$folder/control-plane" .
ln -sf control-plane "$folder/kubectl"
printf '%s: Kubernetes %s\n' "$folder/control-plane" "$("$folder/control-plane" version)"
