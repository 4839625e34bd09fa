#!/usr/bin/env python3
"""compare tells what is wrong with the reports, and judges the rest."""
import binascii
import csv
import math
import os
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from comparison import (FAIL, INCOMPLETE, INDETERMINATE, INVALID, OK,  # noqa: E402
                        START, USAGE, channel, close, compare, listen_csv,
                        simulate)
from packets import Capture, config, data, frame, packets_of  # noqa: E402
from packets import write_packets
from program import check, run  # noqa: E402


def is_data(record):
    """Our captures are raw IP and UDP; a data frame is AA 01."""
    return record.find(b"\xaa\x01") >= 0


# ---- frames ----

def losses_are_told_exactly(folder):
    """Of 4000 frames one in a thousand is lost; one comes twice, one late."""
    ref = simulate(folder, "ref.pcap", duration="80s")
    dut = simulate(folder, "dut.pcap", "--err_pct", "0.3", duration="80s")
    head, records = packets_of(dut)
    at = [i for i, r in enumerate(records) if is_data(r)]
    check(len(at) == 4000, len(at))
    gone = {at[500], at[1500], at[2500], at[3500]}
    edited = [r for i, r in enumerate(records) if i not in gone]
    twice = edited.index(records[at[1000]])
    edited.insert(twice, records[at[1000]])
    late = edited.index(records[at[2000]])
    edited.insert(late + 5, edited.pop(late))
    write_packets(dut, head, edited)
    status, doc, err = compare(ref, dut, "--limits", "2018:m", "--u",
                               "tve=0.05,fe=1e-6,rfe=1e-4")
    side = doc["dut"]
    check(side["reports"] == 3997, side)
    check(side["lost"] == 4, side)
    check(side["duplicates"] == 1 and side["contradicted"] == 0, side)
    check(side["late"] == 1 and side["too_late"] == 0, side)
    check(doc["ref"]["alone"] == 4 and side["alone"] == 0, doc["ref"])
    check(doc["compared"]["pairs"] == 3996, doc["compared"])
    check(doc["compared"]["judged"] == 3996, doc["compared"])
    close(channel(doc, "VB")["me_pct"]["mean"], 0.3, 1e-4, "ME")
    check(status == OK, status, err)


def contradictions_are_left_out_and_told(folder):
    """A report comes again with other values: nobody knows which is right."""
    ref = simulate(folder, "ref.pcap")
    dut = simulate(folder, "dut.pcap")
    off = simulate(folder, "off.pcap", "--err_pct", "0.3")
    head, records = packets_of(dut)
    at = [i for i, r in enumerate(records) if is_data(r)][100]
    records.insert(at + 1, packets_of(off)[1][at])
    write_packets(dut, head, records)
    args = (ref, dut, "--limits", "2018:m")
    status, doc, err = compare(*args)
    check(status == INDETERMINATE, status, err)
    check("contradicts" in doc["judgement"]["why"], doc["judgement"])
    check(doc["dut"]["contradicted"] == 1 and doc["dut"]["duplicates"] == 0,
          doc["dut"])
    told = doc["compared"]
    check(told["judged"] == 499 and told["left_out"]["contradicted"] == 1,
          told)
    out = run("compare", *args)[1]
    check("left out, contradicted: 1" in out, out)
    check("PMU: 1 reports contradict" in out, out)
    heads, _, row = out.split("\n\n")[2].partition("\n")
    check(row.split("\n")[1].split()[1 + heads.split().index("duplicate")]
          == "0", out)


def with_soc(record, soc):
    """The data frame of a packet with another second, CRC made anew."""
    at = record.find(b"\xaa\x01")
    body = bytearray(record[at:-2])
    body[6:10] = struct.pack(">I", soc)
    return record[:at] + bytes(body) + struct.pack(
        ">H", binascii.crc_hqx(bytes(body), 0xFFFF))


