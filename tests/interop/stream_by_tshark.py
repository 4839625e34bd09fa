#!/usr/bin/env python3
"""What our programs send is read by tshark as by ourselves, field for field."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, check, run  # noqa: E402
from tshark import read, same  # noqa: E402

TYPES = ["data", "hdr", "cfg1", "cfg2", "cmd", "cfg3"]
PHASOR = re.compile(r'"(.*?)\s*",\s*(\S+?)([VA])\s*\u2220\s*(\S+)\u00b0')


class Packet:
    """One frame as tshark sees it."""

    def __init__(self, proto):
        self.fields = {}
        for field in proto.iter("field"):
            self.fields.setdefault(field.get("name"), []).append(field)

    def texts(self, name):
        """What it shows of the fields of that name."""
        return [f.get("show") for f in self.fields.get("synphasor." + name, [])]

    def number(self, name):
        """The bytes of the field as a number."""
        return int(self.fields["synphasor." + name][0].get("value"), 16)

    def numbers(self, name):
        """The same for all of that name."""
        return [int(f.get("value"), 16)
                for f in self.fields.get("synphasor." + name, [])]

    def word(self, name):
        """The whole word of which the field is a part."""
        return int(self.fields["synphasor." + name][0].get("unmaskedvalue"),
                   16)


def tshark(path):
    """The frames of a capture."""
    done = subprocess.run(["tshark", "-r", path, "-T", "pdml"],
                          capture_output=True, check=True)
    root = ElementTree.fromstring(done.stdout)
    return [Packet(p) for p in root.iter("proto")
            if p.get("name") == "synphasor"]


def compare_head(ours, theirs):
    """Clause 6.2: the common part, and the checksum."""
    check(theirs.texts("checksum.status") == ["1"], "CRC fault", ours)
    check(ours["crc_ok"], "CRC fault of our own", ours)
    check(TYPES.index(ours["type"]) == theirs.number("frtype"), ours)
    check(ours["version"] == theirs.number("version"), ours)
    check(ours["idcode"] == theirs.number("idcode_stream_source"), ours)
    # tshark keeps this one in the byte order of its machine.
    soc = theirs.fields["synphasor.soc"][0].get("value")
    little = int.from_bytes(bytes.fromhex(soc), "little")
    check(ours["soc"] in (int(soc, 16), little), ours["soc"], soc)
    check(ours["fracsec_raw"] == theirs.number("fracsec_raw"), ours)
    check(ours["time_quality"] == theirs.number("timeqal.timequalindic"), ours)


def compare_config(ours, theirs):
    """Clause 6.4."""
    check(len(ours["pmus"]) == theirs.number("conf.numpmu") == 1, ours)
    pmu = ours["pmus"][0]
    check(ours["time_base"] == theirs.number("conf.timebase"), ours)
    check(ours["data_rate"] == theirs.number("rate_of_transmission"), ours)
    check(pmu["idcode"] == theirs.number("idcode_data_source"), ours)
    check(pmu["format"] == theirs.word("conf.dfreq_format"), ours)
    check(pmu["cfgcnt"] == theirs.number("conf.cfgcnt"), ours)
    check((pmu["fnom_hz"] == 50) == (theirs.number("conf.fnom") == 1), ours)
    check([len(pmu[k]) for k in ("phasors", "analogs", "digitals")] ==
          [theirs.number("num_phasors"), theirs.number("num_analog_values"),
           theirs.number("num_digital_status_words")], ours)
    check([p["name"] for p in pmu["phasors"]] ==
          [n.strip() for n in theirs.texts("channel_name")], ours)
    check([p["phunit"] for p in pmu["phasors"]] ==
          theirs.numbers("conversion_factor"), ours)
    check(f'"{pmu["station"]:16}"' in
          " ".join(f.get("show") for f in theirs.fields[""]), ours)


def turn(deg):
    """Within half a turn of zero."""
    return (deg + 180) % 360 - 180


def frequency(theirs, fnom_hz):
    """In Hz, and to what it is shown: six digits, or whole mHz as sent."""
    shown = theirs.texts("actual_frequency_value")
    if shown:
        return float(shown[0]), 5.1e-5
    mhz = int(theirs.texts("frequency_deviation_from_nominal")[0])
    return fnom_hz + mhz / 1000, 1e-9


def compare_data(ours, theirs, fnom_hz):
    """Clause 6.3. tshark prints phasors with three decimals."""
    pmu = ours["pmus"][0]
    check(pmu["stat"] == theirs.word("data.status"), ours)
    texts = [f.get("showname") or f.get("show")
             for f in theirs.fields.get("synphasor.phasor", [])]
    check(len(texts) == len(pmu["phasors"]), texts)
    for phasor, text in zip(pmu["phasors"], texts):
        name, rms, _, deg = PHASOR.search(text).groups()
        check(phasor["name"] == name, text)
        # Half a unit of the last decimal, and of float arithmetic.
        tol = 0.00051 + 1e-6 * phasor["rms"]
        check(abs(phasor["rms"] - float(rms)) <= tol, phasor, text)
        check(abs(turn(phasor["deg"] - float(deg))) <= 0.00061,
              phasor, text)
    freq_hz, tol = frequency(theirs, fnom_hz)
    check(abs(pmu["freq_hz"] - freq_hz) <= tol, pmu, freq_hz)
    rocof = float(theirs.texts("rate_change_frequency")[0])
    check(abs(pmu["rocof_hz_per_s"] - rocof) <= 5.1e-6, pmu, rocof)


def compare(ours, path):
    """All frames of the capture with the objects that we printed."""
    theirs = tshark(path)
    check(len(ours) == len(theirs) > 0, len(ours), len(theirs))
    check(ours[0]["type"] == "cfg2", "CFG-2 comes before data")
    for mine, other in zip(ours, theirs):
        compare_head(mine, other)
        if mine["type"] == "cfg2":
            compare_config(mine, other)
        else:
            # Nobody but the frame before explains this one.
            check(other.texts("data.conf_frame") != [], mine)
            compare_data(mine, other, ours[0]["pmus"][0]["fnom_hz"])


def objects(text):
    """One object a line."""
    return [json.loads(line) for line in text.splitlines()]


def decoded(path):
    """Our own reading of a capture."""
    status, out, err = run("decode", path, "--json")
    check(status == 0, err)
    return objects(out)


def every_format_and_rate(folder):
    """simulate into a file, past a full minute of data time."""
    for n, (fmt, rate, fnom) in enumerate([
            ("polar,float", 50, 50), ("rect,float", 60, 60),
            ("polar,int", 25, 50), ("rect,int", 10, 60)]):
        path = os.path.join(folder, f"format{n}.pcap")
        status, _, err = run(
            "simulate", "--pace", "max", "--start", "2026-11-20T12:00:58Z",
            "--duration", "4s", "--rate", str(rate), "--fnom", str(fnom),
            "--f", str(fnom + 0.25), "--rocof", "0.5", "--format", fmt,
            "--v", "63.5", "--i", "0.8", "--idcode", "4242", "--stream",
            f"pcap:{path}")
        check(status == 0, err)
        ours = decoded(path)
        compare(ours, path)
        kinds = [o["type"] for o in ours]
        # 12:00:58 + 2 s is a minute: the configuration comes again.
        check(kinds == (["cfg2"] + 2 * rate * ["data"]) * 2, kinds)


def a_running_stream(folder):
    """listen keeps what it prints; tshark reads the same."""
    path = os.path.join(folder, "live.pcap")
    server = Program("simulate", "--f", "49.9", "--listen", "tcp:127.0.0.1:0",
                     "--rate", "100", "--idcode", "12")
    status, out, err = run("listen", f"tcp:127.0.0.1:{server.port()}",
                           "--idcode", "12", "--cfg", "2", "--count", "50",
                           "--pcap", path, "--json")
    check(status == 0, err)
    server.process.kill()
    ours = objects(out)
    check([o["type"] for o in ours] == ["cfg2"] + 50 * ["data"], out)
    compare(ours, path)


def a_stream_described_by_cfg_3(folder):
    """run answers command 6 with what it knows of itself."""
    path = os.path.join(folder, "cfg3.pcap")
    server = Program("run", "--source", "mock:rate=6000,f=50.2", "--profile",
                     "m", "--listen", "tcp:127.0.0.1:0", "--idcode", "12",
                     "--format", "rect,int")
    status, out, err = run("listen", f"tcp:127.0.0.1:{server.port()}",
                           "--idcode", "12", "--cfg", "3", "--count", "20",
                           "--pcap", path, "--json")
    check(status == 0, err)
    server.process.kill()
    ours = decoded(path)
    check([o["type"] for o in ours] == ["cfg3"] + 20 * ["data"], out)
    pmu = ours[0]["pmus"][0]
    check(pmu["svc_class"] == "M" and pmu["lat_deg"] is None, pmu)
    # Class M at 50 frames/s: 14 report intervals.
    check((pmu["window_us"], pmu["grp_dly_us"]) == (280000, 140000), pmu)
    check([p["component"] for p in pmu["phasors"]] ==
          2 * ["phase A", "phase B", "phase C"] + 2 * ["positive sequence"],
          pmu)
    same(ours, read(path))


def samples_to_frames(folder):
    """run with the mock source: the estimator's frames."""
    path = os.path.join(folder, "run.pcap")
    status, _, err = run("run", "--source", "mock:rate=6000,f=50.2",
                         "--profile", "ls7", "--duration", "1s", "--stream",
                         f"pcap:{path}")
    check(status == 0, err)
    compare(decoded(path), path)


def main():
    """Needs tshark."""
    if not shutil.which("tshark"):
        print("no tshark: skipped")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        every_format_and_rate(folder)
        a_running_stream(folder)
        a_stream_described_by_cfg_3(folder)
        samples_to_frames(folder)


if __name__ == "__main__":
    main()
