#!/usr/bin/env python3
"""What frames of a scenario say, against formulas written here.

Numbers are float32 on the wire: half a unit of 24 bits, and that of the angle in
radians up to pi; tolerances are twice that.
"""
import cmath
import json
import math
import os
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import check, run  # noqa: E402
from synchro import Config, Data, Frame, pcap_payloads  # noqa: E402

START = "2026-11-21T12:00:00Z"
SOC = 1795262400
TOL = 2 ** -23
PHASES = [0, -2 * math.pi / 3, 2 * math.pi / 3]


def frames_of(folder, scenario, *args, start=START):
    """All frames, by IDCODE; `scenario` as a file, or the name of a preset."""
    path = os.path.join(folder, "x.pcap")
    words = ["--preset", scenario]
    if isinstance(scenario, dict):
        file = os.path.join(folder, "x.json")
        with open(file, "w", encoding="utf-8") as out:
            json.dump(scenario, out)
        words = ["--scenario", file]
    status, _, err = run("simulate", *words, "--pace", "max", "--start", start,
                         "--stream", f"pcap:{path}", "--force", *args)
    check(status == 0, scenario, err)
    found = {}
    for raw in pcap_payloads(path):
        frame = Frame(raw)
        check(frame.crc_ok, "CHK", scenario)
        found.setdefault(frame.idcode, []).append(frame)
    return found


def data_of(frames):
    """(t, Data) of each data frame, read by the configuration before it."""
    found, cfg = [], None
    for frame in frames:
        if frame.kind == "cfg2":
            cfg = Config(frame)
        elif frame.kind == "data":
            data = Data(cfg, frame)
            found.append((data.soc - SOC + data.k / cfg.rate, data))
    return found


def near(got, want, *what):
    check(abs(got - want) <= TOL * max(abs(want), 1), *what, got, "is not",
          want)


def same_frame(t, data, want, *what):
    """want: level, turns, frequency and ROCOF; 120 V and 5 A, balanced."""
    level, turns, freq_hz, rocof = want
    for c in range(6):
        rms = (120 if c < 3 else 5) * level
        value = cmath.rect(rms, 2 * math.pi * turns + PHASES[c % 3])
        # Of the magnitude, and of the angle up to pi.
        tol = TOL * rms * (1 + math.pi)
        check(abs(data.phasors[c] - value) <= tol, *what, "t", t, "channel", c,
              data.phasors[c], "is not", value)
    near(data.freq_hz, freq_hz, *what, "t", t, "frequency")
    near(data.rocof, rocof, *what, "t", t, "ROCOF")


# ---- events, u seconds after their beginning: level, turns, Hz, Hz/s ----

NOTHING = (1, 0, 0, 0)


def ramp(u):
    """1 Hz/s from 45 Hz to 55 Hz, which takes 10 s."""
    if u < 10:
        return 1, u * u / 2, u, 1
    return 1, 50 + 10 * (u - 10), 10, 0


def ramp_back(u):
    """1 Hz/s for 2 s, and back."""
    if u < 2:
        return 1, u * u / 2, u, 1
    if u < 4:
        return 1, 4 - (4 - u) ** 2 / 2, 4 - u, -1
    return 1, 4, 0, 0


def step(u):
    """+10 %, 5 degrees, for 0.4 of every second, twice."""
    if u < 2 and u % 1 < 0.4 - 1e-9:
        return 1.1, 5 / 360, 0, 0
    return NOTHING


def modulation(u):
    """10 % at 2 Hz, 0.1 rad at 3 Hz, for 2 s."""
    if u >= 2:
        return NOTHING
    w = 2 * math.pi * 3
    return (1 + 0.1 * math.sin(4 * math.pi * u),
            0.1 / (2 * math.pi) * math.sin(w * u),
            0.1 / (2 * math.pi) * w * math.cos(w * u),
            -0.1 / (2 * math.pi) * w * w * math.sin(w * u))


def oscillation(u):
    """2 %, 5 degrees at 0.5 Hz, damping ratio 5 %."""
    w = math.pi
    z = complex(-0.05 * w, w)
    x = cmath.exp(z * u)
    return (1 + 0.02 * x.imag, 5 / 360 * x.imag, 5 / 360 * (z * x).imag,
            5 / 360 * (z * z * x).imag)


