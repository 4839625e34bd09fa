#!/usr/bin/env python3
"""simulate --sink finds each fault of a PDC: how many frames, and of which PMU.

The PDC is tests/support/pdc.py, which does on demand what a PDC should not. Its
faults hit frames by their number since data went on, so every count is exact.
"""
import concurrent.futures
import json
import os
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import check, run  # noqa: E402

PDC = os.path.join(os.path.dirname(__file__), "..", "support", "pdc.py")
N = 10
OK, USAGE, CONNECTION, INCOMPLETE, FAIL = 0, 2, 6, 7, 10

# All PMUs say something else, so that a PMU is not taken for another.
FLEET = ["--count", str(N), "--mag_noise", "0.01", "--duration", "5s"]


class Pdc:
    """tests/support/pdc.py, until the end of the block."""

    def __init__(self, *args):
        self.process = subprocess.Popen(
            [sys.executable, PDC, "--pmus", str(N), *args],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        words = self.process.stdout.readline().split()
        self.udp, self.tcp = words[1], words[3]
        self.ports = words[3:]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)


# Nothing is late because a computer was busy.
PATIENT = ("--sink-late", "8s")


def sink(pdc, *args, words="", late=PATIENT):
    """Exit status, what was counted, standard error."""
    status, out, err = run("simulate", *FLEET, "--stream",
                           f"udp:127.0.0.1:{pdc.udp}", "--sink",
                           f"127.0.0.1:{pdc.tcp}{words}", "--json", *late, *args)
    got = json.loads(out)
    return status, got.get("sink", got), err


KINDS = ("changed", "missing", "lost", "late", "doubled", "unknown", "stale")


def counted(got, **expected):
    """Every kind as expected, what is not named 0; and the sum is right."""
    counts = {kind: got[kind] for kind in KINDS}
    check(counts == {kind: expected.get(kind, 0) for kind in KINDS}, got)
    check(got["expected"] == got["whole"] + got["changed"] + got["missing"] +
          got["lost"], got)
    check(got["expected"] >= 100 * N, got["expected"])


def worst(got):
    return {one["idcode"]: {kind: one[kind] for kind in KINDS if one[kind]}
            for one in got["worst"]}


# ---- what is no fault ----

def a_pdc_that_passes_everything_on_is_whole():
    with Pdc() as pdc:
        status, got, err = sink(pdc)
    check(status == OK, (got, err))
    counted(got)
    check(got["pmus"] == N and got["unlisted"] == [], got)
    check(got["worst"] == [], got)
    check(0 < got["latency_s"]["p50"] < 1, got)


def other_formats_idcodes_and_names_are_no_change():
    for args in (("--int",), ("--renumber",), ("--rename",), ("--foreign",)):
        with Pdc(*args) as pdc:
            status, got, err = sink(pdc)
        check(status == OK, (args, got, err))
        counted(got)


def a_pdc_of_half_the_rate_loses_nothing():
    with Pdc("--every", "2") as pdc:
        status, got, err = sink(pdc, "--rate", "100")
    check(status == OK, (got, err))
    counted(got)
    check(got["sent"] == 500 * N, got)
    check(got["expected"] <= 250 * N, got)


def frames_that_were_impaired_are_not_the_pdcs_loss():
    with Pdc() as pdc:
        status, got, err = sink(pdc, "--impair", "loss=5%,crc=2%,dup=2%")
    check(status == OK, (got, err))
    counted(got)
    check(got["filled"] > 0, got)


def bits_that_a_pdc_may_set_are_counted_apart():
    with Pdc("--fault", "sorted:3:10-19") as pdc:
        status, got, err = sink(pdc)
    check(status == OK, (got, err))
    counted(got)
    check(got["marked"]["sorted_by_arrival"] == 10, got)


def a_pdc_with_several_streams_is_one():
    """What does not go into one frame goes into several, each with a port."""
    with Pdc("--streams", "3", "--fault", "missing:9:10-12") as pdc:
        status, got, err = sink(pdc, *(
            word for port in pdc.ports[1:]
            for word in ("--sink", f"127.0.0.1:{port}")))
    check(status == INCOMPLETE, err)
    counted(got, missing=3)
    check(worst(got) == {9: {"missing": 3}}, got)
    check([one["ours"] for one in got["streams"]] in
          ([3, 3, 4], [3, 4, 3], [4, 3, 3]), got)
    check(got["unlisted"] == [], got)


