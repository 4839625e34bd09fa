#!/usr/bin/env python3
"""capture.py - cisoid capture from end to end: files, exit codes, signals."""
import math
import os
import signal
import struct
import subprocess
import sys
import tempfile
import time

CISOID = os.environ["CISOID"]
failures = 0


def check(truth, what):
    global failures
    if not truth:
        failures += 1
        print("FAILED:", what)


def capture(*args):
    return subprocess.run([CISOID, "capture", *args], capture_output=True,
                          text=True, timeout=120)


def rows(path, n_chan):
    form = struct.Struct("<II%df" % n_chan)
    with open(path, "rb") as f:
        return list(form.iter_unpack(f.read()))


def the_formula_is_recorded(folder):
    cfg = os.path.join(folder, "a.cfg")
    r = capture("--source", "mock:rate=6000,f=50.1,v=100,v_deg=30",
                "--start", "2026-01-02T03:04:05Z", "--duration", "250ms",
                "--station", "Nord, 1", "-o", cfg)
    check(r.returncode == 0, "exit 0: " + r.stderr)
    check(r.stdout == "", "nothing on standard output")
    check("1500 samples of 6 channels at 6000 Hz" in r.stderr, "summary")
    text = open(cfg, newline="").read().split("\r\n")
    check(text[0].startswith("Nord; 1-SIM,") and text[0].endswith(",2013"),
          "first line: " + text[0])
    check(text[8:14] == ["50", "1", "6000,1500",
                         "02/01/2026,03:04:05.000000000",
                         "02/01/2026,03:04:05.000000000", "FLOAT32"],
          "foot of the CFG: %s" % text[8:14])
    data = rows(os.path.join(folder, "a.dat"), 6)
    check(len(data) == 1500, "rows: %d" % len(data))
    for n, row in enumerate(data):
        va = math.sqrt(2) * 100 * math.cos(
            2 * math.pi * 50.1 * n / 6000 + math.radians(30))
        # Half a step of a float of 141 V.
        if row[0] != n + 1 or row[1] != round(n / 6000 * 1e6) \
                or abs(row[2] - va) > 141.5 * 2 ** -24 * 2:
            check(False, "row %d: %s, VA should be %.9g" % (n, row, va))
            break


def a_recording_of_a_recording_is_the_same(folder):
    b = os.path.join(folder, "b.cfg")
    r = capture("--source", "replay:" + os.path.join(folder, "a.cfg"),
                "-o", b, "--station", "Nord, 1")
    check(r.returncode == 0, "exit 0: " + r.stderr)
    for ext in ("cfg", "dat"):
        one = open(os.path.join(folder, "a." + ext), "rb").read()
        two = open(os.path.join(folder, "b." + ext), "rb").read()
        check(one == two, "a.%s and b.%s are the same" % (ext, ext))


def clipped_samples_are_told(folder):
    source = "mock:rate=6000,bits=16,range_v=%g"
    for form, range_v, told in (("float32", 100, "binary32"),
                                ("binary32", 100, "range\n"),
                                ("float32", 300, None)):
        r = capture("--source", source % range_v, "--duration", "250ms",
                    "--format", form, "--force",
                    "-o", os.path.join(folder, "clip.cfg"))
        told_so = "at the end of the converter's range" in r.stderr
        check(r.returncode == 0 and told_so == (told is not None)
              and (told is None or told in r.stderr),
              "%s at %g V: %s" % (form, range_v, r.stderr))


def mistakes_end_with_a_sentence_and_a_code(folder):
    a = os.path.join(folder, "a.cfg")
    new = os.path.join(folder, "new.cfg")
    mock = "mock:rate=6000"
    cases = [
        ([], 2, "--source"),
        (["--source", mock, "--duration", "1s"], 2, "-o FILE.cfg"),
        (["--source", mock, "-o", new], 2, "--duration"),
        (["--source", mock, "-o", new, "--duration", "never"], 2, "duration"),
        (["--source", mock, "-o", new, "--duration", "1s", "--format",
          "ascii"], 2, "float32"),
        (["--source", mock, "-o", new, "--duration", "1s", "--colour"], 2,
         "--colour"),
        (["--source", mock, "-o", a, "--duration", "1s"], 8, "exists"),
        (["--source", mock, "-o", new + ".cff", "--duration", "1s"], 2,
         "name the .cfg"),
        (["--source", "replay:" + folder, "-o", new], 3, "is a directory"),
        (["--source", "replay:" + new, "-o", new], 3, "no such file"),
        (["--source", "mock:rate=0", "-o", new, "--duration", "1s"], 2,
         "rate"),
        (["--source", "mock:rate=nan", "-o", new, "--duration", "1s"], 2,
         "rate"),
        (["--source", "replay:" + a, "-o", new, "--format", "binary32"], 2,
         "has no range"),
    ]
    before = sorted(os.listdir(folder))
    for args, code, word in cases:
        r = capture(*args)
        check(r.returncode == code and word in r.stderr,
              "%s: exit %d, %s" % (args, r.returncode, r.stderr))
    check(sorted(os.listdir(folder)) == before, "no files are left behind")


def an_interrupt_ends_the_recording_in_order(folder):
    """A loop that would not end."""
    cfg = os.path.join(folder, "long.cfg")
    source = "replay:%s,loop=1" % os.path.join(folder, "a.cfg")
    p = subprocess.Popen([CISOID, "capture", "--source", source, "-o", cfg,
                          "-q"], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not any(
            n.startswith("long.dat.") and
            os.path.getsize(os.path.join(folder, n)) > 0
            for n in os.listdir(folder)):
        pass
    p.send_signal(signal.SIGINT)
    _, err = p.communicate(timeout=60)
    check(p.returncode == 0 and err == b"",
          "exit 0 after SIGINT: %d %s" % (p.returncode, err))
    n = int(open(cfg).read().split("\n")[10].split(",")[1])
    size = os.path.getsize(os.path.join(folder, "long.dat"))
    check(size == n * 32, "%d rows and %d bytes agree" % (n, size))


def main():
    with tempfile.TemporaryDirectory() as folder:
        the_formula_is_recorded(folder)
        a_recording_of_a_recording_is_the_same(folder)
        clipped_samples_are_told(folder)
        mistakes_end_with_a_sentence_and_a_code(folder)
        an_interrupt_ends_the_recording_in_order(folder)
    return 1 if failures else 0


sys.exit(main())
