#!/usr/bin/env python3
"""accuracy.py - the tables of accuracy.md and its pictures, measured anew.

    docs/accuracy.py [--build DIR] [--cache DIR] [--no-run] [--only BLOCK,...]

Blocks of accuracy.md between <!-- begin NAME --> and <!-- end --> are replaced
by what `cisoid verify`, the tests of the label `accuracy` and bench_accuracy
print: about an hour on two cores, most of it the reference's. With --cache
what is in the folder already is not measured again, with --no-run what is not
there is left out. The text between the blocks is by hand.
"""
import argparse
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DOC = os.path.join(HERE, "accuracy.md")
PICTURES = os.path.join(HERE, "pictures")
sys.path.insert(0, PICTURES)
from plot import Axis, Chart, Panel, decades  # noqa: E402

ERRORS = ("tve_pct", "fe_hz", "rfe_hz_per_s")
CONDITIONS = {"clean": [], "16 bit": ["--bits", "16"],
              "80 dB": ["--snr-db", "80"], "60 dB": ["--snr-db", "60"]}
RATES = {50: (10, 25, 50, 100), 60: (10, 12, 15, 20, 30, 60, 120)}
CLASS_OF = {"p": "p", "m": "m", "reference": "m"}
SMOOTH = ("steady_frequency", "steady_magnitude_voltage",
          "steady_magnitude_current", "steady_phase", "harmonic",
          "out_of_band", "modulation_amplitude", "modulation_phase",
          "frequency_ramp")
# At every rate: what is not rounding alone everywhere.
VARY = ("steady_frequency", "harmonic", "out_of_band", "modulation_amplitude",
        "modulation_phase", "frequency_ramp")


class Source:
    """Where figures come from: programs of the build, and the cache."""

    def __init__(self, build, cache, run=True):
        self.build, self.cache, self.run = build, cache, run

    def output(self, name, command):
        path = self.cache and os.path.join(self.cache, name)
        if path and os.path.exists(path):
            with open(path, encoding="utf-8") as kept:
                return kept.read()
        if not self.run:
            return None
        env = dict(os.environ, OPENBLAS_NUM_THREADS="1")
        done = subprocess.run(command, capture_output=True, text=True, env=env,
                              check=False)
        if done.returncode not in (0, 10):  # 10: a limit is exceeded
            sys.exit("%s: %s" % (" ".join(command), done.stderr))
        if path:
            with open(path, "w", encoding="utf-8") as kept:
                kept.write(done.stdout)
        return done.stdout

    @staticmethod
    def name_of(options):
        return "verify_" + "_".join(options).replace("--", "") + ".json"

    def cached(self, *options):
        return self.cache and os.path.exists(
            os.path.join(self.cache, self.name_of(options)))

    def verify(self, *options):
        """The rows of a run, by test; none when it may not run."""
        text = self.output(self.name_of(options), [os.path.join(self.build, "cisoid"), "verify",
                                  "--json", "--quiet", *options])
        rows = json.loads(text)["tests"] if text else []
        return {row["test"]: row for row in rows}

    def each(self, tests, *options):
        """The same, a run for each test unless one for all is there."""
        found = self.verify(*options) if self.cached(*options) else {}
        for test in tests:
            if test not in found and (test, options[1]) != ("out_of_band",
                                                            "p"):
                found.update(self.verify(*options, "--test", test))
        return found

    def test(self, name):
        """The lines of a table that a test of the label accuracy prints."""
        text = self.output("test_%s.txt" % name, [os.path.join(
            self.build, "tests", "accuracy", "test_" + name)]) or ""
        return [line for line in text.splitlines() if line.startswith("|")]

    def curves(self, what):
        """Lines of bench_accuracy by fit, as numbers."""
        text = self.output(what + ".csv", [os.path.join(
            self.build, "tests", "bench", "bench_accuracy"), what])
        found = {}
        for line in text.splitlines():
            fit, *numbers = line.split(",")
            found.setdefault(fit, []).append([float(n) for n in numbers])
        return found


