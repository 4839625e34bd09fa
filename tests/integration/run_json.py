#!/usr/bin/env python3
"""run --json: an object a second and a last one, whoever reads them."""
import fcntl
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import CISOID, check, run  # noqa: E402

F_SETPIPE_SZ = 1031
MOCK = ("run", "--json", "--source", "mock", "--listen", "tcp:127.0.0.1:0")
KEYS = {
    "": "type at running_s time acquisition reports streams",
    "time": "source state unc_s unlocked_s at rate_hz ppm last_edge_s"
            " last_age_s tau_s denied_s edges outliers unused why front_end",
    "acquisition": "source origin state rate_hz scans lost_scans refused_scans"
                   " overruns ring events realtime",
    "reports": "made lost newest",
    "streams": "clients frames sent drops",
}
RING = "size_s fill_pct fill_s high_water_pct high_water_s"
EVENTS = ("overflow device-error clock-stopped stalled scan-lost device-gone"
          " time front-end")
NEWEST = "at freq_hz rocof_hz_per_s time_unc_s flags notes"


def check_keys(obj):
    for name, keys in KEYS.items():
        part = obj[name] if name else obj
        check(list(part) == keys.split(), name, list(part))
    check(list(obj["acquisition"]["ring"]) == RING.split(), obj)
    check(list(obj["acquisition"]["events"]) == EVENTS.split(), obj)
    newest = obj["reports"]["newest"]
    check(newest is None or list(newest) == NEWEST.split(), newest)


def an_object_a_second_and_a_last_one():
    status, out, err = run(*MOCK, "--time", "none", "--duration", "4s",
                           "--set", "daq.ring=0.5s")
    check(status == 0, err)
    objs = [json.loads(line) for line in out.splitlines()]
    # A busy computer makes some of them late, and none early.
    at_s = [obj["running_s"] for obj in objs[:-1]]
    check(len(at_s) >= 2, at_s)
    for before, after in zip([0, *at_s], at_s):
        check(after - before > 0.99, at_s)
    for obj in objs:
        check_keys(obj)
        check(obj["time"]["state"] == "FREE-RUN", obj["time"])
        check(obj["time"]["unc_s"] is None, obj["time"])
        check(obj["time"]["front_end"] is None, obj["time"])
        check(obj["acquisition"]["lost_scans"] == 0, obj)
        check(obj["acquisition"]["realtime"] is None, obj)
    check([obj["type"] for obj in objs] ==
          ["state"] * (len(objs) - 1) + ["final"], "types")
    last = objs[-1]
    check(last["acquisition"]["state"] == "ended", last)
    check(last["acquisition"]["scans"] == 4 * 18000, last)
    check(f"reports={last['reports']['made']} " in err, last, err)
    check(last["streams"]["frames"] == last["reports"]["made"] > 0, last)
    ring = last["acquisition"]["ring"]
    check(0.5 <= ring["size_s"] < 0.6, ring)
    check(0 < ring["high_water_pct"] <= 100, ring)
    check(0 < ring["high_water_s"] <= 4 * ring["size_s"], ring)
    check(abs(last["reports"]["newest"]["freq_hz"] - 50) < 1e-6, last)
    check(last["reports"]["newest"]["notes"] == "sim", last)


def a_failure_before_is_json_too():
    status, out, _ = run("run", "--json", "--source", "replay:nothere.cfg")
    check(status == 3, status)
    check(json.loads(out)["error"]["code"] == "E-CONF", out)


def a_reader_who_leaves_is_no_fault():
    with subprocess.Popen([CISOID, *MOCK, "--duration", "4s"],
                          stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as pmu:
        json.loads(pmu.stdout.readline())
        pmu.stdout.close()
        err = pmu.stderr.read()
        check(pmu.wait(60) == 0, "status", pmu.returncode)
        check(err.count("nobody reads standard output") == 1, err)
        check(" scans=72000 " in err, "all that was asked for", err)


def a_reader_who_sleeps_holds_nothing_up():
    """The pipe has room for a page."""
    with subprocess.Popen([CISOID, *MOCK, "--duration", "6s"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as pmu:
        fcntl.fcntl(pmu.stdout, F_SETPIPE_SZ, 4096)
        check(pmu.wait(60) == 0, "status", pmu.returncode)
        check("lost_scans=0 overruns=0 lost_reports=0" in pmu.stderr.read(),
              "losses")
        for line in pmu.stdout:
            check_keys(json.loads(line))


an_object_a_second_and_a_last_one()
a_failure_before_is_json_too()
a_reader_who_leaves_is_no_fault()
a_reader_who_sleeps_holds_nothing_up()
