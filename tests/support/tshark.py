"""C37.118 frames as tshark reads them, and as `cisoid decode --json` does."""
import cmath
import json
import math
import os
import re
import shutil
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET

from program import check

COMPONENTS = ["zero sequence", "positive sequence", "negative sequence",
              "reserved", "phase A", "phase B", "phase C",
              "component not told"]
TYPES = {0: "data", 1: "hdr", 2: "cfg1", 3: "cfg2", 4: "cmd", 5: "cfg3"}


def need_tshark():
    if not shutil.which("tshark"):
        print("tshark is not installed: skipped")
        sys.exit(77)


def read(path, *ports):
    """The frames of a capture; `ports` as "udp.port==4713"."""
    args = ["tshark", "-r", path, "-Y", "synphasor", "-T", "pdml"]
    for port in ports:
        args += ["-d", port + ",synphasor"]
    env = dict(os.environ, LC_ALL="C.UTF-8")
    out = subprocess.run(args, capture_output=True, check=True, env=env)
    root = ET.fromstring(out.stdout)
    check(not root.findall(".//proto[@name='_ws.malformed']"),
          path, "tshark finds malformed packets")
    return [Frame(p) for p in root.findall(".//proto[@name='synphasor']")]


def raw(node):
    """The bytes of a field as a number, not masked."""
    return int(node.get("unmaskedvalue") or node.get("value"), 16)


class Node:
    """A part of the tree in which fields are found by name."""

    def __init__(self, tree):
        self.tree = tree

    def all(self, name):
        return self.tree.findall(".//field[@name='synphasor.%s']" % name)

    def one(self, name):
        found = self.all(name)
        return found[0] if found else None

    def number(self, name):
        return int(self.one(name).get("value"), 16)

    def parts(self, text):
        return [Node(f) for f in self.tree.iter("field")
                if f.get("show", "").startswith(text)]


class Frame(Node):
    def __init__(self, proto):
        super().__init__(proto)
        self.type = TYPES[self.number("frtype")]
        self.idcode = self.number("idcode_stream_source")
        self.soc = self.number("soc")
        self.fracsec_raw = self.number("fracsec_raw")
        self.time_quality = self.number("timeqal.timequalindic")
        self.crc_ok = self.one("checksum.status").get("show") == "1"

    def key(self):
        return self.type, self.soc, self.fracsec_raw


def decode(path):
    """The frames of `cisoid decode --json`."""
    out = subprocess.run([os.environ["CISOID"], "decode", "--json", path],
                         capture_output=True, text=True, check=True)
    return [json.loads(line) for line in out.stdout.splitlines()]


# ---- comparison ----

def close(ours, theirs, tol, *what):
    if theirs is None or math.isnan(theirs):
        check(ours is None, *what, ours, "is not null")
    else:
        check(ours is not None and abs(ours - theirs) <= tol, *what, ours,
              "is not", theirs)


def same_config(ours, frame, *what):
    check(ours["time_base"] == frame.number("conf.timebase"), *what, "base")
    check(ours["data_rate"] & 0xFFFF == frame.number("rate_of_transmission"),
          *what, "rate")
    stations = frame.parts("Station #")
    check(len(stations) == len(ours["pmus"]), *what, "number of PMUs")
    for pmu, st in zip(ours["pmus"], stations):
        if ours["type"] == "cfg3":
            same_pmu3(pmu, st, *what)
            continue
        shown = re.search('"(.*)"', st.tree.get("show")).group(1)
        check(pmu["station"] == shown.rstrip(), *what, shown)
        check(pmu["idcode"] == st.number("idcode_data_source"), *what, "id")
        check(pmu["format"] == raw(st.one("conf.dfreq_format")), *what, "fmt")
        names = ([c["name"] for c in pmu["phasors"] + pmu["analogs"]] +
                 [n for d in pmu["digitals"] for n in d["names"]])
        check(names == [c.get("show").rstrip()
                        for c in st.all("channel_name")], *what, names)
        check([c["phunit"] for c in pmu["phasors"]] ==
              [raw(c) for c in st.all("conversion_factor")], *what, "PHUNIT")
        check([c["unit"] for c in pmu["phasors"]] ==
              ["A" if "Ampere" in c.get("showname") else "V"
               for c in st.all("conversion_factor")], *what, "V or A")
        check([c["anunit"] for c in pmu["analogs"]] ==
              [raw(c) for c in st.all("factor_for_analog_value")],
              *what, "ANUNIT")
        check([d["normal"] for d in pmu["digitals"]] ==
              [raw(c) for c in st.all("status_word_mask.normal_state")],
              *what, "normal")
        check([d["valid"] for d in pmu["digitals"]] ==
              [raw(c) for c in st.all("status_word_mask.valid_bits")],
              *what, "valid")
        fnom = 50 if st.number("conf.fnom") & 1 else 60
        check(pmu["fnom_hz"] == fnom, *what, "FNOM")
        check(pmu["cfgcnt"] == st.number("conf.cfgcnt"), *what, "CFGCNT")


