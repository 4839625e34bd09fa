#!/usr/bin/env python3
"""What the page may not ask for: the command line's codes and sentences.

Each invalid value is given twice: to the command line (as a scenario's file, or
as an option) with --json, and to the page. Then some hundred bodies that nobody
would write; the program goes on as before.
"""
import copy
import json
import os
import random
import signal
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from page_api import Page  # noqa: E402
from program import check, run  # noqa: E402

RAMP = {"type": "ramp", "at": 1, "rocof": 1, "to": 51}

# Scenarios, and the key that is told.
SCENARIOS = [
    ({"signal": {"f": 5000}}, "signal.f"),
    ({"signal": {"f": "fast"}}, "signal.f"),
    ({"signal": {"va": -1e9}}, "signal.va"),
    ({"signal": {"seq": "cba"}}, "signal.seq"),
    ({"signal": {"frequency": 50}}, "signal.frequency"),
    ({"signal": {"va_noise": -1}}, "signal.va_noise"),
    ({"signal": []}, "signal"),
    ({"fnom": 55}, "fnom"),
    ({"rate": 0}, "rate"),
    ({"rate": 2.5}, "rate"),
    ({"rate": "1/0"}, "rate"),
    ({"count": 20001}, "count"),
    ({"count": 1e300}, "count"),
    ({"count": 2, "idcode": 65534}, "count"),
    ({"idcode": 0}, "idcode"),
    ({"idcode": 65535}, "idcode"),
    ({"station": ""}, "station"),
    ({"station": "a station of more than 16"}, "station"),
    ({"analogs": 256}, "analogs"),
    ({"digitals": -1}, "digitals"),
    ({"format": "polar,double"}, "format"),
    ({"send": "all"}, "send"),
    ({"impair": "loss=200%"}, "impair"),
    ({"impair": "los=1%"}, "impair"),
    ({"concentrate": 1}, "concentrate"),
    ({"seed": -1}, "seed"),
    ({"title": 5}, "title"),
    ({"spread": {"mag": 2}}, "spread.mag"),
    ({"groups": {"1st": {"pmus": "1"}}}, "groups.1st"),
    ({"groups": {"a": {"pmus": "x"}}}, "groups.a.pmus"),
    ({"events": [RAMP, {"type": "ramp", "at": 1, "rocof": "x"}]},
     "events[1].rocof"),
    ({"events": [{"type": "rampe", "at": 1}]}, "events[0].type"),
    ({"events": [{"type": "step"}]}, "events[0]"),
    ({"events": [{"type": "outage", "at": 1, "pmus": "north"}]},
     "events[0].pmus"),
    ({"events": [{"type": "leap_second", "at": "2016-01-01T00:00:00Z"}]},
     "events[0].at"),
    ({"events": {}}, "events"),
]

# Members beside the scenario: option, value, as the command line has it.
OPTIONS = [
    ("c37", "c37", 2018),
    ("cfg", "cfg", 4),
    ("cfg_every", "cfg-every", -1),
    ("cfg_every", "cfg-every", "often"),
    ("time_base", "time-base", 0),
    ("time_base", "time-base", 16777216),
    ("for", "for", "pmuc"),
    ("duration", "duration", "soon"),
    ("duration", "duration", -5),
    ("start", "start", "yesterday"),
    ("start", "start", "1900-01-01T00:00:00Z"),
    ("stream", "stream", ["127.0.0.1:4713"]),
    ("stream", "stream", ["udp:127.0.0.1"]),
    ("stream", "stream", ["udp:127.0.0.1:99999"]),
    ("stream", "stream", ["udp:127.0.0.1:4713,colour=red"]),
    ("stream", "stream", ["udp:::1:4713"]),
    ("listen", "listen", ["tcp::4712"]),
    ("listen", "listen", ["tcp:127.0.0.1:4712,clients=none"]),
    ("listen", "listen", ["tcp:127.0.0.1:4712,allow=everyone"]),
]


def said_by_command_line(*args):
    """The error of --json: (code, sentence)."""
    status, out, err = run("simulate", *args, "--json", "--duration", "0.1s")
    check(status != 0, "accepted:", args)
    error = json.loads(out)["error"]
    check(error["message"] in err, err)
    return error["code"], error["message"]


def refused(page, body):
    """The error of `check`, that of `start` as well."""
    status, answer = page.streamer("check", body)
    check(status in (400, 422), body, status, answer)
    check(page.streamer("start", body) == (status, answer), body)
    check(page.streamer("preview", body) == (status, answer), body)
    return answer["error"]


def test_scenarios(page, folder):
    """A key of a file, and the same of a request."""
    path = os.path.join(folder, "x.json")
    for scenario, key in SCENARIOS:
        with open(path, "w", encoding="utf-8") as f:
            json.dump(scenario, f)
        code, sentence = said_by_command_line("--scenario", path)
        error = refused(page, {"scenario": scenario})
        check(sentence == f"{path}:1: {key}: {error['message']}", sentence,
              error)
        check(error["code"] == code == "E-CONF", scenario, code, error)
        check(error["field"] == "scenario." + key, scenario, error)
        hint = error["message"].partition("; ")[2]
        check(error.get("hint", "") == hint.rpartition("; ")[2], error)


def test_options(page):
    """An option, and the same beside the scenario."""
    for key, option, value in OPTIONS:
        text = value[0] if isinstance(value, list) else str(value)
        code, sentence = said_by_command_line(f"--{option}", text)
        error = refused(page, {key: value})
        field = key + "[0]" if isinstance(value, list) else key
        check(sentence in (f"--{option}: {error['message']}",
                           error["message"]), sentence, error)
        check(error["code"] == code, key, value, code, error)
        check(error["field"] == field, key, value, error)


