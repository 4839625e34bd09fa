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
    if "/" in name or not exists(os.path.join(os.path.dirname(path), name)):
        return "neither of its own folder nor from the root"
    return None


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
               ("host/net/a.c", '"', "../core/b.h")]
    allowed = [("host/cli/a.c", '"', "host/net/b.h"),
               ("host/acq/comedi/cmd.c", "<", "comedilib.h"),
               ("host/net/web/a.c", "<", "microhttpd.h"),
               ("host/estim/a.c", '"', "host/core/b.h"),
               ("host/net/a.c", "<", "time.h")]
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
