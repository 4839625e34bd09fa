#!/usr/bin/env python3
"""hardware_doc.py - the filters' table in docs/hardware.md is what follows from
the transfer functions: 1/(1 + s) and the Butterworth polynomials; and the
program takes its commands, words, keys and options."""
import cmath
import math
import os
import re
import subprocess
import sys
import tempfile

DOC = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..",
                   "docs", "hardware.md")
ROW = re.compile(r"^\| ([\w-]+ ?order)[^|]*, (\d) kHz \| ([−\d.]+) dB "
                 r"\| ([−\d.]+) µs \| ([−\d.]+) ppm \| ([−\d.]+) ns \|$")
NAMES = ("cisoid devices test", "cisoid time status")
ORDER = {"first order": 1, "second-order": 2, "fourth-order": 4}


def transfer(order, cut_hz, freq_hz):
    """A Butterworth low-pass: poles on the unit circle's left half."""
    s = 1j * freq_hz / cut_hz
    value = 1
    for k in range(order):
        pole = cmath.exp(1j * math.pi * (2 * k + order + 1) / (2 * order))
        value /= 1 - s / pole
    return value


def delay_s(order, cut_hz, freq_hz):
    return -cmath.phase(transfer(order, cut_hz, freq_hz)) / (
        2 * math.pi * freq_hz)


def number(text):
    return float(text.replace("−", "-"))


def check(name, value, text):
    """As many digits as the table gives."""
    digits = len(text.partition(".")[2])
    assert abs(value - number(text)) <= 0.5000001 * 10 ** -digits, (
        name, value, text)


def commands(text):
    """Those between backticks, and those that begin a line of code."""
    text = text.replace("$SOURCE", re.search(r"SOURCE=(\S+)", text)[1])
    for command in re.findall(r"`(cisoid [^`\n]+)`|^ +(cisoid .+)", text,
                              re.MULTILINE):
        yield "".join(command).split(" >> ")[0].replace(",...", "")


def check_command(command, folder):
    """Without the board that it names: sampling would take its time."""
    words = command.replace("/dev/comedi0", "/nowhere/comedi0").split()[1:]
    out = subprocess.run([os.environ["CISOID"], *words], cwd=folder, text=True,
                         capture_output=True, timeout=60, check=False,
                         stdin=subprocess.DEVNULL)
    assert out.returncode in (0, 4), (command, out.returncode, out.stderr)


def check_commands():
    with open(DOC, encoding="utf-8") as doc:
        found = set(commands(doc.read()))
    assert len(found) >= 6, found
    with tempfile.TemporaryDirectory() as folder:
        open(os.path.join(folder, "inputs.conf"), "w",
             encoding="utf-8").close()
        for command in sorted(found):
            # A word without its options is a name, and samples what there is.
            if command not in NAMES:
                check_command(command, folder)


def main():
    check_commands()
    rows = 0
    with open(DOC, encoding="utf-8") as doc:
        for line in doc:
            row = ROW.match(line.rstrip().replace(" Butterworth", ""))
            if not row:
                continue
            order, cut_hz = ORDER[row[1]], 1e3 * float(row[2])
            check("at 18 kHz", 20 * math.log10(
                abs(transfer(order, cut_hz, 18e3))), row[3])
            check("delay", 1e6 * delay_s(order, cut_hz, 50), row[4])
            check("magnitude", 1e6 * (abs(transfer(order, cut_hz, 50)) - 1),
                  row[5])
            check("change", 1e9 * (delay_s(order, cut_hz, 55)
                                   - delay_s(order, cut_hz, 45)), row[6])
            rows += 1
    assert rows == 3, rows


if __name__ == "__main__":
    sys.exit(main())