def number(value):
    """Two digits, as short as they go."""
    if value is None:
        return "-"
    text = "%.2g" % value
    return re.sub(r"e([+-])0", r"e\1", text)


def triple(values):
    return " / ".join(number(v) for v in values)


def maxima(row):
    return triple(row[e]["max"] for e in ERRORS)


def limits(row):
    return triple(row[e]["limit"] for e in ERRORS)


def words(test):
    return test.replace("_", " ")


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |",
             "|" + " --- |" * len(head)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def tidy(cell):
    """The numbers of a test's line, two digits each; inf: not asked."""
    parts = cell.split(" / ")
    try:
        return triple(v for v in map(float, parts) if v != float("inf"))
    except ValueError:
        return cell


# ---- blocks ----

def acceptance(source):
    rows = []
    for name in ("frequency_range", "harmonic", "out_of_band", "modulation",
                 "ramp", "two_sided", "aware_fit", "converter", "white_noise"):
        seen = {}
        for line in source.test(name):
            cells = [c.strip() for c in line.strip("| ").split("|")]
            if "refused" in line or "dirty" in cells[0]:
                continue
            key = (cells[0], cells[1], cells[4])
            seen.setdefault(key, {})[cells[2]] = cells[3]
        for (test, profile, asked), views in seen.items():
            rows.append([test, profile, views.get("three phases", "-"),
                         views.get("one phase", "-"), asked])
    clean = [[tidy(cell) for cell in row] for row in rows]
    return table(["test", "profile", "measured, three phases",
                  "measured, one phase alone", "at most"], clean)


PAPER = (
    ("Ramp 45 to 55 Hz, 1 Hz/s (table 1)", "frequency_ramp",
     "0.08 / 0.04 / 0.001", "0.004 / 0.0036 / 0.0031", "3e-6 / 3e-6 / 3e-6"),
    ("AM 10 %, to 5 Hz (table 2)", "modulation_amplitude",
     "0.075 / 0.033 / 0.001", "0.015 / 0.006 / 0.0001", "0.33 / 0.19 / 0.002"),
    ("PM 0.1 rad, to 5 Hz (table 3)", "modulation_phase",
     "0.073 / 0.057 / 0.043", "0.05 / 0.03 / 0.0001", "2.61 / 1.63 / 0.02"),
)


def spread(row, error):
    return triple(row[error][s] for s in ("max", "mean", "min"))


def paper(source):
    lines = []
    for title, test, *figures in PAPER:
        rows = []
        runs = [(p, ["--class", "m", "--profile", p]) for p in
                ("p", "m", "reference", "ls7", "ls7:3", "ls7:4")]
        runs.append(("reference, test-aware",
                     ["--class", "m", "--profile", "reference",
                      "--model", "auto"]))
        for name, options in runs:
            row = source.verify(*options, "--test", test).get(test)
            if row:
                rows.append([name] + [spread(row, e) for e in ERRORS])
                last = row
        rows.append(["the paper"] + figures)
        rows.append(["limit of class M"] + [number(last[e]["limit"])
                                            for e in ERRORS])
        lines += ["", "**%s**: maximum / mean / minimum" % title, ""]
        lines += table(["profile", "TVE, %", "\\|FE\\|, Hz",
                        "\\|RFE\\|, Hz/s"], rows)
    return lines[1:]


def responses(source):
    """Table 4: the largest of 180 tests."""
    rows = []
    for fit, tests in source.curves("steps").items():
        columns = list(zip(*tests))
        rows.append([fit] + [number(max(abs(v) for v in columns[i]))
                             for i in (1, 2, 3, 4, 5)])
    rows.append(["the paper", "0.038", "-", "-", "0.0023", "1.8"])
    rows.append(["limit of class P", "0.04", "0.09", "0.12", "0.005", "5"])
    rows.append(["limit of class M", "0.14", "0.28", "0.28", "0.005", "10"])
    return table(["profile", "response TVE, s", "FE, s", "RFE, s", "delay, s",
                  "overshoot, %"], rows)


