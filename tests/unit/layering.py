#!/usr/bin/env python3
"""layering.py - who includes whom: the rules of docs/architecture.md.

Dependencies point down, neighbours do not include one another, and each library
is known to its own part alone.
"""
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")

LAYER = {"core": 0,
         "comtrade": 1, "signal": 1, "estim": 1, "c37": 1, "judge": 1,
         "sim": 1,
         "acq": 2, "net": 2,
         "web": 3,
         "cli": 4}
PURE = {part for part, layer in LAYER.items() if layer == 1}

# No clock, no descriptor, no thread.
ACTING = {"pthread.h", "threads.h", "semaphore.h", "time.h", "sys/time.h",
          "sys/timex.h", "sys/timerfd.h", "sys/socket.h", "netinet/in.h",
          "netdb.h", "arpa/inet.h", "poll.h", "sys/epoll.h", "signal.h",
          "unistd.h", "fcntl.h"}

# Where a library's header may be included: parts, folders, or single files.
LIBRARY = {"comedilib.h": {"acq/comedi"},
           "uv.h": {"net", "cli"},
           "pcap.h": {"net", "cli"},
           "pcap/pcap.h": {"net", "cli"},
           "microhttpd.h": {"net/web"},
           "ini.h": {"core/conf.c"},
           "fftw3.h": {"estim"},
           "lapacke.h": {"estim"},
           "cblas.h": {"estim"},
           "jansson.h": {"cli", "net"},
           "systemd/sd-daemon.h": {"cli/run/notify.c"},
           "cisoid/log.h": {"core", "net", "cli"}}

# The front end is freestanding C; acq speaks its link by the same codec.
FREESTANDING = {"stdatomic.h", "stdbool.h", "stddef.h", "stdint.h"}
CODEC = {"firmware/core/line.h", "firmware/core/link.h"}

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def fault(path, quote, name, exists):
    """What is wrong with one #include of a file under host/, or None."""
    part = path.split("/")[1]
    if name in LIBRARY:
        allowed = LIBRARY[name]
        if not any((path[len("host/"):] + "/").startswith(a + "/")
                   for a in allowed):
            return "only %s may include it" % " ".join(sorted(allowed))
    if part in PURE and name in ACTING:
        return "%s has no clock, descriptor or thread" % part
    if quote == "<" or name.startswith("cisoid/"):
        return None
    if name.startswith("host/"):
        other = name.split("/")[1]
        if other != part and LAYER[other] >= LAYER[part]:
            return "%s does not lie below %s" % (other, part)
        return None
    if name.startswith("firmware/"):
        return None if part == "acq" and name in CODEC \
            else "only acq knows of the front end, and only its codec"
    if "/" in name or not exists(os.path.join(os.path.dirname(path), name)):
        return "neither of its own folder nor from the root"
    return None


def firmware_fault(path, quote, name, exists):
    """The same for a file under firmware/: core stands alone, a port has core
    and its own folder."""
    if quote == "<":
        return None if name in FREESTANDING else "not of freestanding C"
    if name.startswith("firmware/core/"):
        return None
    if path.startswith("firmware/port/"):
        folder = os.path.dirname(path)
        if os.path.dirname(name) in (folder, "firmware/port/cortex_m"):
            return None
        if "/" not in name and exists(os.path.join(folder, name)):
            return None
    return "neither of the core nor of its own port"


def public_fault(quote, name):
    """The same for a file of include/cisoid."""
    if name in LIBRARY or (quote == '"' and not name.startswith("cisoid/")):
        return "public headers stand alone"
    return None


def includes(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as source:
        for number, line in enumerate(source, 1):
            match = INCLUDE.match(line)
            if match:
                yield number, match.group(1), match.group(2)


def sources(folder):
    for root, _, names in os.walk(os.path.join(TOP, folder)):
        for name in names:
            if name.endswith((".c", ".h")):
                yield os.path.relpath(os.path.join(root, name), TOP)


def exists_in_tree(path):
    return os.path.exists(os.path.join(TOP, path))


def check_the_rules():
    """The rules refuse what they are there to refuse."""
    refused = [("host/c37/a.c", '"', "host/estim/b.h"),
               ("host/core/a.c", '"', "host/acq/b.h"),
               ("host/acq/a.c", '"', "host/net/b.h"),
               ("host/estim/a.c", "<", "time.h"),
               ("host/acq/a.c", "<", "comedilib.h"),
               ("host/net/a.c", "<", "microhttpd.h"),
               ("host/cli/a.c", "<", "microhttpd.h"),
               ("host/acq/a.c", '"', "cisoid/log.h"),
               ("host/net/a.c", '"', "../core/b.h"),
               ("host/acq/a.c", '"', "firmware/core/servo.h"),
               ("host/net/a.c", '"', "firmware/core/link.h")]
    allowed = [("host/cli/a.c", '"', "host/net/b.h"),
               ("host/acq/comedi/cmd.c", "<", "comedilib.h"),
               ("host/net/web/a.c", "<", "microhttpd.h"),
               ("host/estim/a.c", '"', "host/core/b.h"),
               ("host/acq/mcu/a.c", '"', "firmware/core/link.h"),
               ("host/net/a.c", "<", "time.h")]
    own = [("firmware/core/a.c", "<", "stdint.h"),
           ("firmware/core/a.c", '"', "firmware/core/b.h"),
           ("firmware/port/x/a.c", '"', "firmware/core/b.h"),
           ("firmware/port/x/a.c", '"', "firmware/port/x/b.h"),
           ("firmware/port/x/a.c", '"', "firmware/port/cortex_m/b.h")]
    alien = [("firmware/core/a.c", "<", "string.h"),
             ("firmware/core/a.c", "<", "math.h"),
             ("firmware/core/a.c", '"', "cisoid/time.h"),
             ("firmware/core/a.c", '"', "firmware/port/x/b.h"),
             ("firmware/port/x/a.c", '"', "firmware/port/y/b.h"),
             ("firmware/port/x/a.c", "<", "stdio.h")]
    assert not any(firmware_fault(*case, exists_in_tree) for case in own)
    assert all(firmware_fault(*case, exists_in_tree) for case in alien)
    assert all(fault(*case, exists_in_tree) for case in refused)
    assert not any(fault(*case, exists_in_tree) for case in allowed)


def main():
    faults, seen = [], 0
    check_the_rules()
    for path in sources("host"):
        for number, quote, name in includes(path):
            seen += 1
            why = fault(path, quote, name, exists_in_tree)
            if why:
                faults.append("%s:%d: %s: %s" % (path, number, name, why))
    for path in sources("firmware"):
        for number, quote, name in includes(path):
            seen += 1
            why = firmware_fault(path, quote, name, exists_in_tree)
            if why:
                faults.append("%s:%d: %s: %s" % (path, number, name, why))
    for path in sources("include"):
        for number, quote, name in includes(path):
            why = public_fault(quote, name)
            if why:
                faults.append("%s:%d: %s: %s" % (path, number, name, why))
    assert seen, "no #include found"
    print("\n".join(sorted(faults)) or "%d includes, all in order" % seen)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
