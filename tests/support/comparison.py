"""Runs cisoid compare on what simulated PMUs have left."""
import json
import os

from program import check, run

START = "2026-01-01T00:00:00Z"
OK, USAGE, INVALID, CONNECTION, INCOMPLETE, STORAGE = 0, 2, 3, 6, 7, 8
FAIL, INDETERMINATE = 10, 11


def simulate(folder, name, *args, start=START, duration="10s"):
    """A capture of a simulated PMU; its path."""
    path = os.path.join(folder, name)
    status, _, err = run("simulate", "--pace", "max", "--start", start,
                         "--duration", duration, "--stream", f"pcap:{path}",
                         "--force", *args)
    check(status == 0, "simulate", args, err)
    return path


def listen_csv(folder, name, *args):
    """A CSV of a simulated PMU, as listen writes it."""
    from program import Program
    path = os.path.join(folder, name)
    pmu = Program("simulate", "--pace", "max", "--start", START, "--duration",
                  "4s", "--listen", "tcp:127.0.0.1:0", *args)
    status, _, err = run("listen", f"tcp:127.0.0.1:{pmu.port()}", "--count",
                         "200", "--csv", path, "--force")
    pmu.process.kill()
    check(status == 0, "listen", err)
    return path


def compare(ref, dut, *args):
    """(exit status, JSON document or None where it failed, standard error)"""
    status, out, err = run("compare", ref, dut, "--json", *args)
    doc = json.loads(out) if out else None
    if doc and "error" in doc:
        check(doc["error"]["message"] in err, doc, err)
        doc = None
    return status, doc, err


def channel(doc, name):
    """The errors of a phasor of the PMU."""
    found = [c for c in doc["channels"] if c["dut"] == name]
    check(len(found) == 1, name, [c["dut"] for c in doc["channels"]])
    return found[0]


def close(value, expected, tol, *what):
    """The value is there, and within the tolerance."""
    check(value is not None and abs(value - expected) <= tol, *what, value,
          "for", expected, "+-", tol)