def wild_dates_do_no_harm(folder):
    """Seconds of 1970 and of 2036, alone and as the first: three instants are
    lost, all others judged."""
    ref = simulate(folder, "ref.pcap")
    dut = simulate(folder, "dut.pcap", "--err_pct", "0.3")
    head, records = packets_of(dut)
    at = [i for i, r in enumerate(records) if is_data(r)]
    for i, soc in ((at[0], 2085978496), (at[100], 2085978500), (at[200], 7)):
        records[i] = with_soc(records[i], soc)
    write_packets(dut, head, records)
    status, doc, err = compare(ref, dut)
    check(status == OK, status, err)
    check(doc["compared"]["judged"] == 497, doc["compared"], doc["dut"])
    close(channel(doc, "VA")["me_pct"]["max_abs"], 0.3, 1e-4, "ME")


def a_wrong_crc_is_left_out(folder):
    """And told; the instant is lost."""
    ref = simulate(folder, "ref.pcap")
    dut = simulate(folder, "dut.pcap")
    head, records = packets_of(dut)
    broken = bytearray(records[100])
    broken[-10] ^= 0x40
    records[100] = bytes(broken)
    write_packets(dut, head, records)
    status, doc, err = compare(ref, dut)
    check(status == OK, err)
    check(doc["dut"]["crc_errors"] == 1 and doc["dut"]["lost"] == 1,
          doc["dut"])
    close(channel(doc, "VA")["tve_pct"]["max"], 0, 1e-4, "TVE")


def fixed_stat(records, first, word, quality=None):
    """Data frames from number `first` on with this STAT (and FRACSEC's quality
    byte), CRC made anew."""
    out, n = [], 0
    for record in records:
        at = record.find(b"\xaa\x01")
        if at >= 0:
            n += 1
        if at >= 0 and n > first:
            body = bytearray(record[at:])
            body[14:16] = struct.pack(">H", word)
            if quality is not None:
                body[10] = quality
            crc = binascii.crc_hqx(bytes(body[:-2]), 0xFFFF)
            record = record[:at] + bytes(body[:-2]) + struct.pack(">H", crc)
        out.append(record)
    return out


def doubtful_reports_are_never_judged_silently(folder):
    """Unlocked, test mode, data error: not judged, counted, no PASS."""
    ref = simulate(folder, "ref.pcap")
    limits = ("--limits", "2018:m", "--u", "tve=0.05,fe=1e-6,rfe=1e-4")
    for word, quality, name in [(0x2000, 0, "unsync"), (0x0040, 5, "unsync"),
                                (0x8000, 0, "test"), (0xC000, 0, "nofit")]:
        dut = simulate(folder, "dut.pcap")
        head, records = packets_of(dut)
        write_packets(dut, head, fixed_stat(records, 400, word, quality))
        status, doc, err = compare(ref, dut, *limits)
        told = doc["compared"]
        check(told["dut_doubts"][name] == 100, name, told)
        check(told["judged"] == 400, name, told)
        check(status == INDETERMINATE, name, status, err)
        status, doc, err = compare(ref, dut, *limits, "--accept", name)
        check(doc["compared"]["judged"] == 500, name, doc["compared"])
        check(doc["compared"]["accepted"] == name, doc["compared"])
        check(status == OK and "--accept" in err, name, status, err)


def doubtful(folder, name, first, word, quality, *args):
    """A capture whose frames from number `first` on say so."""
    path = simulate(folder, name, *args)
    head, records = packets_of(path)
    write_packets(path, head, fixed_stat(records, first, word, quality))
    return path


