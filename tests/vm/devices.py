#!/usr/bin/env python3
"""devices.py - cisoid devices in a guest with our own board, comedi_synth.

What the board can do is known from its source. With one signal on all inputs,
each with a gain and a delay of its own, these are found to 20 ppm and 20 ns;
with the table that was written the inputs agree to that. The board converts
simultaneously first, then one channel after the other, 5 us each.
"""
import json
import os
import sys

import guest

GAIN_PPM = [0, 300, -1200, 0, 20000, -5]
DELAY_NS = [0, 700, -300, 0, 40, 5000]
GAIN_TOL = 20e-6
DELAY_TOL_NS = 20
SOURCE = "comedi:dev=/dev/comedi0,clock=%s"

SCRIPT = """
say() { echo "@@ $1"; shift; cisoid devices "$@" --json 2>/dev/null; }
load() {
  rmmod comedi_synth
  insmod /lib/modules/comedi_synth.ko same=1 noise_uv=300 gain_ppm=%s \
    delay_ns=%s offset_uv=0,1000,0,0,0,-2000 "$@"
}
say list list
say show show
say other_rate show comedi:dev=/dev/comedi0,rate=7777,channels=0+1
load
say plain test --source %s --write /tmp/plain.conf
say plain_again test --source %s -C /tmp/plain.conf
load mux=1 convert_ns=5000
say mux_show show /dev/comedi0
say mux_slow show comedi:dev=/dev/comedi0,convert_ns=6000
say mux test --source %s --write /tmp/mux.conf
say mux_again test --source %s -C /tmp/mux.conf
rmmod comedi_synth
say none list
""" % ((",".join(map(str, GAIN_PPM)), ",".join(map(str, DELAY_NS)))
       + (SOURCE % "internal",) * 2 + (SOURCE % "external:0",) * 2)

FAULTS = []


def check(good, what):
    if not good:
        FAULTS.append(what)
        print("FAILED:", what)


def documents(output):
    """{name: document} of what the guest says."""
    parts = output.split("@@ ")[1:]
    found = {}
    for part in parts:
        name, _, text = part.partition("\n")
        try:
            found[name], _ = json.JSONDecoder().raw_decode(text.lstrip())
        except ValueError:
            check(False, "%s: no JSON: %s" % (name, text))
            found[name] = {}
    return found


def check_board(found):
    boards = found["list"].get("devices", [])
    check([(b["path"], b["board"], b["driver"], b["inputs"], b["samples"])
           for b in boards] ==
          [("/dev/comedi0", "synth-8", "comedi_synth", 8, True)], "the list")
    check(found["none"].get("devices") == [] and found["none"].get("hint"),
          "no board: what to do")
    inputs = found["show"].get("inputs", {})
    for key, value in (("channels", 8), ("bits", 16), ("simultaneous", True),
                       ("multiplexed", True), ("external_clock", True),
                       ("external_start", True), ("aref", ["diff", "ground"]),
                       ("software_calibration", False)):
        check(inputs.get(key) == value, "show: %s is %s" % (
            key, inputs.get(key)))
    check([(r["min"], r["max"], r["unit"]) for r in inputs["ranges"]] ==
          [(-10, 10, "V"), (-5, 5, "V"), (-1, 1, "V")], "ranges")


def check_times(found):
    """The timebase is 50 ns: 55550 ns for 18 kHz, 128600 ns for 7777 Hz. No
    period is below 4 us; six channels of 5 us take 30."""
    for name, period_ns, convert_ns, fastest_ns in (
            ("show", 55550, 500, 4000), ("other_rate", 128600, 500, 4000),
            ("mux_show", 55550, 5000, 30000)):
        rate = found[name]["inputs"]["rate"]
        check(rate["period_ns"] == period_ns, name + ": period")
        check(abs(rate["rate_hz"] * period_ns / 1e9 - 1) < 1e-12,
              name + ": rate")
        check(rate["step_ns"] == 50, name + ": step")
        check(rate["convert_ns"] == convert_ns, name + ": convert")
        check(abs(rate["max_hz"] * fastest_ns / 1e9 - 1) < 1e-12,
              name + ": fastest")
    for name, convert_ns in (("show", 0), ("mux_show", 5000),
                             ("mux_slow", 6000)):
        check(found[name]["inputs"]["rate"]["source_convert_ns"] ==
              convert_ns, name + ": a source's")
    check(not found["mux_show"]["inputs"]["simultaneous"], "multiplexed")


def check_channels(name, found, gains, delays_ns):
    check(found.get("common"), name + ": one signal is recognised")
    check(not found.get("simulated"), name + ": a board is no simulation")
    for c, gain, delay in zip(found["channels"], gains, delays_ns):
        check(abs(c["gain"] - gain) <= GAIN_TOL, "%s: %s: gain %s, not %s" % (
            name, c["name"], c["gain"], gain))
        check(abs(c["delay_ns"] - delay) <= DELAY_TOL_NS,
              "%s: %s: delay %s ns, not %s" % (
                  name, c["name"], c["delay_ns"], delay))
        check(c["n_clip"] == 0, "%s: %s is not clipped" % (name, c["name"]))
        # 300 uV of noise, bounded, and the steps' 88: a tenth for bounds.
        check(abs(c["noise_rms"] - 313e-6) < 31e-6,
              "%s: %s: noise %s" % (name, c["name"], c["noise_rms"]))


def main():
    module = guest.build_module("devices")
    if not module:
        return guest.SKIPPED
    status, output = guest.boot(SCRIPT, module, [os.environ["CISOID"]])
    print(output)
    if status:
        return status
    found = documents(output)
    check_board(found)
    check_times(found)
    gains = [1 + ppm * 1e-6 for ppm in GAIN_PPM]
    for name in ("plain", "mux"):
        check_channels(name, found[name], gains, DELAY_NS)
        check_channels(name, found[name + "_again"], [1] * 6, [0] * 6)
    return bool(FAULTS)


if __name__ == "__main__":
    sys.exit(main())
