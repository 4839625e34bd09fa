#!/usr/bin/env python3
"""Options of a stream: presets, versions, cadence, many PMUs in one frame, and
the file for PMU Connection Tester."""
import cmath
import json
import math
import os
import re
import sys
import tempfile
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, check, run  # noqa: E402

USAGE = 2
START = ["--start", "2026-11-20T12:00:00Z", "--pace", "max"]


def frames(folder, *args, command="simulate"):
    """What `decode` reads of the frames that the command writes."""
    path = os.path.join(folder, "frames.pcap")
    got, _, err = run(command, *args, "--stream", "pcap:" + path, "--force")
    check(got == 0, args, err)
    got, out, err = run("decode", "--json", path)
    check(got == 0, args, err)
    return [json.loads(line) for line in out.splitlines()]


def of_type(all_frames, kind):
    """Those of one type."""
    return [f for f in all_frames if f["type"] == kind]


# ---- presets and what prevails over them ----

# Name, version, configurations in 2 min and 1 s from 12:00:00 on.
PRESETS = [("pmuct", 1, 13), ("openpdc", 1, 3), ("openpdc-udp", 1, 13),
           ("wireshark", 1, 25), ("strict", 2, 3)]


def presets_are_as_the_page_says(folder):
    """Version and cadence of each; FORMAT and TIME_BASE of all."""
    two_minutes = [*START, "--rate", "1", "--duration", "121s"]
    for name, version, n_cfg in PRESETS:
        got = frames(folder, *two_minutes, "--for", name)
        cfg, data = of_type(got, "cfg2"), of_type(got, "data")
        check(len(cfg) == n_cfg and len(data) == 121, name, len(cfg))
        check(all(f["version"] == version for f in got), name)
        check(cfg[0]["time_base"] == 1000000, name, cfg[0])
        check(cfg[0]["pmus"][0]["format"] == 15, name, cfg[0])
        check(got[0]["type"] == "cfg2", name)
    got = frames(folder, *two_minutes)
    check(len(of_type(got, "cfg2")) == 3, "by default")
    check(got[0]["version"] == 1, "by default")


def what_is_said_prevails(folder):
    """Over a preset, whatever the order."""
    second = [*START, "--duration", "1s"]
    got = frames(folder, *second, "--c37", "2005", "--cfg-every", "0",
                 "--format", "rect,int", "--time-base", "16777215",
                 "--for", "strict")
    cfg = of_type(got, "cfg2")
    check(len(cfg) == 1 and cfg[0]["version"] == 1, cfg)
    check(cfg[0]["time_base"] == 16777215, cfg)
    check(cfg[0]["pmus"][0]["format"] == 0, cfg)
    # STAT of 2005 has no PMU time quality; a declared time is better than
    # 100 ns: 1 in bits 8-6.
    check(of_type(got, "data")[0]["pmus"][0]["stat"] == 0, "2005")
    got = frames(folder, *second, "--c37", "2011", "--cfg", "3")
    check(len(of_type(got, "cfg3")) == 1, "--cfg 3")
    check(not of_type(got, "cfg2"), "--cfg 3")
    check(of_type(got, "data")[0]["version"] == 2, "--c37 2011")
    check(of_type(got, "data")[0]["pmus"][0]["stat"] == 64, "2011")


