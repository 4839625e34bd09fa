#!/bin/bash
# packages.sh - the packages that building and testing take.
#
#   packages.sh GROUP...     install what is missing; nothing missing: do nothing
#   packages.sh -n GROUP...  only print what is missing
#
# Groups: build (the program and its unit tests), web (the page in it), test
# (the other tests), web-test (those in a browser), vm (tests in a guest), kernel
# (those that build a driver for it), firmware (the front end's images and their
# tests), check (what .ci/check takes). All are of Debian; web and web-test also
# have npm fill host/web/node_modules.
set -euo pipefail

build=(gcc libc6-dev make cmake pkg-config
  libcmocka-dev libcomedi-dev libfftw3-dev libinih-dev libjansson-dev
  liblapacke-dev libmicrohttpd-dev libopenblas-dev libpcap-dev libsystemd-dev
  libuv1-dev)
# With an npm of another source Debian's would be in conflict.
web=()
command -v npm >/dev/null || web=(npm)
test=(python3 tshark valgrind)
web_test=("${web[@]}" fonts-dejavu-core)
command -v chromium >/dev/null || web_test+=(chromium)
vm=(qemu-system-x86 busybox-static cpio kmod)
kernel=(linux-headers-cloud-amd64)
firmware=(gcc-arm-none-eabi qemu-system-arm)
check=(git clang clang-format clang-tidy libclang-rt-dev cppcheck shellcheck)

missing() {
  comm -23 <(printf '%s\n' "$@" | sort -u) \
    <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null |
      awk '$1 ~ /^.i$/ {print $2}' | sort -u)
}

# What npm has put there is the lock file's, as of a copy that lies beside it.
page=$(dirname "$0")/web
modules_missing() { # build|test
  ! cmp -s "$page/package-lock.json" "$page/node_modules/.of-test" &&
    { [ "$1" = test ] ||
      ! cmp -s "$page/package-lock.json" "$page/node_modules/.of-build"; }
}
modules_install() { # build|test
  local omit=() log status=0
  [ "$1" = test ] || omit=(--omit=dev)
  echo "npm ci in host/web"
  log=$(mktemp)
  (cd "$page" && npm ci "${omit[@]}" --ignore-scripts --no-audit --no-fund \
    --no-update-notifier --loglevel=error --fetch-retries=1) >"$log" 2>&1 &&
    cp "$page/package-lock.json" "$page/node_modules/.of-$1" || status=1
  # What is wrong comes first, where in npm after it.
  [ $status = 0 ] || head -n 4 "$log" >&2
  rm -f "$log"
  return $status
}

dry=0
if [ "${1:-}" = -n ]; then
  dry=1
  shift
fi
want=()
npm=()
for group in "$@"; do
  case $group in
    build) want+=("${build[@]}") ;;
    web) want+=("${web[@]}") npm+=(build) ;;
    test) want+=("${test[@]}") ;;
    web-test) want+=("${web_test[@]}") npm+=(test) ;;
    vm) want+=("${vm[@]}") ;;
    kernel) want+=("${kernel[@]}") ;;
    firmware) want+=("${firmware[@]}") ;;
    check) want+=("${check[@]}") ;;
    *)
      echo "packages.sh: no group \"$group\"; there are build web test" \
        "web-test vm kernel firmware check" >&2
      exit 2
      ;;
  esac
done
if [ $# -eq 0 ]; then
  echo "usage: packages.sh [-n] build|web|test|web-test|vm|kernel|firmware|check..." >&2
  exit 2
fi

# Returns 1 when something is missing and cannot be had.
install_debian() { # PACKAGE...
  local root=() log step
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "packages.sh: missing, and neither root nor sudo to install them:" \
        "$*" >&2
      return 1
    fi
    root=(sudo)
  fi
  echo "installing $*"
  log=$(mktemp)
  for step in update "install -y --no-install-recommends $*"; do
    # shellcheck disable=SC2086
    if ! "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get -q -o Acquire::Retries=3 $step >"$log" 2>&1; then
      tail -n 20 "$log" >&2
      rm -f "$log"
      echo "packages.sh: apt-get $step failed" >&2
      return 1
    fi
  done
  rm -f "$log"
}

list=()
if command -v dpkg-query >/dev/null; then
  [ ${#want[@]} -eq 0 ] || mapfile -t list < <(missing "${want[@]}")
elif [ ${#want[@]} -gt 0 ]; then
  echo "packages.sh: not a Debian system; needed are: ${want[*]}" >&2
fi
if [ $dry = 1 ]; then
  [ ${#list[@]} -eq 0 ] || printf '%s\n' "${list[@]}"
  for kind in "${npm[@]}"; do
    ! modules_missing "$kind" || echo "host/web/node_modules ($kind)" >&2
  done
  exit 0
fi
[ ${#list[@]} -eq 0 ] || install_debian "${list[@]}" || exit 1
for kind in "${npm[@]}"; do
  ! modules_missing "$kind" || modules_install "$kind" || {
    echo "packages.sh: npm ci in host/web failed" >&2
    exit 1
  }
done
