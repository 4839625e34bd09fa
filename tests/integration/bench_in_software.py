#!/usr/bin/env python3
"""The whole bench in software: a reference with bad transducers and a channel
map that undoes them, a PMU with a known error, and the comparison of the two.

Three processes a test, over TCP: steady, ramp, AM, PM, and both steps. The
truth is computed here, apart from the program.
"""
import cmath
import csv
import datetime
import json
import math
import os
import socket
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, check, run  # noqa: E402
from signal_truth import CHANNELS, Signal  # noqa: E402
from synchro import SEND_HDR, command, split  # noqa: E402

# docs/bench.md: the reference is good to 1e-3 %.
TVE_PCT = 1e-3
DURATION_S = 3
N_PAIR = 110  # 0.26 s are wanting at the start, and 0.3 s at the end
# Expanded: the reference's 1e-3 % of TVE, in magnitude or in angle.
STATED = f"tve=0.001,me=0.001,pe={math.degrees(1e-5)}"
STARTS = 18  # of the program, before the first sample

# What stands before the converter: factor and delay of each transducer, and
# inputs that are taken one after the other, which nobody tells.
GAIN = (0.997, 1.004, 0.9985, 1.008, 0.995, 1.002)
DELAY_NS = (3000, -2000, 5000, 12000, 8000, -4000)
SKEW_NS = 2500

# name: the signal, and the error of the PMU.
TESTS = {
    "steady": (Signal(f=50.2), {"err_pct": 0.3}),
    "ramp": (Signal(f=49.2, rocof=1), {"err_us": 20}),
    "am": (Signal(am=0.1, am_hz=2), {"err_pct": -0.2, "err_deg": 0.05}),
    "pm": (Signal(pm=0.1, pm_hz=2), {"err_deg": 0.1}),
    "step_mag": (Signal(step_mag=0.1, step_s=1.513), {"err_pct": 0.3}),
    "step_deg": (Signal(step_deg=10, step_s=1.513), {"err_deg": -0.1}),
}


def transducers():
    """The keys of mock for the bad transducers."""
    keys = []
    for name, gain, delay in zip(CHANNELS, GAIN, DELAY_NS):
        keys.append(f"gain_{name.lower()}={gain}")
        keys.append(f"delay_ns_{name.lower()}={delay}")
    return ",".join(keys) + f",skew_ns={SKEW_NS},declared=0"


def write_map(path):
    """Their inverse; input i is taken i times the skew after the first."""
    with open(path, "w", encoding="utf-8") as out:
        for i, name in enumerate(CHANNELS):
            out.write(f"[channel.{name}]\ngain = {1 / GAIN[i]!r}\n"
                      f"delay_ns = {i * SKEW_NS - DELAY_NS[i]}\n")


def error_factor(err, signal, chan, t):
    """What the PMU's error makes of the true phasor, as a factor."""
    late_s = err.get("err_us", 0) * 1e-6
    factor = cmath.rect(1 + err.get("err_pct", 0) / 100,
                        math.radians(err.get("err_deg", 0)))
    # It sees the signal of t + late_s; its time stamps say t.
    seen = signal.phasor(chan, t + late_s) * cmath.exp(
        2j * math.pi * 50 * late_s)
    return factor * seen / signal.phasor(chan, t)