def errors_of_doubtful_reports_are_shown(folder):
    """All doubtful, of either side: the figures are there, marked, without a
    verdict; a line for the CSV."""
    good = simulate(folder, "good.pcap")
    table = os.path.join(folder, "doubtful.csv")
    limits = ("--limits", "2018:m", "--rule", "simple")
    for side, word, quality, says in [
            ("dut", 0x2000, 0, "PMU says unsync"),
            ("dut", 0x8000, 0, "PMU says test"),
            ("dut", 0x1000, 0, "PMU says arrival"),
            ("dut", 0xC000, 0, "PMU says nofit"),
            ("ref", 0x2000, 5, "reference says unsync"),
            ("ref", 0x8000, 0, "reference says test")]:
        dut = simulate(folder, "dut.pcap", "--err_pct", "0.3")
        pair = (good, dut)
        if side == "dut":
            pair = (good, doubtful(folder, "dut.pcap", 0, word, quality,
                                   "--err_pct", "0.3"))
        else:
            pair = (doubtful(folder, "ref.pcap", 0, word, quality), dut)
        status, doc, err = compare(*pair, "--csv", table, "--force")
        told = doc["compared"]
        check(status == OK and "not" in err and "judged" in err, says, status,
              err)
        check(told["judged"] == 0 and told["doubtful"] == 500, says, told)
        close(told["doubtful_max_tve_pct"], 0.3, 1e-4, says)
        for key, want in (("tve_pct", 0.3), ("me_pct", 0.3), ("pe_deg", 0)):
            e = channel(doc, "VA")[key]
            check(e["judged"] is False and e["n"] == 500, says, e)
            close(e["mean"], want, 1e-4, says, key)
            close(e["max"], want, 1e-4, says, key)
        check(doc["fe_hz"]["judged"] is False, says, doc["fe_hz"])
        check(channel(doc, "VA")["sweep"]["n"] == 500, says)
        rows = list(csv.DictReader(open(table, newline="", encoding="utf-8")))
        check(len(rows) == 500, says, len(rows))
        for row in rows:
            check(row["left_out"] == side, says, row)
            check(row[side + "_doubts"] == says.split()[-1], says, row)
            close(float(row["VA_me_pct"]), 0.3, 1e-4, says)
        status, out, err = run("compare", *pair, *limits)
        check(status == INDETERMINATE, says, status, err)
        check(f"({says}: 500)" in out and "shown for information" in out and
              "INDETERMINATE: only doubtful reports" in out and
              "TVE % *" in out, says, out)
        status, doc, err = compare(*pair, *limits, "--accept",
                                   says.split()[-1])
        check(channel(doc, "VA")["tve_pct"]["judged"] is True, says, doc)
        check(status == OK and doc["compared"]["doubtful"] == 0, says, status,
              doc["judgement"])


def judged_reports_stand_before_doubtful_ones(folder):
    """The last fifth is unsynchronised."""
    ref = simulate(folder, "ref.pcap")
    dut = doubtful(folder, "dut.pcap", 400, 0x2000, 0, "--err_pct", "0.3")
    status, doc, err = compare(ref, dut)
    tve = channel(doc, "VA")["tve_pct"]
    check(status == OK and tve["judged"] is True and tve["n"] == 400, err, tve)
    check(doc["compared"]["doubtful"] == 100, doc["compared"])
    status, out, err = run("compare", ref, dut)
    check(status == OK, err)
    check("doubtful, not judged: 100 pairs (PMU says unsync: 100), largest "
          "TVE 0.3 %" in out and "TVE % *" not in out, out)


def a_reference_without_truth_measures_nothing(folder):
    """Data error of the reference: exit status 7, no figure."""
    ref = doubtful(folder, "ref.pcap", 0, 0xC000, 0)
    dut = doubtful(folder, "dut.pcap", 0, 0x2000, 0)
    status, doc, err = compare(ref, dut)
    check(status == INCOMPLETE and "no pair could be judged" in err, status,
          err)
    check(doc["compared"]["doubtful"] == 0, doc["compared"])
    tve = channel(doc, "VA")["tve_pct"]
    check(tve["n"] == 0 and tve["max"] is None and tve["judged"] is False, tve)