def test_beyond(page):
    """What the command line may and a page may not."""
    for body, field in (
            ({"stream": ["pcap:/tmp/x.pcap"]}, "stream[0]"),
            ({"replay": "/etc/passwd"}, "replay"),
            ({"connection_file": "x"}, "connection_file"),
            ({"scenario": {"events": [RAMP] * 1001}}, "scenario.events"),
            ({"stream": ["udp:127.0.0.1:4713", "udp:192.0.2.1:4713"]},
             "stream[1]"),
            ({"listen": ["tcp:0.0.0.0:0,data=udp:192.0.2.1:4713"]},
             "listen[0]"),
            ({"stream": ["udp:[2001:db8::1]:4713"]}, "stream[0]")):
        error = refused(page, body)
        check(error["field"] == field, body, error)
    message = refused(page, {"stream": ["udp:192.0.2.1:4713"]})["message"]
    check("192.0.2.1" in message and "allow_public" in message, message)
    body = {"stream": ["udp:192.0.2.1:4713"], "allow_public": True}
    check(page.streamer("check", body) == (200, {}), body)


# ---- bodies that nobody would write ----

VALID = {
    "scenario": {
        "title": "x", "fnom": 50, "rate": 25, "count": 3, "seed": 7,
        "idcode": 5, "station": "S", "analogs": 1, "digitals": 1,
        "format": "rect,int", "send": "burst", "impair": "loss=1%",
        "concentrate": True, "signal": {"f": 50.1, "va": 118, "seq": "acb"},
        "spread": {"mag": 0.01, "deg": 10},
        "groups": {"north": {"pmus": "5-6", "signal": {"i": 9}}},
        "events": [RAMP, {"type": "config_change", "at": 2, "analogs": 2},
                   {"type": "leap_second", "at": 70},
                   {"type": "flags", "at": 1, "for": 1, "flags": ["test"]}]},
    "listen": ["tcp:127.0.0.1:0,clients=4"], "c37": 2011, "cfg": 3,
    "cfg_every": 10, "time_base": 600000, "test_mode": False, "for": "strict",
    "duration": "2min", "start": "now+10s", "allow_public": False,
}
WEIRD = [None, True, False, 0, -1, 1e308, -1e308, 1e-308, 2 ** 63 - 1, 0.1,
         "", "x", "1", "NaN", "inf", "-", "\u0001", "\ud83d\ude00" * 50,
         "%s%n%x", "x" * 70000, "../../etc/passwd", [], {}, [[]], [{}],
         {"": ""}, [1] * 5000, {"f": 1}, [None], "tcp:[::1]:0", "pcap:-"]


def places(value, way=()):
    """Every place of a document."""
    yield way
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], way + (key,))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from places(item, way + (i,))


def mutated(rng):
    """The valid request with one to three places changed."""
    body = copy.deepcopy(VALID)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        way = rng.choice(list(places(body)))
        if not way:
            continue
        at = body
        for step in way[:-1]:
            at = at[step]
        what = rng.randrange(4)
        if what == 0:
            del at[way[-1]]
        elif what == 1 and isinstance(at, dict):
            at[str(way[-1]) + rng.choice("xs_ \0.[]")] = at.pop(way[-1])
        else:
            at[way[-1]] = copy.deepcopy(rng.choice(WEIRD))
    return body


def test_fuzz(page):
    """Each is answered with a sentence, and so is the next."""
    rng = random.Random(20261121)
    check(page.streamer("preview", VALID)[0] == 200, page.streamer(
        "preview", VALID))
    seen = {}
    for i in range(600):
        body = mutated(rng)
        what = ("check", "preview")[i % 2]
        status, answer = page.streamer(what, body)
        seen[status] = seen.get(status, 0) + 1
        check(status in (200, 400, 422), status, str(body)[:300])
        if status != 200:
            error = answer["error"]
            check(error["message"] and error["code"].startswith("E-"), answer)
    check(len(seen) == 3, "no mutation was", seen)
    text = json.dumps(VALID).encode()
    for i in range(300):
        raw = bytearray(text)
        for _ in range(rng.randrange(1, 4)):
            raw[rng.randrange(len(raw))] = rng.choice(b'"{}[]:,\\0e\x00\xff')
        status, _ = page.streamer("check", raw=bytes(raw[:len(raw) -
                                                         i % 9]))
        check(status in (200, 400, 422), status, bytes(raw)[:300])


def test_sizes(page):
    """As much as may come, and more."""
    for raw, wanted in ((b"", 400), (b"{}", 200), (b"null", 400),
                        (b"[" * 100000, 400), (b'{"a":' * 100000, 400),
                        (b'{"scenario": {"title": "' + b"x" * 1000000 +
                         b'"}}', 200)):
        status, _ = page.streamer("check", raw=raw)
        check(status == wanted, status, raw[:40])
    status, _ = page.streamer("check", raw=b'{"scenario": {"title": "' +
                              b"x" * (1 << 20) + b'"}}')
    check(status == 413, status)


def main():
    page = Page()
    with tempfile.TemporaryDirectory() as folder:
        test_scenarios(page, folder)
    test_options(page)
    test_beyond(page)
    test_sizes(page)
    test_fuzz(page)
    state = page.ask("/api/streamer")[1]
    check(state["state"] == "STOPPED", state)
    check(page.program.end(signal.SIGTERM) == 0, page.program.stderr())
    check(len(page.program.stderr()) < 2000, page.program.stderr()[:4000])


if __name__ == "__main__":
    main()