def floats(station, name):
    """Big-endian floats on the wire."""
    return [struct.unpack(">f", bytes.fromhex(n.get("value")))[0]
            for n in station.all(name)]


def same_names3(pmu, st, *what):
    """Of UTF-8 this tshark knows the length alone: it shows each byte that is no
    ASCII as a sign of its own."""
    def shown(name):
        return "".join(chr(b) if b < 128 else "\ufffd"
                       for b in name.encode("utf-8"))
    check(st.number("station_name_len") == len(pmu["station"].encode()),
          *what, "length of the station's name")
    check(st.one("station_name").get("show") == shown(pmu["station"]),
          *what, "station")
    names = ([c["name"] for c in pmu["phasors"] + pmu["analogs"]] +
             [n for d in pmu["digitals"] for n in d["names"]])
    check([shown(n) for n in names] ==
          [c.get("show") for c in st.all("conf.chnam")], *what, names)


def same_place(pmu, st, *what):
    for key, field in (("lat_deg", "conf.pmu_latitude"),
                       ("lon_deg", "conf.pmu_longitude"),
                       ("elev_m", "conf.pmu_elevation")):
        theirs = floats(st, field)[0]
        check(pmu[key] == (theirs if math.isfinite(theirs) else None),
              *what, key)
    check(pmu["svc_class"] ==
          bytes.fromhex(st.one("conf.svc_class").get("value")).decode(),
          *what, "SVC_CLASS")
    check(pmu["window_us"] == st.number("conf.window"), *what, "WINDOW")
    check(pmu["grp_dly_us"] == st.number("conf.grp_dly"), *what, "GRP_DLY")


def same_pmu3(pmu, st, *what):
    """What CFG-3 says, tables 10 to 12."""
    same_names3(pmu, st, *what)
    check(pmu["idcode"] == st.number("idcode_data_source"), *what, "id")
    check(pmu["g_pmu_id"] == st.one("gpmuid").get("value"), *what, "G_PMU_ID")
    check(pmu["format"] == raw(st.one("conf.dfreq_format")), *what, "fmt")
    phasors = pmu["phasors"]
    check([c["scale"] for c in phasors] ==
          floats(st, "conf.phasor_scale_factor"), *what, "PHSCALE Y")
    check([c["angle_offset_rad"] for c in phasors] ==
          floats(st, "conf.phasor_angle_offset"), *what, "PHSCALE theta")
    check([c["modified"] for c in phasors] ==
          [raw(n) for n in st.all("conf.phasor_mod.type_not_def")],
          *what, "PHSCALE flags")
    kinds = [raw(n) for n in st.all("conf.phasor_type")]
    check([c["unit"] for c in phasors] ==
          ["A" if k & 8 else "V" for k in kinds], *what, "V or A")
    check([c["component"] for c in phasors] ==
          [COMPONENTS[k & 7] for k in kinds], *what, "component")
    check([c["scale"] for c in pmu["analogs"]] ==
          floats(st, "conf.analog_scale_factor"), *what, "ANSCALE M")
    check([c["offset"] for c in pmu["analogs"]] ==
          floats(st, "conf.analog_offset"), *what, "ANSCALE B")
    check([(d["normal"], d["valid"]) for d in pmu["digitals"]] ==
          list(zip((raw(n) for n in
                    st.all("status_word_mask.normal_state")),
                   (raw(n) for n in st.all("status_word_mask.valid_bits")))),
          *what, "DIGUNIT")
    same_place(pmu, st, *what)
    check(pmu["fnom_hz"] == (50 if st.number("conf.fnom") & 1 else 60),
          *what, "FNOM")
    check(pmu["cfgcnt"] == st.number("conf.cfgcnt"), *what, "CFGCNT")


def real(node, scale=1.0):
    """A number on the wire: float32, or int16 times scale; NaN for none."""
    wire = bytes.fromhex(node.get("value"))
    if len(wire) == 4:
        return struct.unpack(">f", wire)[0]
    number = struct.unpack(">h", wire)[0]
    return math.nan if number == -32768 else number * scale


def phasor(node, fmt, channel):
    """A phasor on the wire, rms; 6.3 and tables 9 and 11."""
    wire = bytes.fromhex(node.get("value"))
    scale = turn = 1
    if "phunit" not in channel:
        scale = channel["scale"]
        turn = cmath.exp(-1j * channel["angle_offset_rad"])
    if len(wire) == 8:
        a, b = struct.unpack(">ff", wire)
        return (cmath.rect(a, b) if fmt & 1 else complex(a, b)) * scale * turn
    if wire == b"\x80\x00\x80\x00":
        return complex(math.nan, math.nan)
    if "phunit" in channel:
        scale = (channel["phunit"] & 0xFFFFFF) * 1e-5
    if fmt & 1:
        a, b = struct.unpack(">Hh", wire)
        return cmath.rect(a * scale, b * 1e-4) * turn
    a, b = struct.unpack(">hh", wire)
    return complex(a, b) * scale * turn


