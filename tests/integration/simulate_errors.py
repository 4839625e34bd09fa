#!/usr/bin/env python3
"""simulate refuses nonsense with a sentence and the right exit status."""
import os
import signal
import socket
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, check, run  # noqa: E402

USAGE, CONNECTION, STORAGE = 2, 6, 8

CASES = [
    (["--f", "nan"], USAGE, "--f: \"nan\" is not a number"),
    (["--f", "0"], USAGE, "--f: 0 is not within"),
    (["--f", "5000"], USAGE, "not within 1 to 1000"),
    (["--f"], USAGE, "--f needs a value"),
    (["--v", "-1"], USAGE, "--v: -1 is not within"),
    (["--fnom", "55"], USAGE, "neither 50 nor 60"),
    (["--seq", "bac"], USAGE, "neither abc nor acb"),
    (["--step_mag", "0.1"], USAGE, "give step_s"),
    (["--rate", "0"], USAGE, "--rate"),
    (["--rate", "nan"], USAGE, "--rate"),
    (["--rate", "2.5"], USAGE, "--rate"),
    (["--duration", "0"], USAGE, "--duration"),
    (["--duration", "nan"], USAGE, "--duration"),
    (["--duration", "-1s"], USAGE, "--duration"),
    (["--idcode", "0"], USAGE, "--idcode"),
    (["--idcode", "65535"], USAGE, "--idcode"),
    (["--pace", "slow"], USAGE, "neither real nor max"),
    (["--start", "soon"], USAGE, "--start"),
    (["--start", "9999-01-01T00:00:00Z"], USAGE, "2261"),
    (["--start", "2110-01-01T00:00:00Z"], USAGE, "1970 to 2106"),
    (["--start", "1969-12-31T23:59:59Z"], USAGE, "1970 to 2106"),
    (["--start", "now+1e300d"], USAGE, "--start"),
    (["--duration", "1e300"], USAGE, "--duration"),
    (["--format", "float32"], USAGE, "--format"),
    (["--rocoff", "1"], USAGE, "did you mean --rocof?"),
    (["--station", "A-STATION-OF-SIMULATED-DATA"], USAGE, "16"),
    (["stray"], USAGE, "no argument is expected"),
    (["--stream", "nonsense"], USAGE, "udp:HOST:PORT"),
    (["--stream", "udp:127.0.0.1"], USAGE, "port"),
    (["--listen", "tcp:127.0.0.1:70000"], USAGE, "65535"),
    (["--listen", "tcp:192.0.2.1:4712"], CONNECTION, "192.0.2.1"),
    (["--stream", "pcap:/"], None, "directory"),
]


def nonsense_is_refused():
    """Each case: status and a part of the sentence; one line, no output."""
    for args, status, says in CASES:
        got, out, err = run("simulate", "--duration", "1s", "--pace", "max",
                            *args)
        check(got != 0 and (status is None or got == status), args, got, err)
        check(says in err, args, err)
        check(err.startswith("cisoid simulate: ") and err.count("\n") == 1,
              args, err)
        check(out == "", args, out)


def a_port_in_use_is_refused_when_it_was_asked_for():
    """Exit 6; another endpoint that is fine does not help."""
    sock = socket.create_server(("127.0.0.1", 0))
    port = sock.getsockname()[1]
    status, _, err = run("simulate", "--listen", "tcp:127.0.0.1:0",
                         "--listen", f"tcp:127.0.0.1:{port}")
    check(status == CONNECTION and "in use" in err and str(port) in err,
          status, err)


def a_default_port_in_use_is_a_warning():
    """Whoever has 4712, this test or another program, keeps it."""
    with socket.socket() as held:
        try:
            held.bind(("127.0.0.1", 4712))
            held.listen()
        except OSError:
            print("somebody else has the port 4712, and may give it up")
            return
        first = Program("simulate")
        check(first.port() != 4712, first.stderr())
        check("warning" in first.stderr() and "in use" in first.stderr(),
              first.stderr())
        check(first.end(signal.SIGINT) == 0, first.stderr())


def a_capture_is_not_overwritten():
    """Without --force."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x.pcap")
        args = ["simulate", "--duration", "1s", "--pace", "max", "--stream",
                f"pcap:{path}"]
        check(run(*args)[0] == 0, "first")
        size = os.path.getsize(path)
        status, _, err = run(*args)
        check(status == STORAGE and "--force" in err, status, err)
        check(os.path.getsize(path) == size, "was touched")
        check(run(*args, "--force")[0] == 0, "--force")


def a_station_says_that_it_is_simulated():
    """A name without SIM is changed, with a warning."""
    status, _, err = run("simulate", "--duration", "0.1s", "--pace", "max",
                         "--station", "LYON", "--stream", "udp:127.0.0.1:9")
    check(status == 0 and "warning" in err and "LYON-SIM" in err, status, err)


def what_receivers_will_not_understand_is_told():
    """DATA_RATE below 0, and seconds that no longer fit SOC: once."""
    with tempfile.TemporaryDirectory() as folder:
        to = ["--pace", "max", "--stream", f"pcap:{folder}/x.pcap", "--force"]
        status, _, err = run("simulate", "--rate", "1/5", "--duration", "20s",
                             *to)
        check(status == 0 and err.count("DATA_RATE is -5") == 1, status, err)
        status, _, err = run("simulate", "--rate", "1", "--duration", "4s",
                             *to)
        check(status == 0 and "warning: --rate" not in err and
              "1970" not in err, status, err)
        status, _, err = run("simulate", "--start", "2106-02-07T06:28:14Z",
                             "--rate", "1", "--duration", "4s", *to)
        check(status == 0 and
              err.count("SOC ends at 2106-02-07T06:28:15Z") == 1, status, err)


if __name__ == "__main__":
    nonsense_is_refused()
    a_port_in_use_is_refused_when_it_was_asked_for()
    a_default_port_in_use_is_a_warning()
    a_capture_is_not_overwritten()
    a_station_says_that_it_is_simulated()
    what_receivers_will_not_understand_is_told()
