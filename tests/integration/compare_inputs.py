#!/usr/bin/env python3
"""What compare is given: it is never written over, its end is told, and its
dates are those that were meant."""
import csv
import math
import os
import signal
import socket
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from comparison import (INCOMPLETE, INDETERMINATE, INVALID, OK,  # noqa: E402
                        START, USAGE, compare, listen_csv, simulate)
from packets import Capture, config, data  # noqa: E402
from program import Program, check, run  # noqa: E402


def bytes_of(path):
    with open(path, "rb") as f:
        return f.read()


def write(path, text):
    with open(path, "w", newline="", encoding="utf-8") as f:
        f.write(text)
    return path


# ---- what must not be lost ----

def an_input_is_never_written_over(folder):
    """By its name, by a link, or as the configuration of listen."""
    ref = simulate(folder, "ref.pcap", duration="1s")
    dut = simulate(folder, "dut.pcap", duration="1s")
    link, hard = os.path.join(folder, "link"), os.path.join(folder, "hard")
    os.symlink(ref, link)
    os.link(dut, hard)
    before = bytes_of(ref), bytes_of(dut)
    for path in (ref, dut, link, hard):
        status, doc, err = compare(ref, dut, "--csv", path, "--force")
        check(status == USAGE and not doc and "is read" in err, path, status,
              err)
    for option in ("--pcap", "--csv", "--stats"):
        status, _, err = run("listen", "udp:127.0.0.1:0", "--cfg-file", ref,
                             option, link, "--force")
        check(status == USAGE and "is read" in err, option, status, err)
    conf = write(os.path.join(folder, "run.csv"), "[daq]\ndriver = mock\n")
    status, _, err = run("run", "-C", conf, "--record", conf, "--force")
    check(status == USAGE and "is read" in err, status, err)
    check(bytes_of(conf) == b"[daq]\ndriver = mock\n")
    check((bytes_of(ref), bytes_of(dut)) == before, "files have changed")


def nothing_takes_no_files_place(folder):
    """A recording without a frame leaves what is there, and says so."""
    paths = {"--pcap": os.path.join(folder, "old.pcap"),
             "--csv": os.path.join(folder, "old.csv")}
    for path in paths.values():
        write(path, "yesterday")
    listener = Program("listen", "udp:127.0.0.1:0", "--force",
                       *(word for pair in paths.items() for word in pair))
    listener.port("udp")
    listener.end(signal.SIGINT)
    for path in paths.values():
        check(bytes_of(path) == b"yesterday", path, listener.stderr())
    # A PMU that tells its configuration and sends nothing: no row either.
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve_config, args=(server,))
        thread.start()
        run("listen", f"tcp:127.0.0.1:{server.getsockname()[1]}", "--idcode",
            "7", "--csv", paths["--csv"], "--force", "--retry", "0",
            "--timeout", "2s", "--duration", "5s")
        thread.join()
    check(bytes_of(paths["--csv"]) == b"yesterday", paths["--csv"])
    # The first report would come an hour from now.
    recorder = Program("run", "--source", "mock:f=50", "--listen",
                       "tcp:127.0.0.1:0", "--record", paths["--csv"],
                       "--force", "--start", "2099-01-01T00:00:00Z")
    recorder.port()
    recorder.end(signal.SIGINT)
    check(bytes_of(paths["--csv"]) == b"yesterday", recorder.stderr())
    check("left as it was" in recorder.stderr(), recorder.stderr())


def serve_config(server):
    """One client is told the configuration, then nothing but the end."""
    conn = server.accept()[0]
    with conn:
        while True:
            request = conn.recv(100)
            if len(request) < 16:
                return
            if request[15] == 5:
                conn.sendall(config(7))
            if request[15] == 2:
                return


# ---- the end ----

def files_that_end_before_the_goal_are_incomplete(folder):
    """Exit status 7, and JSON says why; a goal that is just reached is not."""
    ref = simulate(folder, "ref.pcap", duration="2s")
    dut = simulate(folder, "dut.pcap", duration="2s")
    slow = simulate(folder, "slow.pcap", "--rate", "10", duration="2s")
    for other, args, want, word in [
            (dut, ["--count", "100"], OK, None),
            (dut, ["--count", "101"], INCOMPLETE, "100 pairs of the 101"),
            (dut, ["--duration", "2s"], OK, None),
            (dut, ["--duration", "2.02s"], INCOMPLETE, "2 s of the 2.02 s"),
            (slow, ["--duration", "2s"], OK, None),
            (slow, ["--duration", "3s"], INCOMPLETE, "2 s of the 3 s"),
            (dut, [], OK, None)]:
        status, doc, err = compare(ref, other, *args)
        check(status == want, args, status, err)
        check(word in doc["incomplete"] if word else
              doc["incomplete"] is None, args, doc["incomplete"])