def analog(node, channel):
    return real(node) * channel.get("scale", 1) + channel.get("offset", 0)


def as_complex(ours):
    if ours["rms"] is None:
        return None
    return cmath.rect(ours["rms"], math.radians(ours["deg"]))


def same_phasors(ours, station, pmu, *what):
    """By the bytes, exactly; by tshark's own text, to its three decimals."""
    nodes = station.all("phasor")
    check(len(nodes) == len(ours), *what, "number of phasors")
    for got, node, channel in zip(ours, nodes, pmu["phasors"]):
        want = phasor(node, pmu["format"], channel)
        check(got["name"] == node.get("show").rstrip(), *what, got["name"])
        if cmath.isnan(want):
            check(got["rms"] is None and got["deg"] is None, *what, got)
            continue
        check(abs(as_complex(got) - want) <= 1e-12 * abs(want), *what, got,
              "is not", want)
        if pmu["format"] & 2 and channel.get("scale", 1) != 1:
            continue  # its text leaves PHSCALE out where phasors are floats
        text = re.search(r"(-?[\d.]+)([VA]) ∠ *(-?[\d.]+)°",
                         node.get("showname"))
        check(text.group(2) == channel["unit"], *what, "V or A")
        # tshark computes in float and prints three decimals.
        close(got["rms"], float(text.group(1)), 6e-4 + 2e-7 * got["rms"],
              *what)
        turn = (got["deg"] - float(text.group(3)) + 180) % 360 - 180
        if got["rms"] > 1e-6:
            close(turn, 0, 6e-4, *what, got["deg"])


def same_data(ours, frame, config, *what):
    stations = frame.parts("Station:")
    check(len(stations) == len(ours["pmus"]), *what, "number of PMUs")
    for got, st, pmu in zip(ours["pmus"], stations, config["pmus"]):
        check(got["idcode"] == pmu["idcode"], *what, "IDCODE")
        check(got["stat"] == raw(st.one("data.status")), *what, "STAT")
        same_phasors(got["phasors"], st, pmu, *what)
        if st.one("actual_frequency_value") is not None:
            freq = real(st.one("actual_frequency_value"))
        else:
            freq = pmu["fnom_hz"] + real(
                st.one("frequency_deviation_from_nominal"), 1e-3)
        close(got["freq_hz"], freq, 1e-12, *what, "FREQ")
        close(got["rocof_hz_per_s"],
              real(st.one("rate_change_frequency"), 1e-2), 1e-12, *what,
              "DFREQ")
        analogs = [analog(*both) for both in
                   zip(st.all("analog_value"), pmu["analogs"])]
        check(len(analogs) == len(got["analogs"]), *what, "analogs")
        for value, want in zip(got["analogs"], analogs):
            close(value, want, 0, *what, "analog")
        check(got["digitals"] ==
              [raw(d) for d in st.all("digital_status_word")], *what, "words")


def same(ours, frames, *what):
    """Frame for frame and field for field; returns how many of each type."""
    configs, counts = {}, {}
    check([(o["type"], o["soc"], o["fracsec_raw"]) for o in ours] ==
          [f.key() for f in frames], *what, "not the same frames")
    for i, (got, frame) in enumerate(zip(ours, frames)):
        where = what + ("frame %d (%s)" % (i, got["type"]),)
        check(got["idcode"] == frame.idcode, *where, "IDCODE")
        check(got["time_quality"] == frame.time_quality, *where, "quality")
        check(got["crc_ok"] == frame.crc_ok, *where, "CRC")
        counts[got["type"]] = counts.get(got["type"], 0) + 1
        if got["type"] in ("cfg1", "cfg2", "cfg3"):
            same_config(got, frame, *where)
            configs[got["idcode"]] = got
        elif got["type"] == "cmd":
            check(got["command"] == frame.number("command"), *where)
            ext = frame.one("extended_frame_data")
            check(got.get("extended", "") ==
                  (ext.get("value") if ext is not None else ""), *where)
        elif got["type"] == "data" and frame.one("data.conf_frame") is None:
            # It keeps no CFG-1.
            check(configs[got["idcode"]]["type"] == "cfg1", *where)
        elif got["type"] == "data":
            config = configs[got["idcode"]]
            close(got["fracsec"], frame.fracsec_raw / config["time_base"],
                  1e-15, *where, "FRACSEC")
            same_data(got, frame, config, *where)
    return counts