def a_doubtful_sweep_is_taken_apart(folder):
    """As of the judged ones, marked."""
    ramp = ("--f", "45", "--rocof", "1", "--f_to", "55")
    ref = simulate(folder, "ref.pcap", *ramp)
    dut = doubtful(folder, "dut.pcap", 0, 0x2000, 0, *ramp, "--err_pct", "0.3",
                   "--err_deg", "0.1", "--err_us", "100")
    status, doc, err = compare(ref, dut)
    check(status == OK, err)
    sweep = channel(doc, "VA")["sweep"]
    check(sweep["separated"] and sweep["judged"] is False, sweep)
    close(sweep["gain_pct"], 0.3, 1e-4, "gain")
    close(sweep["phase_deg"], 0.1, 1e-3, "phase")
    close(sweep["delay_s"], 100e-6, 1e-6, "delay")
    out = run("compare", ref, dut)[1]
    check("* not judged\n" in out, out)


def a_step_is_not_judged_against_the_blind_fit(folder):
    """Half the window on either side of it."""
    step = ("--step_mag", "0.1", "--step_s", "5.01")
    ref = simulate(folder, "ref.pcap", *step)
    dut = simulate(folder, "dut.pcap", *step, "--err_us", "30000")
    doc = compare(ref, dut)[1]
    check(doc["compared"]["left_out"]["step"] > 0, doc["compared"])
    close(channel(doc, "VA")["me_pct"]["max_abs"], 0, 1e-4, "ME")


# ---- what the PMU is like ----

def integers_are_compared(folder):
    """int16: an angle to 1e-4 rad, a magnitude to half a PHUNIT."""
    ref = simulate(folder, "ref.pcap", "--f", "50.3")
    for fmt in ("polar,int", "rect,int"):
        dut = simulate(folder, "dut.pcap", "--f", "50.3", "--err_deg", "0.1",
                       "--format", fmt)
        status, doc, err = compare(ref, dut)
        check(status == OK, fmt, err)
        # PHUNIT has 1.5 x nominal over 32767: the mean of 500 roundings.
        close(channel(doc, "VA")["me_pct"]["mean"], 0, 150 / 32767, fmt)
        close(channel(doc, "VA")["pe_deg"]["mean"], 0.1,
              math.degrees(1e-4 + 1.5 / 32767), fmt)


def rates_may_differ(folder):
    """25 against 50: every second instant of the reference."""
    ref = simulate(folder, "ref.pcap")
    dut = simulate(folder, "dut.pcap", "--rate", "25", "--err_pct", "0.3")
    status, doc, err = compare(ref, dut)
    check(status == OK, err)
    check(doc["compared"]["pairs"] == 250, doc["compared"])
    check(doc["ref"]["alone"] == 0 and doc["ref"]["lost"] == 0, doc["ref"])
    left = doc["compared"]["left_out"]
    check(left["alone"] == 0 and left["rate"] == doc["ref"]["other_rate"] > 240,
          left, doc["ref"])
    close(channel(doc, "VA")["me_pct"]["mean"], 0.3, 1e-4, "ME")


def renamed(folder, path, columns):
    """A CSV with its columns changed by a function of header and row."""
    rows = list(csv.DictReader(open(path, newline="", encoding="utf-8")))
    out = os.path.join(folder, "changed.csv")
    with open(out, "w", newline="", encoding="utf-8") as f:
        new = [columns(row) for row in rows]
        writer = csv.DictWriter(f, list(new[0]))
        writer.writeheader()
        writer.writerows(new)
    return out


def volts_are_no_amperes(folder):
    """In a map, but with a ratio."""
    ref = simulate(folder, "ref.pcap")
    status, _, err = compare(ref, ref, "--map", "IA=VA")
    check(status == USAGE and '"IA" is a current' in err, status, err)
    check(compare(ref, ref, "--map", "IA*24=VA")[0] == OK)


def time_of(row):
    return {k: row[k] for k in ("time_utc", "soc", "fracsec", "freq_hz",
                                "rocof_hz_per_s", "flags")}


