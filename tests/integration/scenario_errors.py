#!/usr/bin/env python3
"""A scenario that is wrong is refused: file, line, key, what and what to do."""
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import check, run  # noqa: E402

USAGE, INVALID = 2, 3

EVENT = {
    "ramp": {"at": 1, "rocof": 1, "to": 55},
    "step": {"at": 1, "mag": 0.1},
    "modulation": {"at": 1, "am": 0.1, "am_hz": 2},
    "oscillation": {"at": 1, "hz": 0.5, "mag": 0.1},
    "island": {"at": 1, "hz": 0.5, "for": 2},
    "gps_loss": {"at": 1, "drift_us_per_s": 1},
    "outage": {"at": 1},
    "config_change": {"at": 1, "analogs": 1},
    "flags": {"at": 1, "flags": ["test"]},
    "leap_second": {"at": 1},
}

# The text of a file, the line, what stands behind it.
TEXTS = [
    ("", None, "empty; a scenario is an object of JSON: {}"),
    ("\ufeff", None, "empty"),
    ("  \n", 2, "not JSON: "),
    ("[]", 1, "an array; a scenario is an object, in braces"),
    ("3", 1, "not JSON: "),
    ("{\n\"rate\": 50\n\"count\": 2}", 3, "not JSON: "),
    ("{\"rate\": 50", 1, "not JSON: "),
    ("{}\n{}", 2, "not JSON: "),
    ("{\n'rate': 50}", 2, "not JSON: "),
    ("{\"rate\": 50,\n}", 2, "not JSON: "),
    ("{\"rate\": NaN}", 1, "not JSON: "),
    ("{\"rate\":\n1e999}", 2, "numbers go to 1.8e308"),
    ("{\"seed\": 18446744073709551615}", 1, "whole ones to 9223372036854775807"),
    ("{\"rate\": 50,\n\"rate\": 50}", 2, "rate: the key stands twice; leave one"),
    ("{\"signal\": {\"f\": 1,\n\n\"f\": 1}}", 3, "f: the key stands twice"),
    ("{\"a\":" * 3000, 1, "too deep for a scenario"),
    ("[" * 3000000, 1, "too deep for a scenario"),
    ("{\"title\": \"a\\u0000b\"}", 1, "not JSON: "),
]