def conditions(source):
    rows, runs = [], {}
    for what, more in CONDITIONS.items():
        for profile in ("p", "m", "reference", "ls7"):
            runs[what, profile] = source.each(
                SMOOTH, "--class", CLASS_OF.get(profile, "m"), "--profile", profile,
                *more)
    for test in SMOOTH:
        for what in CONDITIONS:
            found = [runs[what, profile].get(test)
                     for profile in ("p", "m", "reference", "ls7")]
            rows.append([words(test), what] + [maxima(row) if row else "-"
                                               for row in found])
        of_p = runs["clean", "p"].get(test)
        rows.append([words(test), "limit", limits(of_p) if of_p else "-"] +
                    3 * [limits(runs["clean", "m"][test])])
    return table(["test", "", "p (class P)", "m", "reference", "ls7"], rows)


def used(row):
    """The largest part of its limits that a test uses, %."""
    parts = [100 * row[e]["max"] / row[e]["limit"] for e in ERRORS
             if row[e]["limit"]]
    text = number(max(parts)) if parts else "-"
    return text + (" *" if row["unverified"] else "")


def grid(fnom, rate):
    """Options of a nominal frequency and rate; none where they are usual."""
    if (fnom, rate) == (50, 50):
        return []
    return ["--fnom", str(fnom), "--rate", str(rate)]


def rates(source, fnom):
    rows = []
    for rate in RATES[fnom]:
        runs = {}
        for profile, whose in (("p", "p"), ("m", "m"), ("reference", "m")):
            runs[profile] = source.each(
                VARY, "--class", whose, "--profile", profile,
                *grid(fnom, rate))
        runs["aware"] = source.each(
            ("out_of_band", "frequency_ramp"), "--class", "m", "--profile",
            "reference", "--model", "auto", *grid(fnom, rate))
        for test in VARY:
            row = ["%d" % rate, words(test)]
            for run in runs.values():
                found = run.get(test)
                row += [maxima(found), used(found)] if found else ["-", "-"]
            rows.append(row)
    return table(["frames/s", "test", "p (class P)", "% of limit", "m",
                  "% of limit", "reference (class M)", "% of limit",
                  "the same, test-aware", "% of limit"], rows)


BLOCKS = {
    "acceptance": acceptance,
    "paper": paper,
    "responses": responses,
    "conditions": conditions,
    "rates-50": lambda source: rates(source, 50),
    "rates-60": lambda source: rates(source, 60),
}


# ---- pictures ----

KIND = {"p": "p", "m": "m", "reference": "r", "ls7": "ls7", "aware": "aware"}
NAME = {"p": "p", "m": "m", "reference": "reference", "ls7": "ls7",
        "aware": "test-aware"}


def legend(curves):
    return [(KIND[fit], NAME[fit]) for fit in curves]


def thinned(points, low, high, n):
    """The largest of each n-th part of low to high."""
    best = {}
    for x, y in points:
        best.setdefault(min(int((x - low) / (high - low) * n), n - 1),
                        []).append((y, x))
    return [(max(b)[1], max(max(b)[0], 1e-30)) for _, b in
            sorted(best.items())]


def ramp_picture(source):
    curves = source.curves("ramp")
    x = Axis(45, 55, range(45, 56))
    panels = [Panel("TVE, %", x, decades(-14, 1, 3)),
              Panel("|FE|, Hz", x, decades(-16, 0, 4)),
              Panel("|RFE|, Hz/s", x, decades(-16, 0, 4))]
    panels[0].limit(1, "1 %: limit of both classes")
    panels[1].limit(0.01, "0.01 Hz: limit of both classes")
    panels[2].limit(0.2, "0.2 Hz/s: limit of class M")
    for fit, rows in curves.items():
        for i, panel in enumerate(panels):
            panel.line(KIND[fit], thinned([(r[0], r[i + 1]) for r in rows],
                                          45, 55, 100))
    return Chart("Errors along a ramp of 1 Hz/s", panels, legend(curves),
                 "frequency at the report, Hz")


