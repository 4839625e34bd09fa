#!/usr/bin/env python3
"""How commands end: interrupted, unheard, without room, without a report."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import CISOID, Program, check, run  # noqa: E402


def recording(folder):
    """One second of a 50 Hz signal."""
    path = os.path.join(folder, "a.cfg")
    status, _, err = run("capture", "--source", "mock", "--duration", "1s",
                         "-o", path)
    check(status == 0, err)
    return path


def a_demo_that_is_stopped_judges_nothing():
    demo = Program("demo")
    demo.port()
    check(demo.end(signal.SIGINT) == 12, demo.stderr())
    check("FAIL" not in demo.process.stdout.read())


def a_run_stopped_before_a_sample_is_no_fault(folder):
    """Files or not: it depends on how soon the signal comes."""
    path = os.path.join(folder, "kept.cfg")
    pmu = Program("run", "--source", "mock", "--listen", "tcp:127.0.0.1:0",
                  "--record", path)
    pmu.port()
    check(pmu.end(signal.SIGTERM) == 0, pmu.stderr())


def a_reader_who_leaves_is_no_fault(path):
    """As of `| head -n 1`."""
    with subprocess.Popen([CISOID, "estimate", path, "--rate", "200"],
                          stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as estimate:
        estimate.stdout.close()
        said = estimate.stderr.read()
        check(estimate.wait(20) == 0 and said == b"", said)


def a_full_device_is_told():
    for args in (["--help"], ["run", "--help"], ["config", "default"],
                 ["--version"]):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([CISOID, *args], stdout=full,
                                  stderr=subprocess.PIPE, check=False)
        check(done.returncode == 8, args, done.returncode)
        check(b"No space left" in done.stderr, args, done.stderr)


def closed_streams_are_no_trap(folder):
    """As a careless daemon starts programs."""
    path = os.path.join(folder, "closed.pcap")
    shell = '"$0" simulate --duration 100ms --stream "pcap:$1" <&- >&- 2>&-'
    done = subprocess.run(["sh", "-c", shell, CISOID, path], check=False)
    check(done.returncode == 0, "exit status", done.returncode)
    status, out, err = run("decode", path)
    check(status == 0 and len(out.splitlines()) == 6, out, err)


def a_full_capture_ends_listen():
    pmu = Program("simulate", "--listen", "tcp:127.0.0.1:0")
    status, _, err = run("listen", f"tcp:127.0.0.1:{pmu.port()}",
                         "--pcap", "/dev/full")
    check(status == 8 and "No space left" in err, status, err)
    check("too long" not in err, err)
    pmu.end(signal.SIGTERM)


def an_odd_line_frequency_is_told(path):
    """A railway's: 50 Hz is taken, aloud."""
    with open(path, encoding="ascii") as cfg:
        text = cfg.read()
    odd = path.replace("a.cfg", "odd.cfg")
    with open(odd, "w", encoding="ascii") as cfg:
        cfg.write(text.replace("\n50\n", "\n16.7\n"))
    shutil.copy(path.replace(".cfg", ".dat"), odd.replace(".cfg", ".dat"))
    status, out, err = run("estimate", odd)
    check(status == 0 and "16.7 Hz" in err and "--fnom" in err, err)
    check(len(out.splitlines()) == 50, out)


def a_recording_too_slow_is_refused_alike(folder):
    """Fewer than six samples a cycle: by estimate and run, with its name."""
    path = os.path.join(folder, "slow.cfg")
    status, _, err = run("capture", "--source", "mock:rate=250", "--duration",
                         "1s", "-o", path)
    check(status == 0, err)
    for args in (["estimate", path], ["run", "--source", "replay:" + path]):
        status, _, err = run(*args)
        check(status == 3 and "slow.cfg" in err and "250" in err, args, err)


def a_rate_too_low_is_no_short_recording(path):
    """1 s of data holds no whole window about a whole second."""
    status, out, err = run("estimate", path, "--rate", "1")
    check(status == 0 and len(out.splitlines()) == 1, out)
    check("--rate" in err and "too short" not in err, err)


def main():
    a_demo_that_is_stopped_judges_nothing()
    a_full_device_is_told()
    a_full_capture_ends_listen()
    with tempfile.TemporaryDirectory() as folder:
        a_recording_too_slow_is_refused_alike(folder)
        closed_streams_are_no_trap(folder)
        a_run_stopped_before_a_sample_is_no_fault(folder)
        path = recording(folder)
        a_reader_who_leaves_is_no_fault(path)
        an_odd_line_frequency_is_told(path)
        a_rate_too_low_is_no_short_recording(path)


if __name__ == "__main__":
    main()