def island(u):
    """-0.4 Hz for 2 s, until it begins to come back."""
    return (1, -0.4 * u, -0.4, 0) if u < 2 else None


CASES = [
    (45, {"type": "ramp", "at": 1, "rocof": 1, "to": 55}, ramp),
    (50, {"type": "ramp", "at": 1, "rocof": 1, "for": 2, "back": True},
     ramp_back),
    (49.9, {"type": "step", "at": 1, "mag": 0.1, "deg": 5, "for": 0.4,
            "every": 1, "times": 2}, step),
    (50.2, {"type": "modulation", "at": 1, "am": 0.1, "am_hz": 2, "pm": 0.1,
            "pm_hz": 3, "for": 2}, modulation),
    (50, {"type": "oscillation", "at": 1, "hz": 0.5, "mag": 0.02, "deg": 5,
          "damping": 0.05}, oscillation),
    (50, {"type": "island", "at": 1, "hz": -0.4, "for": 2}, island),
]


def events_alone(folder):
    """By seconds after the start, and by date."""
    for at in (1, "2026-11-21T12:00:01Z"):
        for f_hz, event, formula in CASES:
            frames = frames_of(folder, {"rate": 25, "signal": {"f": f_hz},
                                        "events": [dict(event, at=at)]},
                               "--duration", "13s")
            data = data_of(frames[1])
            check(len(data) == 13 * 25, event, len(data))
            for t, frame in data:
                want = NOTHING if t < 1 else formula(t - 1)
                if want:
                    level, turns, hz, rocof = want
                    same_frame(t, frame, (level, turns + (f_hz - 50) * t,
                                          f_hz + hz, rocof), event)


def an_island_comes_back(folder):
    """Frequency and angle are those of the rest; neither jumped."""
    frames = frames_of(folder, {"events": [CASES[-1][1]]}, "--duration", "10s")
    data = data_of(frames[1])
    for (_, a), (_, b) in zip(data, data[1:]):
        check(abs(cmath.phase(b.phasors[0] / a.phasors[0])) <
              2 * math.pi * 0.7 / 50, "the angle jumped")
    same_frame(*data[-1], (1, 0, 50, 0), "resynchronised")


def several_at_once(folder):
    """Factors are multiplied, turns added; channels that are not named stay."""
    events = [{"type": "step", "at": 0.5, "mag": -0.5, "channels": ["VB"]},
              {"type": "step", "at": 1, "mag": 0.1, "channels": ["V"]},
              {"type": "step", "at": 1, "deg": 30, "channels": ["IA", "IC"]}]
    frames = frames_of(folder, {"events": events}, "--duration", "2s")
    for t, data in data_of(frames[1]):
        early, late = t >= 0.5, t >= 1
        rms = [120 * (1.1 if late else 1)] * 3 + 3 * [5]
        rms[1] *= 0.5 if early else 1
        for c in range(6):
            turn = math.radians(30) if late and c in (3, 5) else 0
            want = cmath.rect(rms[c], PHASES[c % 3] + turn)
            check(abs(data.phasors[c] - want) <= 6 * TOL * rms[c], t, c)


def groups_and_the_command_line(folder):
    """A group's signal, an event of one group, and options that prevail."""
    scenario = {"count": 4, "signal": {"f": 50.1, "v": 100},
                "groups": {"north": {"pmus": "1,3", "signal": {"v": 200}},
                           "south": {"pmus": 4}},
                "events": [{"type": "step", "at": 0.5, "mag": 1,
                            "pmus": "south"}]}
    for args, volts, hz in (([], [200, 100, 200, 100], 50.1),
                            (["--v", "50"], [50, 50, 50, 50], 50.1),
                            (["--f", "49"], [200, 100, 200, 100], 49)):
        frames = frames_of(folder, scenario, "--duration", "1s", *args)
        check(sorted(frames) == [1, 2, 3, 4], sorted(frames))
        for idcode, found in frames.items():
            for t, data in data_of(found):
                factor = 2 if idcode == 4 and t >= 0.5 else 1
                near(abs(data.phasors[0]) / 100,
                     factor * volts[idcode - 1] / 100, args, idcode, t)
                near(data.freq_hz, hz, args, idcode, t)
    frames = frames_of(folder, scenario, "--duration", "1s", "--count", "2",
                       "--rate", "10")
    check(sorted(frames) == [1, 2], sorted(frames))
    check(len(data_of(frames[2])) == 10, "--rate prevails")