# JSON, the key, what.
WRONG = [
    ({"rat": 50}, "rat", "there is no such key; did you mean \"rate\"?"),
    ({"nonsense": 1}, "nonsense", "there is no such key"),
    ({"a\nb": 1}, "a?b", "there is no such key"),
    ({"title": 5}, "title", "a text, in quotes, is expected here, not a number"),
    ({"rate": None}, "rate", "a text, in quotes, is expected here, not null"),
    ({"rate": -5}, "rate", "is neither a whole number of frames a second"),
    ({"fnom": 55}, "fnom", "55 is neither 50 nor 60"),
    ({"fnom": "50"}, "fnom", "a number is expected here, not a text"),
    ({"count": 0}, "count", "0 is not within 1 to 20000"),
    ({"count": 1e300}, "count", "is not a whole number"),
    ({"count": [1]}, "count", "a number is expected here, not a list"),
    ({"seed": -1}, "seed", "is not a whole number from 0"),
    ({"idcode": 65535}, "idcode", "65535 is not within 1 to 65534"),
    ({"station": "A-STATION-OF-SIMULATED-DATA"}, "station", "16"),
    ({"station": 5}, "station", "a text, in quotes, is expected here"),
    ({"analogs": 300}, "analogs", "300 is not within 0 to 255"),
    ({"format": "polar,double"}, "format", "double"),
    ({"concentrate": 1}, "concentrate",
     "true or false is expected here, not a number"),
    ({"impair": "los=1%"}, "impair",
     "\"los\" is no impairment; did you mean \"loss\"?"),
    ({"impair": {}}, "impair", "a text, in quotes, is expected here"),
    ({"send": "once"}, "send", "\"once\" is neither spread nor burst"),
    ({"signal": []}, "signal", "an object, in braces, is expected here"),
    ({"signal": {"rocoff": 1}}, "signal.rocoff", "did you mean \"rocof\"?"),
    ({"signal": {"f": 0}}, "signal.f", "0 is not within 1 to 1000"),
    ({"signal": {"f": "50"}}, "signal.f",
     "a number is expected here, not a text"),
    ({"signal": {"f": True}}, "signal.f",
     "a number is expected here, not true or false"),
    ({"signal": {"seq": "bac"}}, "signal.seq",
     "\"bac\" is neither abc nor acb"),
    ({"spread": 5}, "spread", "an object, in braces, is expected here"),
    ({"spread": {"magn": 5}}, "spread.magn", "did you mean \"mag\"?"),
    ({"spread": {"mag": 5}}, "spread.mag", "5 is not within 0 to 1"),
    ({"spread": {"deg": -1}}, "spread.deg", "-1 is not within 0 to 360"),
    ({"groups": []}, "groups", "an object, in braces, is expected here"),
    ({"groups": {"4": {"pmus": "1"}}}, "groups.4", "not the name of a group"),
    ({"groups": {"all": {"pmus": "1"}}}, "groups.all",
     "not the name of a group"),
    ({"groups": {"a": {}}}, "groups.a",
     "there is no \"pmus\"; give IDCODEs, \"1-40,55\""),
    ({"groups": {"a": {"pmus": "1-"}}}, "groups.a.pmus", "IDCODE"),
    ({"groups": {"a": {"pmus": "5-3"}}}, "groups.a.pmus", "runs backwards"),
    ({"groups": {"a": {"pmus": "70000"}}}, "groups.a.pmus",
     "70000 is not within 1 to 65534"),
    ({"groups": {"a": {"pmus": 1.5}}}, "groups.a.pmus", "\".5\""),
    ({"groups": {"a": {"pmus": "1", "signals": {}}}}, "groups.a.signals",
     "did you mean \"signal\"?"),
    ({"groups": {"a": {"pmus": "1", "signal": {"f": 0}}}},
     "groups.a.signal.f", "0 is not within 1 to 1000"),
    ({"groups": {"a": {"pmus": "1", "signal": {"fnom": 60}}}},
     "groups.a.signal.fnom", "one for all PMUs; give it at the top"),
    ({"groups": {"a": {"pmus": "1", "signal": {"step_mag": 1}}}},
     "groups.a.signal", "give step_s"),
    ({"count": 5, "concentrate": True,
      "groups": {"a": {"pmus": "1-3", "signal": {}},
                 "b": {"pmus": "3-4", "signal": {}}}}, "groups",
     "PMU 3 is in two of them, a and b"),
    ({"events": {}}, "events", "a list, in brackets, is expected here"),
    ({"events": [1]}, "events[0]",
     "an object, in braces, is expected here, not a number"),
    ({"events": [{"at": 1}]}, "events[0]", "there is no \"type\""),
    ({"events": [{"type": "stepp", "at": 1}]}, "events[0].type",
     "there is no \"stepp\"; did you mean \"step\"?"),
    ({"events": [{"type": "x", "at": 1}]}, "events[0].type",
     "there is no \"x\"; there are ramp step modulation"),
    ({"events": [{"type": 5}]}, "events[0].type", "a text, in quotes,"),
]

