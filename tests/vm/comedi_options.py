#!/usr/bin/env python3
"""comedi_options.py - what a board is asked for, and what it is refused.

Calibration by software: channel 6 of comedi_synth is 0 V, which in the range of
+-10 V is the code 32768. A file of ours says that this code, and those near it,
are 0.125 + 3e-4 (code - 32760) + 1e-3 (code - 32760)^2 volts: 0.125 + 2.4e-3 +
0.064 V. The recording keeps it as float32.
"""
import re
import struct
import sys

import guest

VOLTS = 0.125 + 3e-4 * 8 + 1e-3 * 64

CALIBRATION = """{
  driver_name => "%s", board_name => "%s",
  calibrations => [ { subdevice => 0, channels => [6], ranges => [0],
    arefs => [0, 2], caldacs => [],
    softcal_to_phys => { expansion_origin => 32760.0,
                         coefficients => [0.125, 0.0003, 0.001] },
  } ],
}"""

# Options, status, and what the sentence says.
REFUSED = (
    ("rate=600000", 2, "250000.000000 Hz is the nearest"),
    ("max_rate_error=1e-5", 2, "18001.800180 Hz is the nearest"),
    ("convert_ns=100", 2, "500 ns at least"),
    ("clock=external:0,convert_ns=20000", 2, "longer than the 55.556 us"),
    ("channels=0+9", 2, "no channel 9; the board has 0 to 7"),
    ("pps_channel=8", 2, "no channel 8"),
    ("range=3", 2, "channel 0 has 0 to 2"),
    ("aref=other", 2, "no inputs of aref=other"),
    ("subdevice=1", 2, "subdevice 1 is no analogue input"),
    ("dev=/dev/comedi7", 4, "no such device"),
    ("calibration=/dev/null", 2, "cannot be read as a Comedi calibration"),
    ("calibration=/nonexistent", 2, "cannot be read"),
    ("channels=6,calibration=/tmp/other", 2, "is of a board other"),
    ("channels=0,calibration=/tmp/cal", 2, "no polynomial for channel 0"),
)

SCRIPT = """
cat > /tmp/cal <<'END'
%(cal)s
END
cat > /tmp/other <<'END'
%(other)s
END
capture() {
  echo "ask $1"
  cisoid capture --source comedi:$1 --duration 0.1s -o /tmp/x.cfg 2>&1
  echo "status $?"
}
for o in %(refused)s; do capture $o; rm -f /tmp/x.*; done
capture channels=6,calibration=/tmp/cal
echo "code $(od -A n -t x4 -j 8 -N 4 /tmp/x.dat)"
"""


def answers(output):
    """Status and sentences by options."""
    found = re.findall(r"ask (\S+)\n(.*?)status (\d+)", output, re.S)
    return {ask: (int(status), text) for ask, text, status in found}


def check_refusals(output):
    said = answers(output)
    for ask, status, words in REFUSED:
        assert said[ask][0] == status, (ask, said[ask])
        assert words in said[ask][1], (ask, said[ask])


def check_calibration(output):
    """The first value of a recording of float32, after number and time."""
    code = re.search(r"code +([0-9a-f]{8})", output).group(1)
    volts = struct.unpack(">f", bytes.fromhex(code))[0]
    print("calibrated: %.9f V, not %.9f V" % (volts, VOLTS))
    assert abs(volts / VOLTS - 1) <= 2 ** -24, volts


def main():
    module = guest.build_module("comedi_options")
    if not module:
        return guest.SKIPPED
    script = SCRIPT % {
        "cal": CALIBRATION % ("comedi_synth", "synth-8"),
        "other": CALIBRATION % ("other", "other"),
        "refused": " ".join(ask for ask, _, _ in REFUSED)}
    status, output = guest.record(module, lambda port: script, ())
    if status == guest.SKIPPED:
        return guest.SKIPPED
    assert status == 0, status
    check_refusals(output)
    check_calibration(output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
