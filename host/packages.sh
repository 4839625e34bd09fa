#!/bin/bash
# packages.sh - the Debian packages that building and testing take.
#
#   packages.sh GROUP...     install what is missing; nothing missing: do nothing
#   packages.sh -n GROUP...  only print what is missing
#
# Groups: build (the program and its unit tests), test (the other tests),
# vm (tests in a guest), kernel (those that build a driver for it), check (what
# .ci/check takes).
set -euo pipefail

build=(gcc libc6-dev make cmake pkg-config
  libcmocka-dev libcomedi-dev libfftw3-dev libinih-dev libjansson-dev
  liblapacke-dev libmicrohttpd-dev libopenblas-dev libpcap-dev libsystemd-dev
  libuv1-dev)
test=(python3 tshark valgrind)
vm=(qemu-system-x86 busybox-static cpio kmod)
kernel=(linux-headers-cloud-amd64)
check=(git clang clang-format clang-tidy libclang-rt-dev cppcheck shellcheck)

missing() {
  comm -23 <(printf '%s\n' "$@" | sort -u) \
    <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null |
      awk '$1 ~ /^.i$/ {print $2}' | sort -u)
}

dry=0
if [ "${1:-}" = -n ]; then
  dry=1
  shift
fi
want=()
for group in "$@"; do
  case $group in
    build) want+=("${build[@]}") ;;
    test) want+=("${test[@]}") ;;
    vm) want+=("${vm[@]}") ;;
    kernel) want+=("${kernel[@]}") ;;
    check) want+=("${check[@]}") ;;
    *)
      echo "packages.sh: no group \"$group\"; there are build test vm kernel" \
        "check" >&2
      exit 2
      ;;
  esac
done
if [ ${#want[@]} -eq 0 ]; then
  echo "usage: packages.sh [-n] build|test|vm|kernel|check..." >&2
  exit 2
fi
if ! command -v dpkg-query >/dev/null; then
  echo "packages.sh: not a Debian system; needed are: ${want[*]}" >&2
  exit 0
fi

mapfile -t list < <(missing "${want[@]}")
[ ${#list[@]} -gt 0 ] || exit 0
if [ $dry = 1 ]; then
  printf '%s\n' "${list[@]}"
  exit 0
fi

root=()
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "packages.sh: missing, and neither root nor sudo to install them:" \
      "${list[*]}" >&2
    exit 1
  fi
  root=(sudo)
fi
echo "installing ${list[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for step in update "install -y --no-install-recommends ${list[*]}"; do
  # shellcheck disable=SC2086
  if ! "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -o Acquire::Retries=3 $step >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "packages.sh: apt-get $step failed" >&2
    exit 1
  fi
done
