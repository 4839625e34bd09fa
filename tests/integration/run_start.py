#!/usr/bin/env python3
"""run: the reference sends from its start on, whatever the rate; how soon."""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, check, run  # noqa: E402


def main():
    """From the start of the program to the end of a client's."""
    for fnom, rate in ((50, 25), (50, 50), (60, 30), (60, 120)):
        started = time.monotonic()
        pmu = Program("run", "--source", f"mock:fnom={fnom},f={fnom}.3",
                      "--rate", str(rate), "--listen", "tcp:127.0.0.1:0")
        status, out, err = run("listen", f"tcp:127.0.0.1:{pmu.port()}",
                               "--count", "1")
        took_s = time.monotonic() - started
        check(status == 0 and len(out.splitlines()) == 1, out, err)
        print(f"{fnom} Hz, {rate}/s: {took_s:.2f} s")
        check(pmu.end(signal.SIGTERM) == 0, pmu.stderr())


main()
