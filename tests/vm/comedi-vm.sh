#!/bin/bash
# comedi-vm.sh - run one command inside a small QEMU guest that has the real
# Debian kernel and its Comedi subsystem, and return that command's exit status.
#
#   comedi-vm.sh [options] -- command [args...]
#
#   -k FLAVOUR   kernel flavour: cloud-amd64 (default), amd64, rt-amd64 or, newer,
#                6.12-cloud-amd64
#   -m "MOD k=v" load a module with parameters (repeatable, kept in order).
#                A path ending in .ko is taken from this machine (out-of-tree).
#   -M NAME      put a module and its dependencies in the guest, do not load it
#   -i SRC[:DST] put a file or a directory in the guest (repeatable). DST is
#                absolute, or a directory when it ends in "/"; default /app/.
#                Shared libraries of ELF files are added by themselves.
#   -o DIR       after the run, files the guest left in /out are put in DIR
#   -n           network: guest 10.0.2.15; this host's 127.0.0.1:P is 10.0.2.2:P
#   -f SPEC      with -n, a QEMU hostfwd, e.g. tcp:127.0.0.1:4712-:4712 (repeatable)
#   -p N         virtual CPUs (default 2)
#   -r MIB       guest memory (default 512)
#   -t SECONDS   wall-clock limit (default 180); past it the answer is 124
#   -c DIR       cache (default $XDG_CACHE_HOME or ~/.cache, then /comedi-vm)
#   -a ARGS      extra kernel command line
#   -q ARGS      extra QEMU arguments (split at spaces)
#   -v           show the kernel's own messages
#
# Standard output is the guest command's stdout+stderr (one stream), standard
# error is this script's and, with -v, the kernel console.
# Exit status: the command's; 124 time limit; 125 the guest did not report one;
# 77 what it takes (tools, kernel package) is not to be had on this machine.
#
# Needs: qemu-system-x86 busybox-static cpio kmod, xz-utils for 6.12 (and
# apt-get download once).
set -euo pipefail

flavour=cloud-amd64 net=0 smp=2 mem=512 limit=180 verbose=0 outdir="" append="" qextra="" reported=0
cache="${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/comedi-vm"
declare -a mods=() only=() inputs=() fwds=()
die() { echo "comedi-vm: $*" >&2; exit 125; }
lacking() { echo "comedi-vm: $*" >&2; exit 77; }
usage() { sed -n '2,/^set -euo/{/^#/s/^# \{0,1\}//p}' "$0"; }

while getopts "k:m:M:i:o:nf:p:r:t:c:a:q:vh" opt; do
  case $opt in
    k) flavour=$OPTARG ;;  m) mods+=("$OPTARG") ;;  M) only+=("$OPTARG") ;;
    i) inputs+=("$OPTARG") ;;  o) outdir=$OPTARG ;;  n) net=1 ;;
    f) fwds+=("$OPTARG") ;;  p) smp=$OPTARG ;;  r) mem=$OPTARG ;;
    t) limit=$OPTARG ;;  c) cache=$OPTARG ;;  a) append=$OPTARG ;;
    q) qextra=$OPTARG ;;  v) verbose=1 ;;  h) usage; exit 0 ;;
    *) usage >&2; exit 125 ;;
  esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || { usage >&2; exit 125; }
for tool in qemu-system-x86_64 cpio depmod dpkg-deb busybox; do
  command -v $tool >/dev/null || lacking "$tool is missing"
done
busybox=$(command -v busybox)
if ldd "$busybox" >/dev/null 2>&1; then lacking "busybox must be the static one (busybox-static)"; fi

mkdir -p "$cache"; cache=$(realpath "$cache")
# --- kernel: download once, keep vmlinuz and the module tree ----------------
pkg=$(apt-cache depends "linux-image-$flavour" 2>/dev/null |
      awk '/Depends: linux-image-/{print $2; exit}') || true
if [ -z "$pkg" ]; then                         # no package index: newest cached
  pkg=$(find "$cache" -maxdepth 1 -name "linux-image-*-$flavour" -printf '%f\n' | sort -V | tail -1) || true