def permuted_channels_are_found(folder):
    """Other names, another order: matched by magnitude and angle."""
    ref = listen_csv(folder, "ref.csv")
    order = {"X1": "IC", "X2": "VB", "X3": "VA", "X4": "IB", "X5": "VC",
             "X6": "IA"}

    def permute(row):
        new = time_of(row)
        for to, name in order.items():
            new[to + "_rms"] = row[name + "_rms"]
            new[to + "_deg"] = row[name + "_deg"]
        return new

    dut = renamed(folder, listen_csv(folder, "dut.csv", "--err_pct", "0.3"),
                  permute)
    status, doc, err = compare(ref, dut)
    check(status == OK, err)
    found = {m["dut"]: m["ref"][0]["phasor"] for m in doc["map"]}
    for to, name in order.items():
        # Balanced, VA and V+ are one and the same.
        check(found[to] in (name, name.replace("A", "+")), to, found)
        close(channel(doc, to)["me_pct"]["mean"], 0.3, 1e-4, to)


def line_to_line_is_compared(folder):
    """Given, and proposed."""
    ref = listen_csv(folder, "ref.csv")

    def differences(row):
        v = {p: float(row[f"V{p}_rms"]) *
             complex(math.cos(math.radians(float(row[f"V{p}_deg"]))),
                     math.sin(math.radians(float(row[f"V{p}_deg"]))))
             for p in "ABC"}
        new = time_of(row)
        for a, b in ("AB", "BC", "CA"):
            x = (v[a] - v[b]) * 1.003
            new[f"U{a}{b}_rms"] = repr(abs(x))
            new[f"U{a}{b}_deg"] = repr(math.degrees(
                math.atan2(x.imag, x.real)))
        return new

    dut = renamed(folder, ref, differences)
    for args in ([], ["--map", "VA-VB=UAB,VB-VC=UBC,VC-VA=UCA"]):
        status, doc, err = compare(ref, dut, *args)
        check(status == OK, args, err)
        for name in ("UAB", "UBC", "UCA"):
            close(channel(doc, name)["me_pct"]["mean"], 0.3, 1e-4, name)
            close(channel(doc, name)["pe_deg"]["mean"], 0, 1e-3, name)
        check(doc["map"][0]["by"] == ("given" if args else "proposed"), doc)
    status, _, err = compare(ref, dut, "--map", "VA-VX=UAB")
    check(status == USAGE and "VX" in err, status, err)


def of_several_streams_one_is_chosen(folder):
    """By IDCODE or by who sends; a sentence lists them."""
    ref = simulate(folder, "ref.pcap")
    both = os.path.join(folder, "both.pcap")
    cap = Capture()
    for n in range(100):
        for idcode, port in ((7, 4713), (8, 4714)):
            if n == 0:
                cap.udp(config(idcode), ports=(port, 5000))
            second, k = divmod(n, 50)
            raw = data(idcode, k)
            body = raw[14:-2]
            cap.udp(frame(0, idcode, 1700000001 + second, k * 20000, body),
                    ports=(port, 5000))
    open(both, "wb").write(cap.bytes)
    status, _, err = compare(ref, both)
    check(status == USAGE and "--dut-idcode" in err and "7 STATION" in err and
          "8 STATION" in err, status, err)
    status, _, err = compare(ref, both, "--dut-idcode", "9")
    check(status == USAGE and "no such PMU" in err, status, err)
    for args in (["--dut-idcode", "7", "--ref-idcode", "8"],
                 ["--dut-station", "127.0.0.10:4713", "--ref-idcode", "8"]):
        status, doc, err = compare(both, both, *args)
        check(status == OK, args, status, err)
        check(doc["dut"]["idcode"] == 7 and doc["ref"]["idcode"] == 8, doc)
        check(doc["dut"]["origin"] == "REPLAY" and doc["notice"] is None, doc)
        close(channel(doc, "VA")["tve_pct"]["max"], 0, 1e-9, args)