def pmus_differ_by_their_spread(folder):
    """Within what was asked for, once for ever, and not all alike."""
    frames = frames_of(folder, {"count": 40, "spread": {"mag": 0.01,
                                                        "deg": 10}},
                       "--duration", "0.1s")
    first = []
    for found in frames.values():
        phasors = [data.phasors for _, data in data_of(found)]
        check(all(p == phasors[0] for p in phasors), "it changes")
        first.append(phasors[0][0])
        check(abs(abs(phasors[0][0]) / 120 - 1) <= 0.01 + TOL, phasors[0])
        check(abs(math.degrees(cmath.phase(phasors[0][0]))) <= 10.0001,
              phasors[0])
        near(abs(phasors[0][1]), abs(phasors[0][0]), "a PMU is balanced")
    check(len(set(first)) == 40, "two are alike")
    check(max(abs(p) for p in first) > 120.6 and
          min(abs(p) for p in first) < 119.4, "it spreads over half at least")


def a_clock_that_is_lost(folder):
    """Angles are early by f e; time quality never claims better than it is."""
    drift = 50e-6
    scenario = {"signal": {"f": 50.5},
                "events": [{"type": "gps_loss", "at": 2, "for": 70,
                            "drift_us_per_s": 50}]}
    bound_s = [None] + [10.0 ** (n - 10) for n in range(1, 12)]
    worst = [0, 100e-9, 1e-6, 10e-6, 100e-6, 1e-3, 10e-3, math.inf]
    data = data_of(frames_of(folder, scenario, "--duration", "80s", "--rate",
                             "10")[1])
    check(len(data) == 800, len(data))
    for t, frame in data:
        late_s = drift * (t - 2) if 2 <= t < 72 else 0
        e = drift if 2 <= t < 72 else 0
        turns = 0.5 * t + 50.5 * late_s
        same_frame(t, frame, (1, turns, 50.5 * (1 + e), 0), "gps_loss")
        code = frame.time_quality & 15
        check(late_s == 0 or (code and bound_s[code] >= late_s), t, code)
        check(worst[frame.stat >> 6 & 7] >= late_s or code == 0, t,
              hex(frame.stat))
        lost_s = t - 2 if 2 <= t < 72 else 0
        want = 0 if lost_s < 10 else 1 if lost_s < 100 else 2
        check(frame.stat >> 4 & 3 == want or abs(lost_s - 10) < 0.2, t,
              "unlocked time", hex(frame.stat))
        # 1 % TVE is 31.8 us at 50 Hz; 60 s without its source are too long.
        if late_s > 31.9e-6 or lost_s > 60:
            check(frame.stat & 0x2000, t, "is not in sync")
        if late_s == 0 and not 2 <= t < 72:
            check(not frame.stat & 0x2000, t, "is in sync")


def outages(folder):
    """Silent, and without values; the other PMU goes on."""
    scenario = {"count": 3, "rate": 10,
                "events": [{"type": "outage", "at": 1, "for": 1, "pmus": 1},
                           {"type": "outage", "at": 1, "for": 1, "pmus": 2,
                            "mode": "invalid"}]}
    frames = frames_of(folder, scenario, "--duration", "3s")
    times = {i: [round(t, 3) for t, _ in data_of(found)]
             for i, found in frames.items()}
    whole = [k / 10 for k in range(30)]
    check(times[2] == whole and times[3] == whole, times)
    check(times[1] == whole[:10] + whole[20:], times[1])
    for t, data in data_of(frames[2]):
        gone = 1 <= t < 2
        check((data.stat >> 14 != 0) == gone, t, hex(data.stat))
        check(all(cmath.isnan(p) for p in data.phasors) == gone, t)
        check(math.isnan(data.freq_hz) == gone, t)