def nothing_judged_has_one_exit_status(folder):
    """11 where there are limits, as INDETERMINATE has; 7 without."""
    path = os.path.join(folder, "empty.pcap")
    cap = Capture()
    cap.udp(config(7))
    for k in range(50):
        cap.udp(data(7, k, stat=0x4000, phasors=((math.nan, math.nan),) * 2))
    with open(path, "wb") as f:
        f.write(cap.bytes)
    for args, want in [([], INCOMPLETE),
                       (["--limits", "2018:p"], INDETERMINATE)]:
        status, doc, err = compare(path, path, "--map", "VA=VA", *args)
        check(status == want, args, status, err)
        check((doc["judgement"] or {}).get("verdict") ==
              ("INDETERMINATE" if args else None), doc)


# ---- dates ----

def a_leap_second_is_on_the_grid(folder):
    """23:59:60 has the SOC of the second after it; frames, and a CSV."""
    args = ("--start", "2016-12-31T23:59:58Z", "--duration", "5s")
    path = os.path.join(folder, "leap.pcap")
    check(run("simulate", "--pace", "max", *args, "--stream",
              f"pcap:{path}")[0] == OK)
    pmu = Program("simulate", "--pace", "max", *args, "--listen",
                  "tcp:127.0.0.1:0")
    table = os.path.join(folder, "leap.csv")
    status, _, err = run("listen", f"tcp:127.0.0.1:{pmu.port()}", "--count",
                         "250", "--csv", table)
    pmu.process.kill()
    check(status == OK and b"23:59:60.98" in bytes_of(table), status, err)
    for other in (path, table):
        status, doc, err = compare(path, other)
        check(status == OK and doc["compared"]["judged"] == 250, other, err,
              doc["compared"])
        for side in ("ref", "dut"):
            check(doc[side]["off_grid"] == 0, other, side, doc[side])


def dates_that_contradict_are_refused(folder):
    """time_utc against soc and fracsec, to a microsecond, with the line."""
    good = listen_csv(folder, "good.csv")
    with open(good, newline="", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    for key, value, want in [("fracsec", "0.0200009", OK),
                             ("fracsec", "0.020002", INVALID),
                             ("fracsec", "0.52", INVALID),
                             ("fracsec", "", OK),
                             ("soc", str(int(rows[1]["soc"]) + 1), INVALID)]:
        path = os.path.join(folder, "edited.csv")
        edited = [dict(r) for r in rows]
        edited[1][key] = value
        with open(path, "w", newline="", encoding="utf-8") as f:
            out = csv.DictWriter(f, rows[0].keys())
            out.writeheader()
            out.writerows(edited)
        status, _, err = compare(good, path)
        check(status == want, key, value, status, err)
        check(want == OK or "edited.csv:3: time_utc and soc" in err, err)


def rows_without_flags_are_told(folder):
    """They count as ok; how many is said."""
    path = write(os.path.join(folder, "blank.csv"), "time_utc,flags,VA_rms,"
                 "VA_deg\n" + "".join(
                     f"2026-01-01T00:00:00.{20 * k:03}Z,{'ok' if k > 2 else ''}"
                     ",100,0\n" for k in range(20)))
    status, doc, err = compare(path, path)
    check(status == OK and err.count("3 of 20 rows have no flags") == 2,
          status, err)
    check(doc["compared"]["judged"] == 20, doc["compared"])


def a_table_of_errors_is_told_from_one_of_reports(folder):
    """What compare has written is no input."""
    ref = simulate(folder, "ref.pcap", duration="1s")
    errors = os.path.join(folder, "errors.csv")
    check(compare(ref, ref, "--csv", errors)[0] == OK)
    for order in ((errors, ref), (ref, errors)):
        status, _, err = compare(*order)
        check(status == INVALID and "errors.csv: holds errors, as compare "
              "--csv writes them" in err, status, err)


if __name__ == "__main__":
    for test in (an_input_is_never_written_over, nothing_takes_no_files_place,
                 files_that_end_before_the_goal_are_incomplete,
                 nothing_judged_has_one_exit_status,
                 a_leap_second_is_on_the_grid,
                 dates_that_contradict_are_refused,
                 rows_without_flags_are_told,
                 a_table_of_errors_is_told_from_one_of_reports):
        with tempfile.TemporaryDirectory() as temp:
            test(temp)
