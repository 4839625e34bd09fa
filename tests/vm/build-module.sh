#!/bin/bash
# build-module.sh - build a kernel module for the kernel that comedi-vm.sh
# boots, and print where it is.
#
#   build-module.sh SOURCE.c OUTDIR [FLAVOUR]
#
# Exit status 77: the headers of that kernel (linux-headers-FLAVOUR, by default
# cloud-amd64) are not on this machine.
set -euo pipefail
src=$(realpath "$1")
out=$2
flavour=${3:-cloud-amd64}

# As comedi-vm.sh chooses its kernel: by the package index, or the newest.
pkg=$(apt-cache depends "linux-headers-$flavour" 2>/dev/null |
  awk '/Depends: linux-headers-/ {print $2; exit}') || true
if [ -z "$pkg" ]; then
  pkg=$(find /usr/src -maxdepth 1 -name "linux-headers-*-$flavour" \
    -printf '%f\n' | sort -V | tail -n 1)
fi
headers=/usr/src/${pkg:-linux-headers-$flavour}
if ! [ -d "$headers" ] || ! command -v make >/dev/null; then
  echo "build-module.sh: $headers or make is missing; install or upgrade" \
    "linux-headers-$flavour" >&2
  exit 77
fi

mkdir -p "$out"
out=$(realpath "$out")
name=$(basename "$src" .c)
cp "$src" "$out/"
echo "obj-m := $name.o" >"$out/Makefile"
make -s -C "$headers" M="$out" modules >&2
echo "$out/$name.ko"