# An event of EVENT, keys that are put into it (None: taken away), the key, what.
EVENTS = [
    ("step", {"mga": 1}, "mga", "did you mean \"mag\"?"),
    ("step", {"rocof": 1}, "rocof", "there is no such key"),
    ("step", {"at": None}, "", "there is no \"at\"; give seconds after the start"),
    ("step", {"at": "soon"}, "at", "\"soon\" is not a UTC time such as"),
    ("step", {"at": "2026-11-21T12:00:00"}, "at", "is not a UTC time"),
    ("step", {"at": 1e300}, "at", "is not within"),
    ("step", {"at": []}, "at", "a number is expected here, not a list"),
    ("step", {"for": 0}, "for", "0 is not a time"),
    ("step", {"for": -1}, "for", "-1 is not a time"),
    ("step", {"for": "5s"}, "for", "a number is expected here, not a text"),
    ("step", {"every": -1}, "every", "-1 is not within"),
    ("step", {"every": 1e-9}, "every", "less than 1 ms"),
    ("step", {"for": 5, "every": 2}, "every", "longer than the 2 s"),
    ("step", {"times": 3}, "times", "no every says when"),
    ("step", {"every": 5, "times": 1.5}, "times",
     "not a whole number from 1 to 1000000000"),
    ("step", {"every": 5, "times": 0}, "times", "not a whole number from 1"),
    ("step", {"pmus": "north"}, "pmus", "there is no group \"north\""),
    ("step", {"pmus": "1,,2"}, "pmus", "IDCODE"),
    ("step", {"pmus": [1]}, "pmus", "a text, in quotes, is expected here"),
    ("step", {"pmus": 0}, "pmus", "0 is not within 1 to 65534"),
    ("step", {"mag": 500}, "mag", "500 is not within -1 to 100"),
    ("step", {"deg": 400}, "deg", "400 is not within -360 to 360"),
    ("step", {"mag": 0}, "mag", "neither mag nor deg"),
    ("step", {"channels": "VA"}, "channels",
     "a list, in brackets, is expected here, not a text"),
    ("step", {"channels": ["VA", "VX"]}, "channels[1]", "there is no \"VX\""),
    ("step", {"channels": []}, "channels", "none of VA VB VC IA IB IC"),
    ("ramp", {"rocof": 0}, "rocof", "a ramp of 0 Hz/s is none"),
    ("ramp", {"rocof": 1e9}, "rocof", "is not within -1000 to 1000"),
    ("ramp", {"back": 1}, "back", "true or false is expected here"),
    ("ramp", {"to": 0}, "to", "0 is not within 1 to 1000"),
    ("ramp", {"to": None}, "for", "the ramp never ends"),
    ("ramp", {"rocof": -1}, "to", "never"),
    ("ramp", {"back": 1}, "back", "true or false is expected here, not a number"),
    ("ramp", {"for": 1}, "to", "where the ramp ends is said twice"),
    ("ramp", {"back": True, "every": 9}, "every", "it lasts 10 s"),
    ("modulation", {"am": 2}, "am", "2 is not within -1 to 1"),
    ("modulation", {"am": 0}, "am", "neither am with am_hz nor pm with pm_hz"),
    ("modulation", {"pm_hz": -1}, "pm_hz", "-1 is not within 0 to 1000"),
    ("oscillation", {"hz": 0}, "hz", "0 is not within"),
    ("oscillation", {"mag": 0}, "mag", "neither mag nor deg"),
    ("oscillation", {"damping": 2}, "damping", "2 is not within -1 to 1"),
    ("oscillation", {"damping": -0.5}, "damping", "end it with for"),
    ("island", {"hz": 0}, "hz", "an island at 0 Hz from the others is none"),
    ("island", {"resync": 0}, "resync", "0 is not within"),
    ("gps_loss", {"drift_us_per_s": 1e9}, "drift_us_per_s", "is not within"),
    ("gps_loss", {"spread_us_per_s": -1}, "spread_us_per_s", "is not within"),
    ("gps_loss", {"slew_us_per_s": 0}, "slew_us_per_s", "0 is not positive"),
    ("outage", {"mode": "quiet"}, "mode", "there is no \"quiet\""),
    ("config_change", {"analogs": None}, "station", "nothing changes"),
    ("config_change", {"analogs": 256}, "analogs",
     "not a whole number from 0 to 255"),
    ("config_change", {"digitals": 1.5}, "digitals",
     "not a whole number from 0 to 64"),
    ("config_change", {"format": "polar,octal"}, "format", "octal"),
    ("config_change", {"station": ""}, "station", "16"),
    ("config_change", {"announce": -1}, "announce", "-1 is not within"),
    ("flags", {"flags": []}, "flags", "none is named"),
    ("flags", {"flags": None}, "flags", "none is named"),
    ("flags", {"flags": ["sink"]}, "flags[0]",
     "there is no \"sink\"; did you mean \"sync\"?"),
    ("leap_second", {"for": 1}, "for", "there is no such key"),
    ("leap_second", {"kind": "none"}, "kind", "there is no \"none\""),
    ("leap_second", {"at": -1}, "at", "-1 s is not within"),
    ("leap_second", {"at": "2026-11-21T12:00:30Z"}, "at",
     "not the end of a minute"),
    ("leap_second", {"at": "2016-06-01T00:00:00Z"}, "at",
     "after the last one that is known"),
]


def refused(path, line, key, says, *args):
    """One line, its beginning and end, nothing on standard output."""
    status, out, err = run("simulate", "--scenario", path, "--pace", "max",
                           "--duration", "1s", "--stream", "udp:127.0.0.1:9",
                           *args)
    where = path + (f":{line}" if line else "") + ": "
    where += f"{key}: " if key else ""
    check(status == INVALID, key, says, status, err)
    check(err.startswith("cisoid simulate: " + where), where, err)
    check(says in err, says, err)
    check(err.count("\n") == 1 and not out, err, out)


def write(path, text):
    with open(path, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())


def line_of(text, key):
    """Of a key in JSON with one value a line: the last of the path."""
    words = key.replace("]", "").replace("[", ".").split(".")
    lines, at = text.splitlines(), 0
    for word in [w for w in words if w]:
        depth = None
        if word.isdigit() and "\"%s\":" % word not in text:
            # Item n: one deeper than its list.
            depth = len(lines[at]) - len(lines[at].lstrip()) + 1
            starts = [i for i in range(at + 1, len(lines))
                      if len(lines[i]) - len(lines[i].lstrip()) == depth and
                      lines[i].strip()[0] not in "}]"]
            at = starts[int(word)]
        else:
            at = next(i for i in range(at, len(lines))
                      if lines[i].strip().startswith(json.dumps(word)))
    return at + 1