def flags(folder):
    """STAT, 6.3: bits 15-14, 13, 12, 11, 9."""
    words = {"test": 0x8000, "error": 0xC000, "sync": 0x2000,
             "sorting": 0x1000, "trigger": 0x0800, "modified": 0x0200}
    for word, bits in words.items():
        frames = frames_of(folder, {"rate": 10, "events": [
            {"type": "flags", "at": 1, "for": 1, "flags": [word]}]},
            "--duration", "3s")
        for t, data in data_of(frames[1]):
            check(data.stat & 0xFE00 == (bits if 1 <= t < 2 else 0), word, t,
                  hex(data.stat))


def a_configuration_changes(folder):
    """It is sent at once, counts on, and was announced."""
    scenario = {"rate": 10, "events": [
        {"type": "config_change", "at": 5, "announce": 2, "for": 3,
         "station": "LYON", "format": "rect,int"}]}
    frames = frames_of(folder, scenario, "--duration", "10s")[1]
    configs = [(f.soc - SOC + f.fracsec / 1e6, Config(f))
               for f in frames if f.kind == "cfg2"]
    check([t for t, _ in configs] == [0, 5, 8], [t for t, _ in configs])
    check([c.station for _, c in configs] ==
          ["CISOID-SIM", "LYON-SIM", "CISOID-SIM"], "stations")
    check([c.format & 15 for _, c in configs] == [15, 0, 15], "formats")
    counts = [c.cfgcnt for _, c in configs]
    check([(n - counts[0]) % 65536 for n in counts] == [0, 1, 2], counts)
    for t, data in data_of(frames):
        ahead = 3 <= t < 5 or 6 <= t < 8
        check(bool(data.stat & 0x0400) == ahead, t, hex(data.stat))
        # rect,int: half a unit of PHUNIT, of 1.5 times 120 V in 32767.
        check(abs(data.phasors[0] - 120) <= 0.01, t, data.phasors[0])


def leap_seconds(folder):
    """Bits and seconds of C37.118.2 6.2.2, at minutes that are no midnights."""
    at = SOC + 120
    for kind, step, bits in (("insert", 1, 0), ("delete", -1, 0x40)):
        for when in (100, "2026-11-21T12:02:00Z"):
            frames = frames_of(folder, {"rate": 2, "events": [
                {"type": "leap_second", "at": when, "kind": kind}]},
                "--duration", "180s")[1]
            data = [f for f in frames if f.kind == "data"]
            check(len(data) == 360, len(data))
            for n, frame in enumerate(data):
                # From the last second of the minute on.
                s = n // 2
                after = s >= 120 + step
                soc = SOC + s - (step if after else 0)
                if step > 0 and s == 120:
                    soc = at
                # In the minute that is longer or shorter.
                pending = s >= 60 and not after
                want = (0x20 if after else 0x10 if pending else 0)
                want |= bits if want else 0
                check((frame.soc, frame.fracsec) == (soc, n % 2 * 500000),
                      kind, when, n, frame.soc - SOC, soc - SOC)
                check(frame.time_quality & 0x70 == want, kind, when, n,
                      hex(frame.time_quality))


def a_leap_second_before_the_start(folder):
    """--start is what the first frame says; --t0 likewise."""
    scenario = {"rate": 10, "signal": {"f": 50.25}, "events": [
        {"type": "leap_second", "at": "2026-11-21T11:59:00Z"}]}
    frames = frames_of(folder, scenario, "--duration", "1s")[1]
    check((frames[1].soc, frames[1].fracsec) == (SOC, 0), frames[1].soc)
    check(frames[1].time_quality & 0x70 == 0x20, "it occurred")
    # A quarter of a turn a second; t0 is 61 s before.
    frames = frames_of(folder, scenario, "--duration", "1s", "--t0",
                       "2026-11-21T11:59:00Z")[1]
    check((frames[1].soc, frames[1].fracsec) == (SOC, 0), frames[1].soc)
    near(data_of(frames)[0][1].phasors[0].real, 120, "60 s after t0")
    frames = frames_of(folder, scenario, "--duration", "1s", "--t0",
                       "2026-11-21T11:58:59Z")[1]
    angle = cmath.phase(data_of(frames)[0][1].phasors[0])
    check(abs(angle - math.pi) < 1e-6 or abs(angle + math.pi) < 1e-6,
          "62 s after t0", angle)