def of_several_pmus_of_a_table_one_is_chosen(folder):
    """By station or IDCODE; without, a sentence lists them."""
    path = os.path.join(folder, "several.csv")
    names = ("NORTH", "SOUTH#61", "SOUTH#62")
    with open(path, "w", encoding="utf-8") as f:
        f.write("time_utc" + "".join(
            f",{n}:freq_hz,{n}:flags,{n}:VA_rms,{n}:VA_deg" for n in names) +
            ",notes\n")
        for k in range(20):
            f.write(f"2026-01-01T00:00:00.{20 * k:03}Z" + "".join(
                f",50,ok,{100 + i},0" for i in range(len(names))) + ",\n")
    for args, error in [(["--dut-station", "SOUTH#61"], 1),
                        (["--dut-idcode", "62"], 2)]:
        status, doc, err = compare(path, path, "--ref-station", "NORTH",
                                   *args)
        check(status == OK, args, status, err)
        close(channel(doc, "VA")["me_pct"]["mean"], error, 1e-9, args)
    for args in ([], ["--dut-station", "SOUTH"]):
        status, doc, err = compare(path, path, "--ref-station", "NORTH", *args)
        check(status == USAGE and not doc and "several PMUs (NORTH, SOUTH#61, "
              "SOUTH#62)" in err and "--dut-station" in err, status, err)
    status, doc, err = compare(path, path, "--dut-station", "EAST")
    check(status == USAGE and "SOUTH#62" in err, status, err)


def of_several_pmus_of_a_frame_one_is_chosen(folder):
    """By station or IDCODE; without, or by the stream's, a sentence lists
    them."""
    path = os.path.join(folder, "several.pcap")
    cap = Capture()
    body = struct.pack(">IH", 1000000, 2)
    for idcode, name in ((61, b"NORTH"), (62, b"SOUTH")):
        body += struct.pack(">16sHHHHH", name.ljust(16), idcode, 0xF, 1, 0, 0)
        body += b"VA".ljust(16) + struct.pack(">IHH", 1000, 1, 0)
    cap.udp(frame(3, 60, 1700000000, 0, body + struct.pack(">h", 50)))
    for k in range(30):
        body = b"".join(struct.pack(">Hffff", 0, volts, 0.5, 50, 0)
                        for volts in (100, 101))
        cap.udp(frame(0, 60, 1700000001, k * 20000, body))
    open(path, "wb").write(cap.bytes)
    for args in ([], ["--dut-idcode", "60"]):
        status, doc, err = compare(path, path, "--ref-idcode", "61", *args)
        check(status == USAGE and not doc and "several PMUs (61 NORTH, 62 "
              "SOUTH)" in err and "--dut-idcode" in err, status, err)
    for args, error in [(["--dut-station", "NORTH"], 0),
                        (["--dut-station", "SOUTH"], 1),
                        (["--dut-idcode", "62"], 1)]:
        status, doc, err = compare(path, path, "--ref-idcode", "61", *args)
        check(status == OK, args, status, err)
        # Float32 holds 101 and 100 as they are.
        close(channel(doc, "VA")["me_pct"]["mean"], error, 1e-9, args)


# ---- inputs that are none ----

def no_common_time_names_both_spans(folder):
    """Exit status 7."""
    ref = simulate(folder, "ref.pcap")
    dut = simulate(folder, "dut.pcap", start="2026-01-02T00:00:00Z")
    status, doc, err = compare(ref, dut)
    check(status == INCOMPLETE and doc is None, status, err)
    for part in ("no common time", "2026-01-01T00:00:00.000Z to "
                 "2026-01-01T00:00:09.980Z", "2026-01-02T00:00:00.000Z"):
        check(part in err, part, err)