# ---- faults ----

def blocks_filled_in_without_data_are_missing():
    with Pdc("--fault", "missing:3:10-14") as pdc:
        status, got, err = sink(pdc)
    check(status == INCOMPLETE, err)
    counted(got, missing=5)
    check(worst(got) == {3: {"missing": 5}}, got)


def other_values_are_changed():
    with Pdc("--fault", "change:4:20-22", "--fault",
             "trigger:9:30") as pdc:
        status, got, err = sink(pdc)
    check(status == FAIL, err)
    counted(got, changed=4)
    check(worst(got) == {4: {"changed": 3}, 9: {"changed": 1}}, got)
    check(got["changed_by"]["phasor"] == 3, got)
    check(got["changed_by"]["stat"] == 1, got)
    check("idcode=4" in err and "VA" in err, err)


def two_pmus_that_changed_places_are_changed():
    with Pdc("--fault", "swap:5:30-33") as pdc:
        status, got, err = sink(pdc)
    check(status == FAIL, err)
    counted(got, changed=8)
    check(worst(got) == {5: {"changed": 4}, 6: {"changed": 4}}, got)


def a_frame_that_never_comes_is_lost_of_every_pmu():
    with Pdc("--fault", "drop:0:40-42") as pdc:
        status, got, err = sink(pdc)
    check(status == INCOMPLETE, err)
    counted(got, lost=3 * N)
    check(worst(got)[N] == {"lost": 3}, got)


def late_is_told_and_fails_where_it_was_asked_for():
    with Pdc("--fault", "delay:0:50-51:1.3") as pdc:
        status, got, err = sink(pdc, late=())
    check(status == OK, (got, err))
    check(got["late_s"] == 1 and got["late"] >= 2 * N, got)
    counted(got, late=got["late"])
    check(got["latency_s"]["max"] > 1.3, got)
    with Pdc("--fault", "delay:0:50-51:7") as pdc:
        status, got, err = sink(pdc, late=("--sink-late", "5s"))
    check(status == INCOMPLETE, err)
    counted(got, late=2 * N)


def a_frame_that_comes_twice_is_doubled():
    with Pdc("--fault", "double:0:60-61") as pdc:
        status, got, err = sink(pdc)
    check(status == FAIL, err)
    counted(got, doubled=2 * N)


def pmus_that_the_pdc_does_not_list_are_named():
    with Pdc("--without", "3,8") as pdc:
        status, got, err = sink(pdc)
    check(status == INCOMPLETE, err)
    check(got["unlisted"] == [3, 8], got)
    counted(got)
    check("idcodes=3,8" in err, err)


def a_pdc_that_hangs_up_is_dialled_again():
    with Pdc("--hang-up", "60") as pdc:
        status, got, err = sink(pdc, "--duration", "8s")
    check(status == INCOMPLETE, (got, err))
    check(got["reconnects"] == 1, got)
    check(got["lost"] > 0 and got["lost"] % N == 0, got)
    counted(got, lost=got["lost"])


# ---- a relay ----

def a_relay_is_compared_stream_by_stream():
    with Pdc("--relay", "--fault", "drop:3:10-12", "--fault", "double:4:20",
             "--fault", "delay:5:30:1.3") as pdc:
        status, got, err = sink(pdc, late=())
    check(status == FAIL, (got, err))
    check(got["late"] >= 1, got)
    counted(got, lost=3, doubled=1, late=got["late"])
    check(worst(got) == {3: {"lost": 3}, 4: {"doubled": 1}}, got)
    check(len(got["streams"]) == N, got)


def a_change_of_the_configuration_is_followed():
    """What it adds is compared as well: the last bit is that of a digital."""
    event = {"type": "config_change", "at": 3, "announce": 1, "analogs": 2,
             "digitals": 1, "format": "rect,int"}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as f, \
            Pdc("--relay", "--fault", "change:2:170-174") as pdc:
        json.dump({"title": "Another", "events": [event]}, f)
        f.flush()
        status, got, err = sink(pdc, "--scenario", f.name)
    check(status == FAIL, (got, err))
    counted(got, changed=5)
    check(got["changed_by"]["digital"] == 5, got)
    check(worst(got) == {2: {"changed": 5}}, got)