def run_has_them_in_its_file_and_on_its_line(folder):
    """[stream.x] for, cfg, cfg_every; the line goes before the file."""
    conf = os.path.join(folder, "cisoid.conf")
    out = os.path.join(folder, "run.pcap")
    with open(conf, "w", encoding="ascii") as f:
        f.write("[stream.a]\nfor = wireshark\nc37 = 2011\ncfg = 3\n"
                f"send = pcap:{out}\n")
    # 2.5 s across a minute: at once, and when 5 s come round.
    common = ["-C", conf, "--source", "mock:rate=3000", "--profile", "p",
              "--start", "2026-11-20T11:59:59Z", "--duration", "2500ms"]
    got, _, err = run("run", *common)
    check(got == 0, err)
    _, text, _ = run("decode", "--json", out)
    got = [json.loads(line) for line in text.splitlines()]
    check(len(of_type(got, "cfg3")) == 2, text[:300])
    check(got[1]["version"] == 2, got[1])
    os.unlink(out)
    got, _, err = run("run", *common, "--cfg", "2", "--cfg-every", "0")
    check(got == 0, err)
    _, text, _ = run("decode", "--json", out)
    got = [json.loads(line) for line in text.splitlines()]
    check(len(of_type(got, "cfg2")) == 1 and not of_type(got, "cfg3"),
          text[:300])
    for line, says in [("for = pmucts", "pmuct"), ("cfg = 1", "2|3"),
                       ("c37 = 2014", "2005|2011"),
                       ("c37 = 2005\ncfg = 3", "[stream.a] cfg 3"),
                       ("cfg_every = 2 h", "cfg_every")]:
        with open(conf, "w", encoding="ascii") as f:
            f.write("[stream.a]\n" + line + "\n")
        got, _, err = run("config", "check", "-C", conf)
        check(got == 3 and says in err, line, got, err)
    got, _, err = run("run", "--c37", "2005", "--cfg", "3")
    check(got == USAGE and "no CFG-3" in err, got, err)
    with open(conf, "w", encoding="ascii") as f:
        f.write("[stream.a]\nc37 = 2005\n")
    got, _, err = run("run", "-C", conf, "--cfg", "3")
    check(got == 3 and "no CFG-3" in err, got, err)


# ---- many PMUs ----

NOISY = ["--f", "50.3", "--mag_noise", "0.01", "--deg_noise", "1",
         "--f_noise_mhz", "5", "--seed", "7"]


def a_frame_holds_what_each_pmu_would_send_alone(folder):
    """Bit by bit, of five PMUs."""
    short = [*START, "--duration", "200ms", *NOISY]
    many = frames(folder, *short, "--count", "5", "--concentrate",
                  "--idcode", "100")
    cfg = of_type(many, "cfg2")[0]
    check([p["idcode"] for p in cfg["pmus"]] == list(range(100, 105)), cfg)
    check([p["station"] for p in cfg["pmus"]] ==
          [f"CISOID-SIM-000{i}" for i in range(1, 6)], cfg)
    check(cfg["idcode"] == 100, cfg)
    seen = set()
    for i in range(5):
        alone = frames(folder, *short, "--idcode", str(100 + i))
        for one, all_of in zip(of_type(alone, "data"), of_type(many, "data")):
            check(one["pmus"][0] == all_of["pmus"][i], i)
            check(one["fracsec"] == all_of["fracsec"], i)
            seen.add(one["pmus"][0]["freq_hz"])
    check(len(seen) == 50, "noise of each is its own", len(seen))
    got = frames(folder, *short, "--count", "2", "--concentrate",
                 "--station", "A-LONG-NAME-SIM")
    check([p["station"] for p in of_type(got, "cfg2")[0]["pmus"]] ==
          ["A-LONG-NAME-0001", "A-LONG-NAME-0002"], got[0])


def analogs_and_digitals_follow_utc(folder):
    """Ramps of a minute; counts of seconds."""
    got = frames(folder, "--start", "2026-11-20T12:00:42Z", "--pace", "max",
                 "--duration", "30s", "--rate", "5", "--analogs", "3",
                 "--digitals", "2", "--count", "2", "--concentrate")
    data = of_type(got, "data")
    check(len(data) == 150, len(data))
    for frame in data:
        ramp = (frame["soc"] % 60 + frame["fracsec"]) / 60
        for pmu in frame["pmus"]:
            for i, value in enumerate(pmu["analogs"]):
                # Float: 24 bits of up to 300.
                check(abs(value - 100 * (i + ramp)) < 300 * 2**-24, frame)
            check(pmu["digitals"] == [frame["soc"] & 0xFFFF,
                                      frame["soc"] + 1 & 0xFFFF], frame)


def phasors_stay_those_of_the_formula(folder):
    """VA at 12:00:00.2 with f = 50.3: 0.3 x 0.2 turns."""
    got = frames(folder, *START, "--duration", "400ms", "--f", "50.3",
                 "--count", "3", "--concentrate", "--analogs", "1")
    va = of_type(got, "data")[10]["pmus"][2]["phasors"][0]
    is_at = cmath.rect(va["rms"], math.radians(va["deg"]))
    truth = cmath.rect(120, 2 * math.pi * 0.3 * 0.2)
    check(abs(is_at - truth) < 120 * 2**-22, va)