def reports(path, start):
    """(t, phasors, frequency, ROCOF, flags, notes) of each line of a CSV."""
    with open(path, newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            yield (int(row["soc"]) - start + float(row["fracsec"]),
                   [cmath.rect(float(row[f"{c}_rms"]),
                               math.radians(float(row[f"{c}_deg"])))
                    for c in CHANNELS],
                   float(row["freq_hz"]), float(row["rocof_hz_per_s"]),
                   row["flags"], row["notes"])


def check_reference(name, signal, path, start):
    """Every report against the truth."""
    worst, n = 0, 0
    for t, phasors, _, _, flags, notes in reports(path, start):
        check(flags == "ok", name, t, flags)
        for chan, phasor in enumerate(phasors):
            truth = signal.phasor(chan, t)
            tve = 100 * abs(phasor - truth) / abs(truth)
            check(tve <= TVE_PCT, name, t, CHANNELS[chan], tve, notes)
            worst = max(worst, tve)
        n += 1
    # Half a window of 25 reports is missing before, and it and two cycles
    # behind.
    check(n >= 50 * (DURATION_S - 0.6), name, n, "reports")
    print(f"{name}: {n} reports, TVE of the reference at most {worst:.1e} %")


def rfc3339(posix_s):
    """A whole second, as options want it."""
    at = datetime.datetime.fromtimestamp(posix_s, datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def expected(err, signal, first, last):
    """ME in % and PE in degrees that the PMU has: lists, one per report."""
    factors = [error_factor(err, signal, 0, k / 50)
               for k in range(round(50 * first), round(50 * last) + 1)]
    return ([100 * (abs(f) - 1) for f in factors],
            [math.degrees(cmath.phase(f)) for f in factors])


def posix_s(text):
    """Of an instant in JSON, to 1 us."""
    return datetime.datetime.fromisoformat(text[:26] + "+00:00").timestamp()


def check_found(name, what, found, wanted):
    """Mean, largest and smallest, each within the uncertainty stated."""
    u = found["u"]
    check(found["missing"] == 0, name, what, found)
    for key, value in (("mean", sum(wanted) / len(wanted)),
                       ("max", max(wanted)), ("min", min(wanted))):
        check(abs(found[key] - value) <= u, name, what, key, found[key],
              "for", value, "+-", u)


def check_comparison(name, text, start, channels=(*CHANNELS, "V+", "I+")):
    """What compare says of every channel."""
    signal, err = TESTS[name]
    result = json.loads(text)
    at = result["compared"]
    check(result["incomplete"] is None and result["map_remarks"] == [],
          name, text)
    check(at["judged"] == at["pairs"] >= N_PAIR, name, at)
    check([m["text"] for m in result["map"]]
          == [f"{c}={c}" for c in channels], name, result["map"])
    me_pct, pe_deg = expected(err, signal, posix_s(at["first"]) - start,
                              posix_s(at["last"]) - start)
    for chan in result["channels"]:
        where = f"{name}: {chan['dut']}"
        check_found(where, "ME", chan["me_pct"], me_pct)
        check_found(where, "PE", chan["pe_deg"], pe_deg)
    first = result["channels"][0]
    print(f"{name}: the PMU has ME {sum(me_pct) / len(me_pct):.6f} %, PE "
          f"{sum(pe_deg) / len(pe_deg):.6f} deg; found "
          f"{first['me_pct']['mean']:.6f} +- {first['me_pct']['u']:g}, "
          f"{first['pe_deg']['mean']:.6f} +- {first['pe_deg']['u']:g}")


def check_header(port):
    """The header frame tells which channels are corrected."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(command(1, SEND_HDR))
        stream, frames = bytearray(), []
        while not frames:
            stream += line.recv(4096)
            frames = split(stream)
    text = frames[0].body.decode("ascii")
    check(frames[0].kind == "hdr" and
          text.endswith("; corrected: " + " ".join(CHANNELS)), text)


class Bench:
    """One test: reference, PMU and what compares them."""

    def __init__(self, name, folder, start):
        self.name = name
        self.signal, err = TESTS[name]
        self.csv = os.path.join(folder, f"{name}.csv")
        when = ["--start", rfc3339(start), "--listen", "tcp:127.0.0.1:0"]
        self.ref = Program(
            "run", "-C", os.path.join(folder, "map.conf"), "--source",
            f"mock:{self.signal.spec()},{transducers()}", "--record",
            self.csv, "--duration", f"{DURATION_S}s", *when)
        # Longer: its end would end the comparison, and the reference is later.
        self.dut = Program("simulate", *self.signal.options(), *options(err),
                           "--duration", f"{DURATION_S + 2}s", *when)
        # This computer's clock need not be synchronised: both have it.
        self.compare = Program(
            "compare", f"tcp:127.0.0.1:{self.ref.port()}",
            f"tcp:127.0.0.1:{self.dut.port()}", "--count", str(N_PAIR),
            "--u", STATED, "--accept", "unsync", "--timeout", "60s", "--json")

    def end(self, start):
        """All three have done, and what they found is right."""
        text = self.compare.process.stdout.read()
        for part in (self.compare, self.ref, self.dut):
            check(part.end() == 0, self.name, part.stderr())
        check_reference(self.name, self.signal, self.csv, start)
        check_comparison(self.name, text, start)


def options(err):
    """The PMU's error, as simulate wants it."""
    return [word for k, v in err.items() for word in (f"--{k}", str(v))]


class Recorded:
    """The bench of one test from a recording of its samples."""

    def __init__(self, name, folder, start):
        self.name = name
        self.signal, err = TESTS[name]
        self.files = {kind: os.path.join(folder, f"recorded.{kind}")
                      for kind in ("cfg", "csv", "pcap")}
        when = ["--start", rfc3339(start), "--duration", f"{DURATION_S}s"]
        status, _, said = run(
            "capture", "--source",
            f"mock:{self.signal.spec()},{transducers()}", *when, "-o",
            self.files["cfg"])
        check(status == 0, said)
        status, _, said = run(
            "simulate", *self.signal.options(), *options(err), *when,
            "--pace", "max", "--stream", f"pcap:{self.files['pcap']}")
        check(status == 0, said)
        self.ref = Program(
            "run", "-C", os.path.join(folder, "map.conf"), "--source",
            f"replay:{self.files['cfg']}", "--listen", "tcp:127.0.0.1:0",
            "--record", self.files["csv"])

    def compare(self, ref):
        """The captured frames against reports in a file."""
        status, out, said = run("compare", ref, self.files["pcap"], "--u",
                                STATED, "--json")
        check(status == 0, self.name, said)
        return out

    def end(self, start):
        """As live; and without the map the transducers are to blame."""
        check(self.ref.end() == 0, self.ref.stderr())
        check_reference(f"{self.name}, recorded", self.signal,
                        self.files["csv"], start)
        check_comparison(self.name, self.compare(self.files["csv"]), start)
        raw = self.files["csv"] + ".raw"
        status, _, said = run("estimate", self.files["cfg"], "-o", raw)
        check(status == 0, said)
        err = TESTS[self.name][1].get("err_pct", 0)
        found = json.loads(self.compare(raw))["channels"]
        for gain, chan in zip(GAIN, found):
            check_found(f"without a map: {chan['dut']}", "ME", chan["me_pct"],
                        [100 * ((1 + err / 100) / gain - 1)])


def lead_s():
    """From now to the first sample, when all must be connected: five times what
    the starts of all take now, and room for a pause."""
    began = time.monotonic()
    run("--version")
    return 5 + math.ceil(5 * STARTS * (time.monotonic() - began))


def main():
    """All at once: they wait for the clock, not for the computer."""
    with tempfile.TemporaryDirectory() as folder:
        write_map(os.path.join(folder, "map.conf"))
        start = math.ceil(time.time()) + lead_s()
        benches = [Bench(name, folder, start) for name in TESTS]
        check_header(benches[0].ref.port())
        check(time.time() < start, "this machine is too slow to begin")
        recorded = Recorded("steady", folder, start)
        for bench in (*benches, recorded):
            bench.end(start)


main()