def shards_agree(folder):
    """Two that send a part each say what one says."""
    scenario = {"count": 7, "seed": 3, "spread": {"mag": 0.1},
                "signal": {"deg_noise": 0.1},
                "events": [{"type": "step", "at": 0.3, "mag": 0.1,
                            "pmus": "2-5"}]}

    def raws(*args):
        return [f.raw for found in frames_of(
            folder, scenario, "--duration", "1s", *args).values()
            for f in found]
    whole = raws()
    check(sorted(whole) == sorted(raws("--shard", "1/2") +
                                  raws("--shard", "2/2")), "shards")


# ---- presets ----

def presets_say_what_they_promise(folder):
    """Against a PMU without errors, where the title has a figure."""
    def data(name, seconds, *args):
        return data_of(frames_of(folder, name, "--duration", f"{seconds}s",
                                 *args)[1])
    for name, volts in (("tve-mag", 120), ("tve-angle", 120),
                        ("tve-time", 120)):
        for t, frame in data(name, 1):
            tve = abs(frame.phasors[0] - volts) / volts
            check(abs(tve - 0.01) < 2e-6, name, t, tve)
    for t, frame in data("ramp", 40, "--rate", "10"):
        u = t % 30 - 5
        hz = (45 + u if 0 <= u < 10 else 55 if 10 <= u < 15 else
              70 - u if 15 <= u < 25 else 45)
        near(frame.freq_hz, hz, "ramp", t)
    for t, frame in data("step-mag", 15, "--rate", "10"):
        near(abs(frame.phasors[0]), 132 if t % 10 >= 5 else 120, "step", t)
    for t, frame in data("step-phase", 15, "--rate", "10"):
        near(math.degrees(cmath.phase(frame.phasors[0])),
             10 if t % 10 >= 5 else 0, "step", t)
    for t, frame in data("am", 1):
        near(abs(frame.phasors[0]) / 120,
             1 + 0.1 * math.cos(4 * math.pi * t), "am", t)
    for t, frame in data("pm", 1):
        near(cmath.phase(frame.phasors[0]),
             0.1 * math.cos(4 * math.pi * t - math.pi), "pm", t)
    for t, frame in data("unbalance", 1):
        near(abs(frame.phasors[0]) / abs(frame.phasors[1]), 1.05, "unbalance")
    near(data("off-nominal", 1)[7][1].freq_hz, 52, "off-nominal")
    check(data("60hz", 1)[-1][0] == 59 / 60, "60 frames of 60 Hz")
    for t, frame in data("harmonic", 1):
        near(frame.phasors[0].real, 120, "harmonic", t)


def presets_have_their_sizes(folder):
    """As many PMUs, and all of them 50 frames/s."""
    for count in (100, 1000, 5000):
        frames = frames_of(folder, f"pdc-{count}", "--duration", "0.04s")
        check(len(frames) == count, count, len(frames))
        check(all(sum(f.kind == "data" for f in found) == 2
                  for found in frames.values()), count)
    frames = frames_of(folder, "loss-bursts", "--duration", "1000s")[1]
    # 50 000 frames, bursts of 5: sigma of the share is
    # sqrt(0.01 * 0.99 * 9 / 50000) = 0.13 %, and this many of it are a billionth.
    share = 1 - sum(f.kind == "data" for f in frames) / 50000
    check(abs(share - 0.01) < 6.1 * 0.00134, "loss", share)


def a_list_of_presets():
    status, out, err = run("simulate", "--preset", "list")
    names = [line.split()[0] for line in out.splitlines()]
    check(status == 0 and not err and len(names) == len(set(names)) >= 20, out)
    check(all(len(line.split(None, 1)[1]) > 5 for line in out.splitlines()),
          out)


if __name__ == "__main__":
    assert struct.calcsize("f") == 4
    with tempfile.TemporaryDirectory() as tmp:
        for test in (events_alone, an_island_comes_back, several_at_once,
                     groups_and_the_command_line, pmus_differ_by_their_spread,
                     a_clock_that_is_lost, outages, flags,
                     a_configuration_changes, leap_seconds,
                     a_leap_second_before_the_start, shards_agree,
                     presets_say_what_they_promise, presets_have_their_sizes):
            test(tmp)
    a_list_of_presets()