def nonsense_is_refused(folder):
    """With a sentence."""
    pcap = "pcap:" + os.path.join(folder, "no.pcap")
    for args, says in [
            (["--count", "0"], "--count"),
            (["--count", "20001", "--concentrate"], "20000"),
            (["--count", "345", "--concentrate"], "at most 344"),
            (["--count", "2", "--concentrate", "--idcode", "65534"], "65534"),
            (["--for", "pmucts"], "did you mean pmuct"),
            (["--for", ""], "there are pmuct"),
            (["--c37", "2014"], "neither 2005 nor 2011"),
            (["--cfg", "1"], "neither 2 nor 3"),
            (["--c37", "2005", "--cfg", "3"], "no CFG-3"),
            (["--cfg-every", "3601"], "0 to 3600"),
            (["--cfg-every", ""], "0 to 3600"),
            (["--analogs", "256"], "255"),
            (["--digitals", "65"], "64"),
            (["--connection-file", "x"], "--for pmuct"),
            (["--for", "pmuct", "--connection-file",
              os.path.join(folder, "c")], "files only")]:
        got, _, err = run("simulate", *START, "--duration", "1s", "--stream",
                          pcap, "--force", *args)
        check(got == USAGE and says in err, args, got, err)
    check(not os.path.exists(os.path.join(folder, "c")), "nothing is left")
    got = frames(folder, *START, "--duration", "100ms", "--count", "344",
                 "--concentrate")
    check(len(of_type(got, "data")[0]["pmus"]) == 344, "344 fit")


# ---- PMU Connection Tester ----

CLASS = ("{http://schemas.microsoft.com/clr/nsassem/ConnectionTester/"
         "PMUConnectionTester}ConnectionSettings")
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"


def settings(path):
    """The elements of the file, and its connection string in parts."""
    root = ET.parse(path).getroot()
    check(root.tag == SOAP + "Envelope", root.tag)
    items = {e.tag: e.text for e in root.find(SOAP + "Body").find(CLASS)}
    text = items["ConnectionString"]
    return items, dict(re.split(r"\s*=\s*", part)
                       for part in re.split(r"\s*;\s*", text))


def a_connection_file_leads_to_the_stream(folder):
    """Its elements are those of the program's own samples."""
    path = os.path.join(folder, "a&b.PmuConnection")
    sim = Program("simulate", "--duration", "300ms", "--idcode", "235",
                  "--fnom", "60", "--rate", "30", "--for", "pmuct",
                  "--connection-file", path, "--listen", "tcp:127.0.0.1:0")
    port = sim.wait_for(r"listening on tcp:127.0.0.1:(\d+)").group(1)
    check(sim.process.wait(60) == 0, sim.stderr())
    items, where = settings(path)
    check(items["PhasorProtocol"] == "IeeeC37_118V1", items)
    check(items["TransportProtocol"] == "Tcp", items)
    check(items["PmuID"] == "235" and items["FrameRate"] == "30", items)
    check(items["AutoRepeatPlayback"] == "false", items)
    check(items["ByteEncodingDisplayFormat"] == "0", items)
    check("ConnectionParameters" in items, items)
    check(where == {"server": "127.0.0.1", "port": port,
                    "interface": "0.0.0.0", "isListener": "false"}, where)
    got, _, err = run("simulate", *START, "--duration", "1s", "--for", "pmuct",
                      "--connection-file", path, "--listen", "tcp:127.0.0.1:0")
    check(got == 8 and "exists" in err, got, err)
    check("listening" not in err, err)


def what_listens_is_described_rather_than_what_is_sent(folder):
    """Whatever the order; port 9 throws away what comes."""
    path = os.path.join(folder, "both.PmuConnection")
    sim = Program("simulate", "--duration", "100ms", "--for", "pmuct",
                  "--connection-file", path, "--stream", "udp:127.0.0.1:9",
                  "--stream", "pcap:" + os.path.join(folder, "a.pcap"),
                  "--listen", "tcp:127.0.0.1:0")
    port = sim.wait_for(r"listening on tcp:127.0.0.1:(\d+)").group(1)
    check(sim.process.wait(60) == 0, sim.stderr())
    items, where = settings(path)
    check(items["TransportProtocol"] == "Tcp", items)
    check(where["port"] == port and where["isListener"] == "false", where)


