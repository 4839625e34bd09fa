"""psyn.py - docs/mcu-link.md in Python, written from the document alone.

    reader = psyn.Reader()
    for text in reader.feed(bytes_from_the_front_end):
        message = psyn.decode(text)          # None: refused
        if message and message.kind == "T" and message.state == "LOCKED": ...
    port.write(psyn.encode("START", seq=1, utc_s=1798761605))

A message has the members of its kind, in the document's order; an empty field
is None. reader.bad counts what was refused.
"""
import re
from types import SimpleNamespace

PROTOCOL = 1
LINE_MAX = 96
UTC_MAX = 4102444799
VALUE_MAX = 999999999999

STATES = ["INIT", "ACQUIRE", "TRACK", "LOCKED", "HOLDOVER", "FAULT"]
EVENTS = ["BOOT", "STATE", "STEP", "STARTED", "PPS_LOST", "PPS_BACK",
          "PPS_DOUBLE", "PPS_REFUSED", "LABEL", "LABEL_LOST", "LABEL_JUMP",
          "LEAP", "LINE_BAD", "NMEA_BAD", "UNDERRUN", "WATCHDOG",
          "LINES_LOST"]
REASONS = ["FIELDS", "RANGE", "STATE", "LATE", "KEY", "COMMAND"]
FLAGS = {"LABEL": 1, "LEAP_INSERT": 2, "LEAP_DELETE": 4, "IN_LEAP": 8,
         "START": 16, "PULSE": 32, "SLEW": 64, "RUNNING": 128}
# What SET takes; id can only be asked for.
RANGES = {"rate": (1, 50000), "delay_ns": (0, 1000000),
          "leap": (-UTC_MAX, UTC_MAX), "leap_till": (0, UTC_MAX)}
KEYS = ["id"] + list(RANGES)

INTEGER = re.compile(r"(?:0|-?[1-9][0-9]{0,17})\Z", re.ASCII)
NAME = re.compile(r"[!-#%-)+\--~]{1,16}\Z")
HEX4 = re.compile(r"[0-9A-F]{4}\Z")


class Refused(ValueError):
    """A line that the document does not allow; str() is NAK's reason."""


# ---- lines ----

def checksum(text):
    """The two digits behind the `*`."""
    total = 0
    for byte in text.encode("ascii"):
        total ^= byte
    return "%02X" % total


def frame(text):
    """The bytes of a whole line."""
    line = ("$%s*%s\r\n" % (text, checksum(text))).encode("ascii")
    if len(line) > LINE_MAX or re.search(r"[^ -~]|[$*]", text):
        raise ValueError("no line can hold: " + text)
    return line


class Reader:
    """Bytes as they come to the texts of whole lines."""

    def __init__(self):
        self.bad = 0
        self._line = None  # from its `$` on; None: between lines
        self._skips = False

    def feed(self, data):
        """The texts of the lines that became whole, a list."""
        texts = []
        for byte in data:
            text = self._take(byte)
            if text is not None:
                texts.append(text)
        return texts

    def _refuse(self, byte):
        self.bad += 1
        self._line = None
        self._skips = byte != 0x0a

    def _take(self, byte):
        if byte == 0x24:
            self.bad += self._line is not None
            self._line, self._skips = b"$", False
        elif self._line is None:
            if byte == 0x0a:
                self._skips = False
            elif not self._skips and byte != 0x0d:
                self._refuse(byte)
        else:
            self._line += bytes([byte])
            return self._judge(byte)
        return None

    def _judge(self, byte):
        """A line that goes on; its text once it is whole."""
        text, star, end = self._line[1:].decode("latin-1").partition("*")
        if not star:
            if not 0x20 <= byte <= 0x7e or len(text) > LINE_MAX - 6:
                self._refuse(byte)
            return None
        due = checksum(text) + "\r\n"
        if end == due:
            self._line = None
            return text
        if not due.startswith(end):
            self._refuse(byte)
        return None


# ---- fields ----

def _integer(low, high, empty=False):
    def read(field):
        if empty and field == "":
            return None
        if not INTEGER.match(field):
            # A number of any length is out of range, not of another form.
            raise Refused("RANGE" if re.match(r"-?[1-9][0-9]+\Z", field)
                          else "FIELDS")
        if not low <= int(field) <= high:
            raise Refused("RANGE")
        return int(field)
    return read


def _one_of(words, reason="FIELDS"):
    def read(field):
        if field not in words:
            raise Refused(reason)
        return field
    return read


def _matching(pattern, convert=str):
    def read(field):
        if not pattern.match(field):
            raise Refused("FIELDS")
        return convert(field)
    return read