def texts_that_are_no_json(folder):
    path = os.path.join(folder, "text.json")
    for text, line, says in TEXTS:
        write(path, text)
        refused(path, line, "", says)
    write(path, b"{\"title\":\n\"\xff\"}")
    refused(path, 2, "", "not UTF-8; save it as UTF-8")
    write(path, b"{\"title\": \"" + b"x" * (5 << 20) + b"\"}")
    refused(path, None, "", "more than 4 MiB")
    refused("/dev/zero", None, "", "more than 4 MiB")
    refused("/dev/null", None, "", "empty")
    refused(folder, None, "", "Is a directory")
    refused(folder + "/none.json", None, "", "No such file or directory")


def values_that_are_wrong(folder):
    """With the key on a line of its own."""
    path = os.path.join(folder, "wrong.json")
    for value, key, says in WRONG:
        text = json.dumps(value, indent=1)
        write(path, text)
        line = 1 if not key or "?" in key else line_of(text, key)
        refused(path, line, key, says)
    write(path, json.dumps({"events": 10001 * [{"type": "outage", "at": 1}]}))
    refused(path, 1, "events", "10001 of them, more than 10000")


def events_that_are_wrong(folder):
    """The second of two; the first is a good one of the kind."""
    path = os.path.join(folder, "event.json")
    for kind, change, key, says in EVENTS:
        good = dict(EVENT[kind], type=kind)
        bad = {k: v for k, v in dict(good, **change).items() if v is not None}
        events = [good, bad] if kind != "leap_second" else [
            dict(EVENT["outage"], type="outage"), bad]
        text = json.dumps({"events": events}, indent=1)
        write(path, text)
        full = "events[1]" + ("." + key if key else "")
        there = key.split("[")[0] in bad
        line = line_of(text, full if there else "events[1]")
        refused(path, line, full, says)


def leap_seconds_that_contradict(folder):
    path = os.path.join(folder, "leap.json")
    leap = {"type": "leap_second", "at": 10}
    write(path, json.dumps({"events": [leap, leap]}))
    refused(path, 1, "events[1].at", "a minute has one leap second")
    write(path, json.dumps({"events": [dict(leap, at=60 * i)
                                       for i in range(9)]}))
    refused(path, 1, "events[8]", "more than 8 leap seconds")


def every_good_event_is_taken(folder):
    """What the wrong ones were made of."""
    path = os.path.join(folder, "good.json")
    for kind, event in EVENT.items():
        write(path, json.dumps({"events": [dict(event, type=kind)]}))
        status, _, err = run("simulate", "--scenario", path, "--pace", "max",
                             "--duration", "1s", "--stream", "udp:127.0.0.1:9")
        check(status == 0, kind, err)


def presets_that_are_not_there():
    status, out, err = run("simulate", "--preset", "leap-secnd")
    check(status == USAGE and not out and
          "--preset: there is no \"leap-secnd\"; did you mean leap-second?; "
          "--preset list names them" in err, status, err)
    status, _, err = run("simulate", "--preset", "am", "--scenario", "x.json")
    check(status == USAGE and "give one of them" in err, err)


def the_command_line_is_told_as_such(folder):
    """An option that is wrong beside a file that is good."""
    path = os.path.join(folder, "good.json")
    write(path, "{\"signal\": {\"f\": 50.1}}")
    status, _, err = run("simulate", "--scenario", path, "--f", "0")
    check(status == USAGE and err.startswith("cisoid simulate: --f: 0 is"),
          status, err)


def an_event_of_nobody_is_a_warning(folder):
    """The command line may ask for fewer PMUs than the file was written for."""
    path = os.path.join(folder, "nobody.json")
    write(path, json.dumps({"events": [dict(EVENT["step"], type="step",
                                            pmus="2-9")]}, indent=1))
    status, _, err = run("simulate", "--scenario", path, "--pace", "max",
                         "--duration", "1s", "--stream", "udp:127.0.0.1:9")
    check(status == 0 and f"warning: {path}:7: events[0].pmus: none of them is "
          "simulated: there are 1 to 1" in err, status, err)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as tmp:
        texts_that_are_no_json(tmp)
        values_that_are_wrong(tmp)
        events_that_are_wrong(tmp)
        leap_seconds_that_contradict(tmp)
        every_good_event_is_taken(tmp)
        the_command_line_is_told_as_such(tmp)
        an_event_of_nobody_is_a_warning(tmp)
    presets_that_are_not_there()