def no_port_opens_for_files_that_exist(folder):
    """Each kind of file, of run and of simulate; --force and -f are one."""
    there = {name: os.path.join(folder, name)
             for name in ("r.csv", "r.cfg", "only.dat", "p.pcap", "c.conn")}
    for path in there.values():
        with open(path, "w", encoding="ascii") as f:
            f.write("kept")
    common = ["--duration", "100ms", "--for", "pmuct",
              "--listen", "tcp:127.0.0.1:0"]
    mock = ["--source", "mock:rate=3000", "--profile", "p"]
    only = os.path.join(folder, "only.cfg")
    for args in (["run", *mock, "--record", there["r.csv"]],
                 ["run", *mock, "--record", there["r.cfg"]],
                 ["run", *mock, "--record", only],
                 ["run", *mock, "--connection-file", there["c.conn"]],
                 ["run", *mock, "--stream", "pcap:" + there["p.pcap"]],
                 ["simulate", "--connection-file", there["c.conn"]],
                 ["simulate", "--stream", "pcap:" + there["p.pcap"]]):
        got, _, err = run(*args, *common)
        check(got == 8 and "exists" in err, args, got, err)
        check("listening" not in err, args, err)
    for path in there.values():
        with open(path, encoding="ascii") as f:
            check(f.read() == "kept", path)
    check(not os.path.exists(only), only)
    got, _, err = run("simulate", "--connection-file", there["c.conn"], "-f",
                      *common)
    check(got == 0, err)
    settings(there["c.conn"])


def other_ways_are_described(folder):
    """UDP, a group, IPv6, the protocol of 2011."""
    path = os.path.join(folder, "way.PmuConnection")
    for args, protocol, expected in [
            (["--stream", "udp:127.0.0.1:47131"], "IeeeC37_118V1",
             {"localport": "47131", "interface": "0.0.0.0"}),
            (["--stream", "udp:239.1.2.3:47131,ttl=0,if=127.0.0.1"],
             "IeeeC37_118V1",
             {"localport": "47131", "interface": "0.0.0.0",
              "server": "239.1.2.3", "remoteport": "47131"}),
            (["--listen", "tcp:[::1]:0", "--c37", "2011"], "IEEEC37_118V2",
             {"server": "::1", "interface": "::0", "isListener": "false"})]:
        sim = Program("simulate", "--duration", "100ms", "--for", "pmuct",
                      "--force", "--connection-file", path, *args)
        check(sim.process.wait(60) == 0, args, sim.stderr())
        items, where = settings(path)
        check(items["PhasorProtocol"] == protocol, items)
        check(items["TransportProtocol"] ==
              ("Tcp" if "--listen" in args else "Udp"), items)
        if "--listen" in args:
            check(int(where.pop("port")) > 0, where)
        check(where == expected, where)


def run_writes_one_too(folder):
    """For its first stream."""
    path = os.path.join(folder, "run.PmuConnection")
    got, _, err = run("run", "--source", "mock:rate=3000", "--profile", "p",
                      "--duration", "200ms", "--for", "pmuct",
                      "--listen", "tcp:127.0.0.1:0", "--idcode", "9",
                      "--connection-file", path)
    check(got == 0, err)
    check(settings(path)[0]["PmuID"] == "9", path)
    got, _, err = run("run", "--connection-file", path)
    check(got == USAGE and "--for pmuct" in err, got, err)


def main():
    """All of them, each in a folder of its own."""
    for test in (presets_are_as_the_page_says, what_is_said_prevails,
                 run_has_them_in_its_file_and_on_its_line,
                 a_frame_holds_what_each_pmu_would_send_alone,
                 analogs_and_digitals_follow_utc,
                 phasors_stay_those_of_the_formula, nonsense_is_refused,
                 a_connection_file_leads_to_the_stream,
                 what_listens_is_described_rather_than_what_is_sent,
                 no_port_opens_for_files_that_exist,
                 other_ways_are_described, run_writes_one_too):
        with tempfile.TemporaryDirectory() as folder:
            test(folder)
            print("ok", test.__name__)


if __name__ == "__main__":
    main()