fi
[ -n "$pkg" ] || lacking "no kernel package linux-image-$flavour (apt-get update?)"
tree=$cache/$pkg
exec 8>"$cache/.lock"; flock 8
if [ ! -e "$tree/.ready" ]; then
  tmp=$(mktemp -d "$cache/.new.XXXXXX")
  ( cd "$tmp"; apt-get download -q "$pkg" >/dev/null 2>apt.err || { cat apt.err >&2; exit 1; }
    dpkg-deb -x "$pkg"_*.deb x; rm -f ./*.deb ) || { rm -rf "$tmp"; lacking "cannot get $pkg"; }
  depmod -b "$tmp/x" "${pkg#linux-image-}"; touch "$tmp/x/.ready"
  rm -rf "$tree"; mv "$tmp/x" "$tree"; rm -rf "$tmp"
fi
exec 8>&-
kver=${pkg#linux-image-}

# --- initramfs ---------------------------------------------------------------
work=$(mktemp -d "${TMPDIR:-/tmp}/comedi-vm.XXXXXX"); qpid=
# shellcheck disable=SC2317,SC2329
cleanup() {
  local rc=$?
  [ -z "$qpid" ] || kill "$qpid" 2>/dev/null || true
  rm -rf "$work"
  [ "$reported" = 1 ] || [ "$rc" -gt 128 ] || rc=125     # this script's own failure
  exit "$rc"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
root=$work/root
mkdir -p "$root"/{bin,sbin,usr/bin,usr/sbin,proc,sys,dev,tmp,out,app,etc,lib/modules,lib64,usr/lib,var/lib}
cp "$busybox" "$root/bin/busybox"
echo "root:x:0:0:root:/:/bin/sh" > "$root/etc/passwd"; echo "root:x:0:" > "$root/etc/group"
echo "127.0.0.1 localhost" > "$root/etc/hosts"

add_libs() {      # copy the shared libraries one ELF file needs to their own places
  local lib
  { ldd "$1" 2>/dev/null || true; } | awk '/=> \//{print $3} /^[ \t]*\/.*ld-linux/{print $1}' |
  while read -r lib; do
    [ -e "$root$lib" ] || { mkdir -p "$root$(dirname "$lib")"; cp -L "$lib" "$root$lib"; }
  done
}
for spec in ${inputs[@]+"${inputs[@]}"}; do
  src=${spec%%:*}; dst=/app/; case $spec in *:*) dst=${spec#*:} ;; esac
  [ -e "$src" ] || die "no such file: $src"
  case $dst in */) mkdir -p "$root$dst" ;; *) mkdir -p "$root$(dirname "$dst")" ;; esac
  cp -rL "$src" "$root$dst"
  while read -r f; do add_libs "$f"; done < <(find "$src" -type f -perm /111)
done

