#!/usr/bin/env python3
"""How commands end: interrupted, unheard, without room, without a report."""
import os
import resource
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
        check(estimate.wait(60) == 0 and said == b"", said)


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
    # Within one minute: no second configuration.
    shell = ('"$0" simulate --start 2026-11-20T12:00:00Z --duration 100ms'
             ' --stream "pcap:$1" <&- >&- 2>&-')
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
    # Half a second of windows at 50 a second.
    check(len(out.splitlines()) > 20, out)


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


def what_is_read_is_not_written(path):
    """Under its own name, by a link, as data; and no output twice."""
    folder = os.path.dirname(path)
    link = os.path.join(folder, "link.csv")
    dat = path[:-3] + "dat"
    os.link(dat, link)
    before = open(dat, "rb").read()
    source = ["--source", "replay:" + path, "--force"]
    for args in (["estimate", path, "-o", path, "--force"],
                 ["estimate", path, "-o", dat, "--force"],
                 ["estimate", path, "-o", link, "--force"],
                 ["capture", *source, "-o", path],
                 ["run", *source, "--record", path],
                 ["run", *source, "--stream", "pcap:" + dat]):
        status, _, err = run(*args)
        check(status == 8 and "recording that is read" in err, args, err)
    os.unlink(link)
    check(open(dat, "rb").read() == before, "the data are as they were")
    new = os.path.join(folder, "new.csv")
    other = os.path.join(folder, ".", "new.csv")
    for args in (["listen", "tcp:127.0.0.1:1", "--csv", new, "--pcap", other],
                 ["run", "--duration", "1s", "--record", new, "--record",
                  other],
                 ["run", "--duration", "1s", "--record", new, "--stream",
                  "pcap:" + new],
                 ["simulate", "--duration", "1s", "--stream", "pcap:" + new,
                  "--stream", "pcap:" + other]):
        status, _, err = run(*args)
        check(status == 2 and "named twice" in err, args, err)
        check(not os.path.exists(new), args)


def a_full_disk_is_told_and_no_success(folder):
    """Here: a file that may not grow past 64 KiB."""
    path = os.path.join(folder, "full.cfg")
    done = subprocess.run([CISOID, "capture", "--source", "mock", "--duration",
                           "10s", "-o", path], capture_output=True, text=True,
                          timeout=60, check=False, preexec_fn=limit_files)
    check(done.returncode == 8 and "too large" in done.stderr.lower(), done.stderr)
    check(done.stderr.count("\n") == 1, done.stderr)
    check(not any(n.startswith("full") for n in os.listdir(folder)))


def limit_files():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))


def a_loop_with_holes_ends_by_its_dates(folder):
    """One sample a second: two in 2 s."""
    path = os.path.join(folder, "one.cfg")
    status, _, err = run("capture", "--source", "mock:rate=6000",
                         "--duration", "160us", "-o", path)
    check(status == 0 and " 1 samples" in err, err)
    status, _, err = run("run", "--source", f"replay:{path},loop=1",
                         "--duration", "2s", "--listen", "tcp:127.0.0.1:0")
    check(status == 0 and "scans=2 " in err, err)


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
        what_is_read_is_not_written(path)
        a_full_disk_is_told_and_no_success(folder)
        a_loop_with_holes_ends_by_its_dates(folder)


if __name__ == "__main__":
    main()
