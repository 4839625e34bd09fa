#!/usr/bin/env python3
"""Bad input to `cisoid run` gets a sentence, the right exit status, no crash."""
import os
import socket
import subprocess
import sys
import tempfile

CISOID = os.environ["CISOID"]
bad = 0


def check(what, status, words, *args):
    """The status, every word in the message, nothing on standard output."""
    global bad
    got = subprocess.run([CISOID, *args], capture_output=True, text=True,
                         timeout=120)
    ok = got.returncode == status and all(w in got.stderr for w in words)
    ok = ok and got.stdout == ""
    print(("ok  " if ok else "BAD ") + what)
    if not ok:
        print(f"  wanted {status} {words},"
              f" got {got.returncode}: {got.stderr!r}")
        bad += 1


def check_sources(d):
    empty = os.path.join(d, "empty.cfg")
    open(empty, "w").close()
    udp = "udp:127.0.0.1:9"
    check("a missing file", 3, ["nothere.cfg"],
          "run", "--source", f"replay:{d}/nothere.cfg", "--stream", udp)
    check("an empty file", 3, ["empty.cfg"],
          "run", "--source", f"replay:{empty}", "--stream", udp)
    check("a directory as file", 3, [d, "directory"],
          "run", "--source", f"replay:{d}", "--stream", udp)
    check("no file", 2, ["replay"], "run", "--source", "replay:")
    check("an unknown key of replay", 2, ["lop", "loop"],
          "run", "--source", f"replay:{d}/a.cfg,lop=1")
    check("rate=0", 2, ["rate"], "run", "--source", "mock:rate=0")
    check("rate=nan", 2, ["rate"], "run", "--source", "mock:rate=nan")
    check("an unknown key", 2, ["frq"], "run", "--source", "mock:frq=50")
    check("a key given twice", 2, ["mock: f is given twice; give it once"],
          "run", "--source", "mock:f=50,f=51")
    check("a key of a recording given twice", 2, ["loop is given twice"],
          "run", "--source", f"replay:{d}/a.cfg,loop=1,loop=0")
    check("a word of an endpoint given twice", 2, ["clients is given twice"],
          "run", "--listen", "tcp:127.0.0.1:0,clients=1,clients=2")
    check("a key given by a file twice", 3, ["given twice"],
          "run", "--set", "daq.signal=f=50,f=51")
    check("an unknown driver", 2, ["moc"], "run", "--source", "moc:f=50")
    check("a delay past what is estimated", 7, ["delay"], "run", "--source",
          "mock:delay_ns_va=1e9", "--duration", "100ms",
          "--listen", "tcp:127.0.0.1:0")
    check("no report instant in the data", 0, ["no instant", "rate"],
          "run", "--profile", "ls7", "--rate", "1/5", "--duration", "100ms",
          "--listen", "tcp:127.0.0.1:0")
    check("too few samples a cycle", 2, ["6"], "run", "--source",
          "mock:rate=200", "--listen", "tcp:127.0.0.1:0")



def check_channels():
    """The channel map."""
    check("a channel there is not", 3, ["channel \"VX\"", "\"VA\""],
          "run", "--set", "channel.VX.gain=1")
    check("a gain of nothing", 3, ["gain", "0"],
          "run", "--set", "channel.VA.gain=0")
    check("a delay of a second", 2, ["delay_ns", "1e+07"],
          "run", "--set", "channel.VA.delay_ns=1e9")
    check("a ratio below zero", 2, ["ratio"],
          "run", "--set", "channel.VA.ratio=-5")
    check("an unknown key of a channel", 2, ["gian", "gain"],
          "run", "--set", "channel.VA.gian=1")


def check_options():
    check("--rate 0", 2, ["--rate"], "run", "--rate", "0")
    check("--rate nan", 2, ["--rate"], "run", "--rate", "nan")
    check("--fnom 55", 2, ["--fnom"], "run", "--fnom", "55")
    check("--idcode 0", 2, ["--idcode"], "run", "--idcode", "0")
    check("--idcode 65535", 2, ["--idcode"], "run", "--idcode", "65535")
    check("no --station", 2, ["--station"], "run", "--station", "")
    check("a long --station", 2, ["--station", "16"],
          "run", "--station", "12345678901234567")
    check("a --station of two lines", 2, ["--station", "control"],
          "run", "--station", "a\nb")
    check("--duration 0", 2, ["--duration"], "run", "--duration", "0")
    check("--format", 2, ["--format"], "run", "--format", "polar,real")
    check("an unknown profile", 2, ["ls8"], "run", "--profile", "ls8")
    check("--time", 2, ["gps"], "run", "--time", "gps")
    check("an unknown option", 2, ["--lisen", "--listen"],
          "run", "--lisen", "x")
    check("an option without its value", 2, ["--source", "value"],
          "run", "--source")
    check("an operand", 2, ["fast"], "run", "fast")
    check("a bad endpoint", 2, ["tpc"], "run", "--listen", "tpc:1.2.3.4:5")
    check("a port out of range", 2, ["70000"],
          "run", "--listen", "tcp:127.0.0.1:70000")
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        check("a port in use", 6, [str(port)],
              "run", "--listen", f"tcp:127.0.0.1:{port}")


def check_values(d):
    """Values that the table of keys cannot judge: file and line, status 3."""
    path = os.path.join(d, "values.conf")
    for section, line, words in [
            ("bench", "nominal_freq = 55 Hz", ["50 Hz"]),
            ("bench", "name = Much too long a name", ["16"]),
            ("daq", "signal = f=50.1,frq=3", ["frq"]),
            ("reference", "profile = ls8", ["ls8"]),
            ("reference", "rates = 33.3", ["33.3"]),
            ("stream.main", "format = polar,real", ["real"]),
            ("stream.main", "listen = tcp:127.0.0.1:0, tcp:1.2.3.4:70000",
             ["70000"])]:
        with open(path, "w") as f:
            f.write(f"[{section}]\n{line}\n")
        words = ["values.conf:2", *words]
        check(line, 3, words, "run", "-C", path)
        check(line + ", checked", 3, words, "config", "check", "-C", path)
    with open(path, "w") as f:
        f.write("rate = 1 kHz\n")
    check("a key before any section", 3, ["values.conf:1", "section"],
          "run", "-C", path)


def check_files(d):
    typo = os.path.join(d, "typo.conf")
    with open(typo, "w") as f:
        f.write("[daq]\n\nrat = 18 kHz\n")
    taken = os.path.join(d, "taken.csv")
    with open(taken, "w") as f:
        f.write("mine\n")
    check("a typo in a file", 3, ["typo.conf:3", '"rat"', '"rate"'],
          "run", "-C", typo)
    check("a missing configuration", 3, ["none.conf"],
          "run", "-C", f"{d}/none.conf")
    check("a directory as configuration", 3, ["directory"], "run", "-C", d)
    check("a typo in --set", 2, ["--set", "rat"],
          "run", "--set", "daq.rat=1")
    check("an existing file", 8, ["taken.csv", "--force"],
          "run", "--record", taken, "--listen", "tcp:127.0.0.1:0")
    check("a record of no known kind", 2, ["x.txt"],
          "run", "--record", "x.txt", "--listen", "tcp:127.0.0.1:0")
    with open(taken) as f:
        if f.read() != "mine\n":
            sys.exit("BAD the existing file was touched")


def main():
    with tempfile.TemporaryDirectory() as d:
        check_sources(d)
        check_channels()
        check_options()
        check_files(d)
        check_values(d)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