modlist=$root/lib/modules/order; : > "$modlist"
copy_mod() {      # one path relative to the kernel's module directory
  local to; to=$root/lib/modules/$(basename "${1%.xz}")
  [ ! -e "$to" ] || return 0
  case $1 in
    *.xz) xz -dc "$tree/lib/modules/$kver/$1" > "$to" ;;      # 6.12 and later
    *) cp "$tree/lib/modules/$kver/$1" "$to" ;;
  esac
}
mod_chain() {     # NAME: dependencies first, then the module itself
  modprobe -d "$tree" -S "$kver" --show-depends "$1" 2>/dev/null |
    awk -v n=$((${#tree} + ${#kver} + 15)) '$1=="insmod"{print substr($2, n)}'
}
want_mod() {      # NAME PARAMS LOAD?
  local last path found=0
  while read -r path; do
    found=1; copy_mod "$path"; last=$(basename "${path%.xz}")
    [ "$3" = 1 ] || continue
    if [ "${last%.ko}" = "${1//-/_}" ] || [ "${last%.ko}" = "$1" ]; then
      echo "$last $2" >> "$modlist"
    else grep -q "^$last" "$modlist" || echo "$last" >> "$modlist"; fi
  done < <(mod_chain "$1")
  [ $found = 1 ] || { [ "$3" = b ] && return; modprobe -d "$tree" -S "$kver" -n "$1" 2>/dev/null || die "no module $1 in $kver"; }
}
for m in virtio_pci virtio_console; do want_mod $m "" 1; done
[ $net = 0 ] || want_mod virtio_net "" 1
for m in ${only[@]+"${only[@]}"}; do want_mod "$m" "" 0; done
for m in ${mods[@]+"${mods[@]}"}; do
  name=${m%% *}; par=; [ "$name" = "$m" ] || par=${m#* }
  case $name in
    *.ko) [ -e "$name" ] || die "no such module file: $name"
          for dep in $(modinfo -F depends "$name" | tr ',' ' '); do want_mod "$dep" "" 1; done
          cp "$name" "$root/lib/modules/"; echo "$(basename "$name") $par" >> "$modlist" ;;
    *) want_mod "$name" "$par" 1 ;;
  esac
done

printf '%q ' "$@" > "$root/etc/command"; echo >> "$root/etc/command"
cat > "$root/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s
export PATH=/app:/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin HOME=/ TERM=dumb
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
mount -t tmpfs tmpfs /tmp; mkdir -p /dev/shm; mount -t tmpfs tmpfs /dev/shm
status=126
while read -r file params; do
  insmod "/lib/modules/$file" $params || { echo "guest: insmod $file failed" > /dev/console; failed=1; }
done < /lib/modules/order
ip link set lo up
if [ -e /sys/class/net/eth0 ]; then
  ip link set eth0 up; ip addr add 10.0.2.15/24 dev eth0; ip route add default via 10.0.2.2
  # The kernel throws away what is sent before the link is told to be up, and may
  # swap what is sent before the neighbour is known: wait until it answers.
  n=0; while [ "$(cat /sys/class/net/eth0/operstate)" != up ] && [ $n -lt 100 ]; do sleep 0.05; n=$((n+1)); done
  n=0; until ping -c 1 -W 1 10.0.2.2 > /dev/null 2>&1 || [ $n -ge 10 ]; do n=$((n+1)); done
fi
port() { for p in /sys/class/virtio-ports/*; do [ "$(cat $p/name)" = "$1" ] && echo /dev/${p##*/}; done; }
n=0; while [ -z "$(port stdout)" ] && [ $n -lt 50 ]; do sleep 0.1; n=$((n+1)); done
out=$(port stdout)
if [ -z "$failed" ]; then
  cd /app; read -r line < /etc/command
  sh -c "$line" < /dev/null > "$out" 2>&1
  status=$?
fi
cp /proc/uptime /out/.uptime; dmesg > /out/dmesg.txt; echo $status > /out/.status
tar -C /out -cf "$(port result)" . ; sync
poweroff -f
INIT
chmod 755 "$root/init"
( cd "$root"; find . -print0 | cpio --null -o -H newc --quiet ) > "$work/initrd"

# --- run ----------------------------------------------------------------------
# KVM is used only where it really starts a guest; the default is TCG, whose
# single- or multi-threaded translation needs no privileges and no CPU feature.
# Emulated vector units are slower than none: tenfold for programs that use AVX.
accel=(-accel "${COMEDI_VM_ACCEL:-tcg,thread=multi}") cpu=max,-avx,-avx2,-fma
[ "${COMEDI_VM_ACCEL:-tcg}" = kvm ] && accel=(-accel kvm) cpu=host
netargs=(-nic none)
if [ $net = 1 ]; then
  nd=user,id=n0,restrict=off; for f in ${fwds[@]+"${fwds[@]}"}; do nd+=",hostfwd=$f"; done
  netargs=(-netdev "$nd" -device "virtio-net-pci,netdev=n0,romfile=")
fi
quiet=quiet; [ $verbose = 0 ] || quiet=
: > "$work/console"; : > "$work/result"; mkfifo "$work/stdout"
cat "$work/stdout" & catpid=$!
# shellcheck disable=SC2086
timeout -k 5 "$limit" qemu-system-x86_64 "${accel[@]}" -cpu "${COMEDI_VM_CPU:-$cpu}" \
  -smp "$smp" -m "$mem" -nodefaults -display none -no-reboot -monitor none \
  -kernel "$tree/boot/vmlinuz-$kver" -initrd "$work/initrd" \
  -append "console=ttyS0 $quiet panic=-1 mitigations=off random.trust_cpu=on tsc=reliable no_timer_check $append" \
  -chardev file,id=con,path="$work/console" -serial chardev:con \
  -device virtio-serial-pci \
  -chardev file,id=so,path="$work/stdout" -device virtserialport,chardev=so,name=stdout \
  -chardev file,id=re,path="$work/result" -device virtserialport,chardev=re,name=result \
  "${netargs[@]}" $qextra > "$work/qemu.log" 2>&1 & qpid=$!
rc=0; wait $qpid || rc=$?; qpid=
# QEMU may have died before it opened the pipe; then there is nothing to wait for
if kill -0 $catpid 2>/dev/null; then : > "$work/stdout" & fi
wait $catpid 2>/dev/null || true
[ $verbose = 0 ] || cat "$work/console" >&2
status=125
if mkdir "$work/out" && tar -C "$work/out" -xf "$work/result" 2>/dev/null && [ -s "$work/out/.status" ]; then
  status=$(cat "$work/out/.status")
  [ $verbose = 0 ] || echo "comedi-vm: guest up $(cut -d' ' -f1 "$work/out/.uptime") s" >&2
  rm -f "$work/out/.status" "$work/out/.uptime"
  if [ -n "$outdir" ]; then mkdir -p "$outdir"; cp -r "$work/out/." "$outdir/"; fi
else
  [ "$rc" = 124 ] || [ "$rc" = 137 ] && status=124
  echo "comedi-vm: the guest reported no result (qemu exit $rc)" >&2
  cat "$work/qemu.log" >&2; tail -20 "$work/console" >&2
fi
reported=1
exit "$status"