def broken_tables_are_named_by_line(folder):
    """Files that are no reports: exit status 3 and a sentence."""
    ref = simulate(folder, "ref.pcap")
    head = "time_utc,soc,fracsec,freq_hz,rocof_hz_per_s,flags,VA_rms,VA_deg\n"
    row = "2026-01-01T00:00:00.0{}Z,,,50,0,ok,100,0\n"
    rows = head + row.format(0) + row.format(2)
    cases = [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"\0\0\0\0", "no text"),
        (b"station,dev,1999\n1,2A,0D\n", "names neither time_utc"),
        (rows + "x", "line"),
        (rows + row.format("x"), "bad.csv:4: column 1: "),
        (rows + "2026-01-01T00:00:00.04Z,,,fifty,0,ok,100,0\n",
         "bad.csv:4: column 4: \"fifty\" is not a number"),
        (rows + "2026-01-01T00:00:00.04Z,,,inf,0,ok,100,0\n", "not a number"),
        (rows + "2026-01-01T00:00:00.04Z,,,50,0,fine,100,0\n", "unsync"),
        (rows + "2026-01-01T00:00:00.04Z,,,50,0,ok,100\n",
         "bad.csv:4: 7 fields, the header has 8"),
        (rows + "\"2026", "a quote is opened and not closed"),
        (head.replace(",VA_deg", ",VB_deg") + row.format(0), "\"VA_deg\""),
        (head.replace(",VA_deg", ",VA_rms") + row.format(0), "two columns"),
        (head + row.format(0) + row.format(333), "neither 1/N s nor N s"),
        (b"\xaa\x01\0\x12" + bytes(14), "no data frame"),
        (os.urandom(1), None),
    ]
    for text, says in cases:
        path = os.path.join(folder, "bad.csv")
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        for order in ((ref, path), (path, ref)):
            status, out, err = run("compare", *order)
            want = (INVALID, INCOMPLETE) if says == "no data frame" else (INVALID,)
            check(status in want, text, status, err)
            check(says in err if says and says != "line" else err, text, err)
            check(not out, text, out)
    status, _, err = run("compare", ref, folder)
    check(status == INVALID and "is a directory" in err, status, err)
    status, _, err = run("compare", ref, folder + "/none.csv")
    check(status == INVALID and "none.csv" in err, status, err)
    status, _, err = run("compare", ref, __file__)
    check(status == INVALID, status, err)


def tables_without_rows_are_incomplete(folder):
    """Exit status 7: no report, or one."""
    ref = simulate(folder, "ref.pcap")
    head = "time_utc,freq_hz,flags,VA_rms,VA_deg\n"
    path = os.path.join(folder, "short.csv")
    for rows, says in (("", "no reports"),
                       ("2026-01-01T00:00:00Z,50,ok,1,0\n", "one instant")):
        with open(path, "w", encoding="utf-8") as f:
            f.write(head + rows)
        status, _, err = run("compare", ref, path)
        check(status == INCOMPLETE and says in err, rows, status, err)


def a_table_may_be_written_otherwise(folder):
    """Byte order mark, CR alone, quotes, columns in another order, NaN, empty
    cells, times in soc and fracsec alone: read all the same."""
    ref = listen_csv(folder, "ref.csv")
    path = os.path.join(folder, "other.csv")
    soc = 1767225600
    with open(path, "wb") as f:
        f.write(b'\xef\xbb\xbf"VA_deg",fracsec,"VA_rms",soc,"a ""b"",c",'
                b'freq_hz\r\n')
        for k in range(100):
            second, n = divmod(k, 50)
            value = b"nan,%f,,%d,\"x\ny\",%s\r\n" if k % 2 else \
                b"0,%f,120.36,%d,x,%s\r\n"
            f.write(value % (n / 50, soc + second, b"50"))
    status, doc, err = compare(ref, path)
    check(status == OK, err)
    check("no column flags" in err, err)
    tve = channel(doc, "VA")["tve_pct"]
    check(tve["n"] == 50 and tve["missing"] == 50, tve)
    close(tve["mean"], 0.3, 1e-4, "TVE")