def frames_that_come_unasked_by_udp_are_compared():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    status, out, err = run("simulate", "--count", "3", "--concentrate",
                           "--duration", "3s", "--stream",
                           f"udp:127.0.0.1:{port}", "--sink",
                           f"udp:127.0.0.1:{port}", "--json")
    got = json.loads(out)["sink"]
    check(status == OK, (got, err))
    check(got["whole"] == got["sent"] == 3 * 150, got)


# ---- who is asked ----

def a_pdc_that_wants_its_idcode_gets_it():
    with Pdc("--strict") as pdc:
        status, got, err = sink(pdc, "--duration", "7s")
        check(status == CONNECTION, (got, err))
        check("idcode=N" in err, err)
    with Pdc("--strict") as pdc:
        status, got, err = sink(pdc, words=",idcode=7")
    check(status == OK, (got, err))
    counted(got)


def a_pdc_that_is_not_there_is_told():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    status, _, err = run("simulate", "--count", "2", "--duration", "1s",
                         "--stream", f"udp:127.0.0.1:{port}", "--sink",
                         f"127.0.0.1:{port}")
    check(status == CONNECTION, err)
    check("refused" in err, err)


def the_table_says_the_same():
    with Pdc("--fault", "missing:3:10-14") as pdc:
        status, out, err = run(
            "simulate", *FLEET, "--stream", f"udp:127.0.0.1:{pdc.udp}",
            "--sink", f"tcp:127.0.0.1:{pdc.tcp}", *PATIENT)
    check(status == INCOMPLETE, err)
    lines = {line.split()[0]: line.split() for line in out.splitlines()
             if line.strip()}
    check(lines["missing"][1] == "5", out)
    check(lines["lost"][1] == "0", out)
    check("latency" in lines and "3" in lines, out)


def what_makes_no_sense_is_refused():
    for args, words in (
            (("--sink", "127.0.0.1"), "no port"),
            (("--sink", "127.0.0.1:99999"), "99999"),
            (("--sink", "127.0.0.1:4712,idcode=0"), "idcode"),
            (("--sink", "127.0.0.1:4712,idcode=x"), "idcode"),
            (("--sink", "127.0.0.1:4712,bogus=1"), "bogus"),
            (("--sink", "127.0.0.1:4712,idcode=7,idcode=8"),
             "idcode is given twice"),
            (("--sink", "127.0.0.1:4712", "--pace", "max"), "--pace"),
            (("--sink-late", "1s"), "--sink"),
            (("--sink", "127.0.0.1:4712", "--sink-late", "0"),
             "--sink-late")):
        status, _, err = run("simulate", "--stream", "udp:127.0.0.1:9",
                             "--duration", "1s", *args)
        check(status == USAGE, (args, status, err))
        check(words in err, (args, err))


TESTS = [
    a_pdc_that_passes_everything_on_is_whole,
    other_formats_idcodes_and_names_are_no_change,
    a_pdc_of_half_the_rate_loses_nothing,
    frames_that_were_impaired_are_not_the_pdcs_loss,
    bits_that_a_pdc_may_set_are_counted_apart,
    a_pdc_with_several_streams_is_one,
    blocks_filled_in_without_data_are_missing,
    other_values_are_changed,
    two_pmus_that_changed_places_are_changed,
    a_frame_that_never_comes_is_lost_of_every_pmu,
    late_is_told_and_fails_where_it_was_asked_for,
    a_frame_that_comes_twice_is_doubled,
    pmus_that_the_pdc_does_not_list_are_named,
    a_pdc_that_hangs_up_is_dialled_again,
    a_relay_is_compared_stream_by_stream,
    a_change_of_the_configuration_is_followed,
    frames_that_come_unasked_by_udp_are_compared,
    a_pdc_that_wants_its_idcode_gets_it,
    a_pdc_that_is_not_there_is_told,
    the_table_says_the_same,
    what_makes_no_sense_is_refused,
]


def attempt(test):
    try:
        test()
    except (Exception, SystemExit) as error:
        return f"{test.__name__}: {error!r}"
    return None


def main():
    wanted = [t for t in TESTS if not sys.argv[1:] or t.__name__ in sys.argv]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        failed = list(filter(None, pool.map(attempt, wanted)))
    for line in failed:
        print(line, file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