def modulation_picture(source):
    x = Axis(0, 5, range(6))
    panels = []
    for key, what in (("am", "AM 10 %"), ("pm", "PM 0.1 rad")):
        curves = source.curves(key)
        both = (Panel("TVE, %%: %s" % what, x, decades(-13, 2, 3)),
                Panel("|FE|, Hz: %s" % what, x, decades(-16, 0, 4)))
        both[0].limit(3, "3 %: limit of both classes")
        both[1].limit(0.3, "0.3 Hz: limit of class M at 5 Hz")
        for fit, rows in curves.items():
            for i, panel in enumerate(both):
                panel.line(KIND[fit], [(r[0], max(r[i + 1], 1e-30))
                                       for r in rows])
        panels += both
    return Chart("Errors against the modulating frequency", panels,
                 legend(curves), "modulating frequency, Hz")


def step_picture(source):
    curves = source.curves("trace")
    x = Axis(-0.15, 0.15, [-0.15, -0.1, -0.05, 0, 0.05, 0.1, 0.15])
    wide = Panel("Phase against that before the step, degrees", x,
                 Axis(-2, 12, [0, 5, 10]), 220)
    off = Panel("Off the true phase, degrees", x, decades(-15, 2, 3))
    for fit, rows in curves.items():
        rows = sorted(r for r in rows if abs(r[0]) <= 0.15)
        wide.line(KIND[fit], rows)
        off.line(KIND[fit], [(t, max(abs(v - 10 * (t >= 0)), 1e-30))
                             for t, v in rows])
    return Chart("Fits through a phase step of 10 degrees", [wide, off],
                 legend(curves), "report instant less instant of the step, s")


def response_picture(source):
    curves = source.curves("steps")
    x = Axis(0, 360, range(0, 361, 45))
    response = Panel("Response time by TVE, s", x,
                     Axis(0, 0.15, [0, 0.05, 0.1, 0.15]))
    delay = Panel("Delay, s", x, Axis(-0.005, 0.005,
                                      [-0.005, -0.0025, 0, 0.0025, 0.005]))
    response.limit(0.14, "0.14 s: limit of class M")
    for fit, rows in curves.items():
        response.line(KIND[fit], [(r[0], r[1]) for r in rows])
        delay.line(KIND[fit], [(r[0], r[4]) for r in rows])
    return Chart("Response and delay over 180 tests", [response, delay],
                 legend(curves), "phase of the carrier at the step, degrees")


DRAWINGS = {
    "accuracy-ramp": ramp_picture,
    "accuracy-modulation": modulation_picture,
    "accuracy-step": step_picture,
    "accuracy-response": response_picture,
}


# ---- the document ----

def begin_end(name):
    return re.compile(r"(<!-- begin %s -->\n).*?(<!-- end -->)"
                      % re.escape(name), re.S)


def block_of(text, name):
    """The lines of a block of the document."""
    return begin_end(name).search(text).group(0).splitlines()[1:-1]


def fill(text, name, lines):
    return begin_end(name).sub(
        lambda m: m.group(1) + "\n".join(lines) + "\n" + m.group(2), text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=os.path.join(HERE, "..", "build"))
    parser.add_argument("--cache")
    parser.add_argument("--no-run", action="store_true")
    parser.add_argument("--only", default=",".join([*BLOCKS, *DRAWINGS]))
    args = parser.parse_args()
    source = Source(args.build, args.cache, not args.no_run)
    wanted = args.only.split(",")
    for name, draw in DRAWINGS.items():
        if name in wanted:
            draw(source).save(os.path.join(PICTURES, name + ".svg"))
    for name, make in BLOCKS.items():
        if name not in wanted:
            continue
        lines = make(source)
        with open(DOC, encoding="utf-8") as doc:
            text = doc.read()
        with open(DOC, "w", encoding="utf-8") as doc:
            doc.write(fill(text, name, lines))


if __name__ == "__main__":
    main()
