#!/usr/bin/env python3
"""devices.py - cisoid devices from end to end, as far as no board is needed.

The mock's keys are the truth: six inputs with one signal, gains and delays of
their own, 16 bits. The signal is 50.02 Hz: not coherent with the sampling.
"""
import json
import os
import subprocess
import sys
import tempfile

CISOID = os.environ["CISOID"]
NAMES = ["VA", "VB", "VC", "IA", "IB", "IC"]
GAINS = [1.0002, 1.0003, 0.9991, 1, 1.02, 0.98]
DELAYS_NS = [300, 0, 800, -120, 5000, -40000]
SKEW_NS = 5000
ONE = ("mock:f=50.02,v=7,i=7,vb_deg=0,vc_deg=0,ib_deg=0,ic_deg=0,bits=16,"
       "range_v=10.3,range_a=10.3")
# The issue's.
GAIN_TOL = 20e-6
DELAY_TOL_NS = 20

FAULTS = []


def check(good, what):
    if not good:
        FAULTS.append(what)
        print("FAILED:", what)


def devices(*args, status=0):
    out = subprocess.run([CISOID, "devices", *args], capture_output=True,
                         text=True, timeout=120, check=False)
    check(out.returncode == status, "devices %s: exit status %d, not %d: %s" % (
        " ".join(args), out.returncode, status, out.stderr))
    return out


def spoiled(declared=0):
    """A source whose inputs have gains and delays."""
    spec = "%s,declared=%d,skew_ns=%d" % (ONE, declared, SKEW_NS)
    for name, gain, delay in zip(NAMES, GAINS, DELAYS_NS):
        spec += ",gain_%s=%.9g,delay_ns_%s=%.9g" % (
            name.lower(), gain, name.lower(), delay)
    return spec


def tested(*args):
    return json.loads(devices("test", "--json", *args).stdout)


def check_relations(found, gains, delays_ns):
    check(found["common"], "one signal is recognised")
    for c, gain, delay in zip(found["channels"], gains, delays_ns):
        check(abs(c["gain"] - gain) <= GAIN_TOL,
              "%s: gain %.9f, not %.9f" % (c["name"], c["gain"], gain))
        check(abs(c["delay_ns"] - delay) <= DELAY_TOL_NS,
              "%s: delay %.3f ns, not %.3f" % (c["name"], c["delay_ns"],
                                               delay))
        # Five of its own uncertainties: one of 60 normal values in 30 000.
        check(abs(c["gain"] - gain) <= 5 * c["u_gain"] + 1e-12,
              "%s: gain is off by more than it says" % c["name"])
        check(abs(c["delay_ns"] - delay) <= 5 * c["u_delay_ns"] + 1e-6,
              "%s: delay is off by more than it says" % c["name"])


def gains_and_delays_are_found_and_written(folder):
    spec, conf = spoiled(), os.path.join(folder, "inputs.conf")
    found = tested("--source", spec, "--write", conf)
    check_relations(found, [g / GAINS[0] for g in GAINS],
                    [d - i * SKEW_NS - DELAYS_NS[0]
                     for i, d in enumerate(DELAYS_NS)])
    check(found["simulated"], "simulated samples are told")
    check_relations(tested("--source", spec, "-C", conf), [1] * 6, [0] * 6)
    kept = open(conf, encoding="utf-8").read()
    devices("test", "--source", spec, "--write", conf, status=8)
    check(open(conf, encoding="utf-8").read() == kept, "nothing is overwritten")
    # A second table has the first included.
    again = os.path.join(folder, "again.conf")
    devices("test", "--source", spec, "-C", conf, "--write", again)
    check_relations(tested("--source", spec, "-C", again), [1] * 6, [0] * 6)
    devices("test", "--source", spec, "--write", conf, "--force")
    out = subprocess.run([CISOID, "config", "check", conf], text=True,
                         capture_output=True, check=False)
    check(out.returncode == 0, "the table is a configuration: " + out.stderr)


def a_configuration_is_not_lost(folder):
    """--force replaces what it wrote itself, and nothing else."""
    def refused(text, status, *args, name="mine.conf"):
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as conf:
            conf.write(text)
        out = devices("test", "--source", ONE, "--write", path, "-f",
                      *[path if a is None else a for a in args],
                      status=status)
        check(open(path, encoding="utf-8").read() == text,
              "kept: %r, %s" % (text, out.stderr))
        check("another" in out.stderr, "what to do: " + out.stderr)
        return out.stderr

    check("mine.conf:2" in refused("[bench]\nname = LAB\n", 8), "where")
    for key in ("offset = 0.01", "ratio = 20", "table = a.csv"):
        refused("[channel.VA]\n%s\n" % key, 8)
    refused("[channel.XX]\ngain = 1.1\n", 8)
    refused("freq_hz,gain\n49,1\n51,1\n", 8)
    refused("[channel.VA]\ngain = 1.1\n", 2, "-C", None)
    home = os.environ.get("XDG_CONFIG_HOME")
    os.environ["XDG_CONFIG_HOME"] = folder
    os.mkdir(os.path.join(folder, "cisoid"))
    refused("[channel.VA]\ngain = 1.1\n", 2,
            name=os.path.join("cisoid", "cisoid.conf"))
    del os.environ["XDG_CONFIG_HOME"]
    if home is not None:
        os.environ["XDG_CONFIG_HOME"] = home
    path = os.path.join(folder, "empty.conf")
    open(path, "w", encoding="utf-8").close()
    devices("test", "--source", ONE, "--write", path, "-f")
    check("[channel.VA]" in open(path, encoding="utf-8").read(), "written")