UTC = _integer(0, UTC_MAX)
SEQ = _integer(0, 65535)
INT32 = _integer(-2 ** 31, 2 ** 31 - 1, empty=True)
VALUE = _integer(-VALUE_MAX, VALUE_MAX)
TO_HOST = {
    "ID": [("protocol", _integer(1, 2 ** 31 - 1)),
           ("board", _matching(NAME)), ("version", _matching(NAME)),
           ("tick_hz", _integer(1, 10 ** 9)), ("rate", _integer(1, 50000)),
           ("boot", _integer(0, 2 ** 32 - 1))],
    "T": [("utc_s", UTC), ("state", _one_of(STATES)), ("phase_ns", INT32),
          ("freq_ppb", INT32),
          ("error_ns", _integer(0, 2 ** 32 - 1, empty=True)),
          ("sats", _integer(0, 255, empty=True)),
          ("edges", _integer(0, 99999)),
          ("flags", _matching(HEX4, lambda field: int(field, 16)))],
    "E": [("utc_s", UTC), ("name", _one_of(EVENTS)), ("value", VALUE)],
    "ACK": [("seq", SEQ), ("key", _one_of(list(RANGES))), ("value", VALUE)],
    "NAK": [("seq", SEQ), ("reason", _one_of(REASONS))],
}
TO_FRONT_END = {
    "START": [("seq", SEQ), ("utc_s", UTC)],
    "SET": [("seq", SEQ), ("key", _one_of(list(RANGES), "KEY")),
            ("value", VALUE)],
    "QUERY": [("seq", SEQ), ("key", _one_of(KEYS, "KEY"))],
}


def _check_value(message):
    """A setting's value, by its key."""
    if message.kind in ("SET", "ACK") and getattr(message, "key", None):
        low, high = RANGES[message.key]
        if not low <= message.value <= high or (
                message.key == "leap" and message.value % 86400):
            raise Refused("RANGE")


def _take(kind, fields, words):
    """Of several faults KEY is told before FIELDS, FIELDS before RANGE."""
    message = SimpleNamespace(kind=kind)
    faults = set() if len(words) == len(fields) else {"FIELDS"}
    for (name, read), word in zip(fields, words):
        try:
            setattr(message, name, read(word))
        except Refused as why:
            faults.add(str(why))
    for reason in ("KEY", "FIELDS", "RANGE"):
        if reason in faults:
            raise Refused(reason)
    _check_value(message)
    return message


def decode(text):
    """What a front end says; None: refused. ACK without a value has key None.
    ID of another protocol has `protocol` alone."""
    head, *words = text.split(",")
    kind = words.pop(0) if words else ""
    if head != "PSYN" or kind not in TO_HOST:
        return None
    fields = TO_HOST[kind]
    try:
        if kind == "ID" and words and words[0] != str(PROTOCOL):
            fields, words = fields[:1], words[:1]
        if kind == "ACK" and len(words) == 1:
            return SimpleNamespace(kind=kind, seq=SEQ(words[0]), key=None,
                                   value=None)
        return _take(kind, fields, words)
    except Refused:
        return None


def decode_command(text):
    """What a host says: (message, None), or (None, (seq, reason)) where the
    answer is NAK, or (None, None) where there is nobody to answer."""
    head, *words = text.split(",")
    kind = words.pop(0) if words else ""
    try:
        seq = SEQ(words[0])
    except (IndexError, Refused):
        return None, None
    if head != "PSYN":
        return None, None
    if kind not in TO_FRONT_END:
        return None, (seq, "COMMAND")
    try:
        return _take(kind, TO_FRONT_END[kind], words), None
    except Refused as why:
        return None, (seq, str(why))


# ---- writing ----

def text_of(kind, **members):
    """The text of a message of either side; None is an empty field."""
    fields = TO_HOST.get(kind) or TO_FRONT_END[kind]
    words = ["PSYN", kind]
    for name, _ in fields:
        value = members.get(name)
        if kind == "ACK" and name != "seq" and members.get("key") is None:
            break
        if value is None:
            words.append("")
        elif name == "flags":
            words.append("%04X" % value)
        else:
            words.append(str(value))
    return ",".join(words)


def encode(kind, **members):
    """The bytes of a whole line; ValueError where no reader would take it."""
    text = text_of(kind, **members)
    good = decode(text) if kind in TO_HOST else decode_command(text)[0]
    if not good:
        raise ValueError("not allowed: " + text)
    return frame(text)


def write(message):
    """encode() of what decode() or decode_command() gave."""
    members = dict(vars(message))
    return encode(members.pop("kind"), **members)


def has(message, flag):
    """A T line has the flag of that name."""
    return bool(message.flags & FLAGS[flag])
