#!/usr/bin/env python3
"""docs/mcu-link.md is true of the code: its examples are read and written to
the same bytes by both codecs, its lists are theirs, and whatever bytes there
are, both say the same of them."""
import os
import random
import re
import subprocess
import sys

import psyn

HERE = os.path.dirname(os.path.abspath(__file__))
DOC = os.path.join(HERE, "..", "..", "docs", "mcu-link.md")
ECHO = os.path.join(os.environ["CISOID_BUILD"], "tests", "firmware",
                    "link_echo")


def in_c(data):
    """What the codec in C says of these bytes, line by line."""
    run = subprocess.run([ECHO], input=data, stdout=subprocess.PIPE,
                         check=True)
    return run.stdout.decode("ascii").splitlines()


def in_python(data):
    """The same of psyn.py."""
    reader, said = psyn.Reader(), []
    for byte in data:
        bad = reader.bad
        for text in reader.feed(bytes([byte])):
            said.append(echo(text))
        said += ["bad"] * (reader.bad - bad)
    return said


def echo(text):
    """One line's text."""
    message = psyn.decode(text)
    if message and message.kind == "ID" \
            and message.protocol != psyn.PROTOCOL:
        return "protocol %d" % message.protocol
    nak = None
    if not message:
        message, nak = psyn.decode_command(text)
    if message:
        return psyn.write(message).decode("ascii").rstrip("\r\n")
    return "nak %d %s" % nak if nak else "refused"


def table(text, heading, column):
    """A column of the first table behind a heading."""
    part = text[text.index("\n" + heading + "\n"):]
    rows = re.search(r"\n\|.*\n\| -.*\n((?:\|.*\n)+)", part).group(1)
    return [row.split("|")[column + 1].strip() for row in rows.splitlines()]


def check_lists(text):
    """States, events, reasons, keys and flags are the code's."""
    words = subprocess.run([ECHO, "words"], stdout=subprocess.PIPE,
                           check=True).stdout.decode("ascii").splitlines()
    states, events, reasons, keys, flags = (line.split() for line in words)
    events_at = text.index("| NAME | when |")
    in_doc = {
        "states": table(text, "#### States", 0),
        "numbers": table(text, "#### States", 1),
        "events": table(text[:events_at].rsplit("\n", 1)[0] + "\n## N\n\n"
                        + text[events_at:], "## N", 0),
        "reasons": table(text, "### ACK and NAK: answers", 0),
        "keys": ["id"] + table(text.replace(
            "| KEY | VALUE | at boot", "## K\n\n| KEY | VALUE | at boot"),
            "## K", 0),
        "flags": ["%s=%d" % (name, int(value, 16)) for name, value in
                  zip(table(text, "#### Flags", 2),
                      table(text, "#### Flags", 1))],
        "bits": table(text, "#### Flags", 0),
    }
    assert in_doc["states"] == states == psyn.STATES, in_doc["states"]
    assert in_doc["numbers"] == [str(i) for i in range(len(states))]
    assert in_doc["events"] == events == psyn.EVENTS, in_doc["events"]
    assert in_doc["reasons"] == reasons == psyn.REASONS, in_doc["reasons"]
    assert in_doc["keys"] == keys == psyn.KEYS, in_doc["keys"]
    assert in_doc["flags"] == flags, in_doc["flags"]
    assert flags == ["%s=%d" % item for item in psyn.FLAGS.items()]
    assert in_doc["bits"] == [str(i) for i in range(len(flags))]


def check_examples(text):
    """Each is taken, and said again as it stands. Returns them."""
    examples = re.findall(r"\$[^`\s]*\*[0-9A-Fa-f]{2}", text)
    assert len(examples) > 30, "the examples have gone"
    for example in examples:
        data = (example + "\r\n").encode("ascii")
        assert in_c(data) == [example], (example, in_c(data))
        assert in_python(data) == [example], (example, in_python(data))
    kinds = {example.split(",")[1] for example in examples}
    assert kinds == set(psyn.TO_HOST) | set(psyn.TO_FRONT_END), kinds
    return examples


def damaged(examples, draw):
    """A line with some bytes changed, lost or put in; half of them have the
    sum of what they then say, so that the fields are tried as well."""
    text = draw.choice(examples)[1:-3]
    for _ in range(draw.randrange(4)):
        i = draw.randrange(len(text) + 1)
        piece = draw.choice(["", ",", "0", "-", "1", " ", "A", "rate", "99",
                             draw.choice(text)])
        text = text[:i] + piece + text[i + draw.randrange(2):]
    sum_of = draw.choice([text, "X" + text])
    data = bytearray(("$%s*%s\r\n" % (text, psyn.checksum(sum_of)))
                     .encode("ascii"))
    if draw.randrange(4) == 0:
        data[draw.randrange(len(data))] = draw.randrange(256)
    return bytes(data)


def check_the_rest(examples):
    """Both codecs agree on lines with faults and on noise."""
    draw = random.Random(8)
    data = b"".join(damaged(examples, draw) for _ in range(20000))
    data += bytes(draw.randrange(256) for _ in range(20000))
    data += bytes(draw.choice(b"$*,PSYN019AF\r\n") for _ in range(50000))
    ours, theirs = in_c(data), in_python(data)
    for i, (one, other) in enumerate(zip(ours, theirs)):
        assert one == other, "%d: C says %s, Python %s" % (i, one, other)
    assert len(ours) == len(theirs)
    told = {line.split()[0] for line in ours if line[0] != "$"}
    assert told == {"bad", "refused", "nak", "protocol"}, told
    return len(ours)


def main():
    """AssertionError where it is not."""
    with open(DOC, encoding="utf-8") as f:
        text = f.read()
    check_lists(text)
    examples = check_examples(text)
    print("%d examples, %d lines with faults: both codecs agree"
          % (len(examples), check_the_rest(examples)))


if __name__ == "__main__":
    sys.exit(main())
