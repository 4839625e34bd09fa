#!/usr/bin/env python3
"""soak.py - eight channels at 18 kHz for ten minutes, both processors loaded.

usage: soak.py [SECONDS]

Two loops that never rest compete with the program for the guest's two
processors, and so for two of this machine's. No scan may be lost: the program
says so, its count is exact, no report is flagged, and the angles are still
UTC's at the end (one scan is 1 degree).
"""
import re
import sys

import external
import guest

DURATION_S = int(sys.argv[1]) if len(sys.argv) > 1 else 600
MAX_IDLE = 0.02

RUN = guest.Run(1, 5, 2, DURATION_S, "0+1+2+3+4+5+6+7", external.EXTERNAL)


def script(port):
    return """
for i in 1 2; do while :; do :; done & hogs="$hogs $!"; done
head -n 1 /proc/stat
%s; echo "status $?"
head -n 1 /proc/stat
kill $hogs
""" % RUN.command(port)


def check_load(output):
    """The processors were idle for less than a fiftieth of the time."""
    before, after = (list(map(int, line.split())) for line in
                     re.findall(r"^cpu +([\d ]+)$", output, re.M))
    spent = [b - a for a, b in zip(before, after)]
    print("idle: %.2f %%" % (100 * spent[3] / sum(spent)))
    assert spent[3] <= MAX_IDLE * sum(spent), spent


def main():
    module = guest.build_module("soak")
    if not module:
        return guest.SKIPPED
    status, output = guest.record(module, script, [RUN], DURATION_S + 120)
    if status == guest.SKIPPED:
        return guest.SKIPPED
    assert "status 0\n" in output, "the run has failed"
    done = dict(re.findall(r"(\w+)=(\d+)",
                           re.search(r"done: (.*)", output).group(1)))
    assert done["scans"] == str(DURATION_S * 18000), done
    assert done["lost_scans"] == done["overruns"] == "0", done
    assert done["lost_reports"] == "0", done
    check_load(output)
    external.check(RUN, 50000000)
    return 0


if __name__ == "__main__":
    sys.exit(main())