def another_channel_can_be_the_first():
    found = tested("--source", spoiled(), "--against", "IB")
    check_relations(found, [g / GAINS[4] for g in GAINS],
                    [d - i * SKEW_NS - DELAYS_NS[4] + 4 * SKEW_NS
                     for i, d in enumerate(DELAYS_NS)])
    out = devices("test", "--source", ONE, "--against", "IX", status=2)
    check("did you mean" in out.stderr, "a name is offered: " + out.stderr)


def delays_that_the_source_tells_are_counted():
    found = tested("--source", spoiled(declared=1))
    check_relations(found, [g / GAINS[0] for g in GAINS], [0] * 6)


def levels_are_those_of_the_signal():
    found = tested("--source", "mock:f=50,v=5,i=2,dc=0.01,h3=0.05,snr_db=60,"
                   "bits=16,range_v=10,range_a=10,seq=acb")
    check(abs(found["freq_hz"] - 50) < 1e-4, "frequency")
    check([g["order"] for g in found["groups"]] == ["acb", "acb"], "order")
    check(not found["common"], "three phases are not one signal")
    for c in found["channels"]:
        rms = 5 if c["name"][0] == "V" else 2
        noise = rms * 1e-3
        # 36 000 samples: an rms to 0.4 %, means to a 190th of the noise; five
        # times that. The converter's own steps are 88 uV.
        check(abs(c["noise_rms"] / noise - 1) < 0.02, "noise of " + c["name"])
        check(abs(c["rms"] - rms) < 5 * noise / 190, "rms of " + c["name"])
        check(abs(c["dc"] - 0.01 * rms * 2 ** .5) < 5 * noise / 190, "dc")
        check(abs(c["thd_percent"] - 5) < 0.1, "harmonics")
        check(abs(c["code"] - 20 / 65536) < 1e-9, "code")
        check(abs(c["range_percent"] - 10 * rms * 2 ** .5) < 0.01, "range")
        check(c["n_clip"] == 0, "nothing is clipped")


def clipping_and_silence_are_told():
    found = tested("--source", "mock:f=50,v=9,i=0,bits=16,range_v=10,"
                   "range_a=10")
    check(found["clipped"], "clipping is told")
    for c in found["channels"]:
        check((c["n_clip"] > 0) == (c["name"][0] == "V"), "clipped channels")
        check(c["signal"] == (c["name"][0] == "V"), "channels with a signal")
    out = devices("test", "--source", "mock:v=0,i=0")
    check(out.stdout.count("no signal") == 6, "silence is no failure")


def recordings_are_tested(folder):
    cfg = os.path.join(folder, "a.cfg")
    subprocess.run([CISOID, "capture", "--source", spoiled(), "--duration",
                    "1s", "-o", cfg, "-q"], check=True)
    found = tested("--source", "replay:" + cfg)
    check(abs(found["duration_s"] - 1) < 1e-3, "all of the recording is used")
    check_relations(found, [g / GAINS[0] for g in GAINS],
                    [d - i * SKEW_NS - DELAYS_NS[0]
                     for i, d in enumerate(DELAYS_NS)])


def refusals(folder):
    table = os.path.join(folder, "none.conf")
    three = devices("test", "--source", "mock:", "--write", table, status=7)
    check("do not carry one signal" in three.stderr, "why: " + three.stderr)
    check(not os.path.exists(table), "no table of different signals")
    devices("test", "--source", "mock:", "--duration", "100ms", status=7)
    devices("test", "--source", "mock:", "--duration", "1h", status=2)
    devices("test", "--source", "mock:nonsense=1", status=2)
    devices("test", "--source", "nonsense:", status=2)
    devices("test", "--source", "mock:", "--set", "channel.XX.gain=2",
            status=3)
    devices("test", "--source", ONE, "--write",
            os.path.join(folder, "no", "file"), status=8)
    devices("test", "extra", status=2)
    devices("list", "--write", table, status=2)
    devices("list", "--source", "mock:", status=2)
    devices("show", "/dev/comedi0", "--source", "comedi:", status=2)
    devices("show", "mock:", status=2)
    devices("show", "/dev/null", status=4)
    devices("show", "comedi:dev=/nowhere", status=4)
    devices("nonsense", status=2)
    error = json.loads(devices("show", "/nowhere", "--json", status=4).stdout)
    check(error["error"]["message"], "a failure is JSON too")


def a_list_is_given_without_boards_too():
    found = json.loads(devices("list", "--json").stdout)
    check(isinstance(found["devices"], list), "a list")
    if not found["devices"]:
        check(found["hint"], "what to do")
        check("comedi" in devices("list").stderr.lower(), "what to do, said")
        check(devices().stdout == "", "an empty list is empty")


def main():
    with tempfile.TemporaryDirectory() as folder:
        gains_and_delays_are_found_and_written(folder)
        a_configuration_is_not_lost(folder)
        recordings_are_tested(folder)
        refusals(folder)
    another_channel_can_be_the_first()
    delays_that_the_source_tells_are_counted()
    levels_are_those_of_the_signal()
    clipping_and_silence_are_told()
    a_list_is_given_without_boards_too()
    return bool(FAULTS)


if __name__ == "__main__":
    sys.exit(main())