def values_that_are_all_missing_prove_nothing(folder):
    """NaN everywhere: no map, and with one no verdict."""
    ref = simulate(folder, "ref.pcap")

    def nothing(row):
        return dict(row, **{k: "" for k in row
                            if k.endswith(("_rms", "_deg", "_hz", "_per_s"))})

    dut = renamed(folder, listen_csv(folder, "dut.csv"), nothing)
    status, doc, err = compare(ref, dut)
    check(status in (USAGE, INCOMPLETE) and doc is None and err, status, err)
    status, doc, err = compare(ref, dut, "--map", "VA=VA", "--limits",
                               "2018:m")
    check(status == INDETERMINATE, status, err)
    check(channel(doc, "VA")["tve_pct"]["max"] is None, doc)


def phasors_that_were_not_measured_keep_it_from_pass(folder):
    """On either side, from the first report on; the sentence names them."""
    good = listen_csv(folder, "good.csv")
    args = ("--limits", "2018:m", "--u", "tve=0.05,fe=1e-6,rfe=1e-4")
    check(compare(good, good, *args)[0] == OK)

    def changed(name, **cells):
        path = renamed(folder, good, lambda row: dict(row, **cells))
        os.rename(path, os.path.join(folder, name))
        return os.path.join(folder, name)

    none = {"VB_rms": "", "VB_deg": ""}
    gone = changed("gone.csv", **none)
    zero = changed("zero.csv", VB_rms="0")
    huge = changed("huge.csv", VB_rms="1e308")
    odd = renamed(folder, gone, lambda row: {
        k.replace("VB_", "SPARE_"): v for k, v in row.items()})
    for ref, dut, want, says in [
            (good, gone, INDETERMINATE, "VB=VB: the PMU never has a value"),
            (gone, good, INDETERMINATE, "VB=VB: the reference has no value"),
            (zero, good, INDETERMINATE, "VB=VB: the reference has no value"),
            (good, odd, INDETERMINATE, "SPARE"),
            (good, zero, FAIL, "VB=VB is above its limit"),
            (good, huge, FAIL, "VB=VB is above its limit")]:
        status, doc, err = compare(ref, dut, *args)
        check(status == want, ref, dut, status, err)
        check(says in doc["judgement"]["why"], says, doc["judgement"]["why"])
    for ref in (gone, zero):
        status, doc, err = compare(ref, good, *args, "--map", "VA=VA,VB=VB")
        check(status == INDETERMINATE, status, err)
        check("VB=VB: the reference never has" in doc["judgement"]["why"],
              doc["judgement"])
    status, _, err = compare(good, gone, *args, "--map", "VA=VA,VC=VC")
    check(status == OK, status, err)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temp:
        losses_are_told_exactly(temp)
        contradictions_are_left_out_and_told(temp)
        wild_dates_do_no_harm(temp)
        a_wrong_crc_is_left_out(temp)
        doubtful_reports_are_never_judged_silently(temp)
        errors_of_doubtful_reports_are_shown(temp)
        judged_reports_stand_before_doubtful_ones(temp)
        a_reference_without_truth_measures_nothing(temp)
        a_doubtful_sweep_is_taken_apart(temp)
        a_step_is_not_judged_against_the_blind_fit(temp)
        integers_are_compared(temp)
        rates_may_differ(temp)
        volts_are_no_amperes(temp)
        permuted_channels_are_found(temp)
        line_to_line_is_compared(temp)
        of_several_streams_one_is_chosen(temp)
        of_several_pmus_of_a_table_one_is_chosen(temp)
        of_several_pmus_of_a_frame_one_is_chosen(temp)
        no_common_time_names_both_spans(temp)
        broken_tables_are_named_by_line(temp)
        tables_without_rows_are_incomplete(temp)
        a_table_may_be_written_otherwise(temp)
        values_that_are_all_missing_prove_nothing(temp)
        phasors_that_were_not_measured_keep_it_from_pass(temp)
