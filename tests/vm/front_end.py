#!/usr/bin/env python3
"""front_end.py - a board that the timing front end starts: every scan has its UTC,
and the frames say what the front end says of it.

In the guest run the front end's own core on a simulated board (front_end of
tests/firmware) and comedi_synth, whose scan 0 is on the whole second after it was
armed and whose waves are functions of UTC. So each phasor is judged absolutely,
as in external.py: 0.0005 degree is 28 ns at 50 Hz. The pulse goes and comes back:
locked, holdover, locked, and no scan is lost. Then the front end is reset: frames
have no values until it is locked and has started the board anew.
"""
import os
import sys

import guest

MAX_DEG = 0.0005
MAX_PPM = 20
WITHIN_S = 4  # of the pulse that is missed: held over after 2, heard after 2
LINK = "tcp:127.0.0.1:7000"
RUN = guest.Run(1, 10, 2, 65, source=",clock=mcu:" + LINK)
FRONT_END = os.path.join(os.environ["CISOID_BUILD"], "tests", "firmware",
                         "front_end")


def script(port):
    """What front_end answers, the second from which a word holds, is told."""
    return guest.SHELL + """
ifconfig lo up
mkfifo /tmp/words
/app/front_end --listen %s < /tmp/words > /tmp/answers &
exec 3> /tmp/words
until grep -q link /tmp/answers; do sleep 0.1; done
cisoid time status --source comedi:dev=/dev/comedi0,clock=mcu:%s || exit
(sleep 12; echo pps off >&3; sleep 10; echo pps on >&3
sleep 12; echo reset >&3) &
%s
status=$?
sed 's/^/front_end: /' /tmp/answers
exit $status
""" % (LINK, LINK, RUN.command(port))


def seconds(output):
    """From which the pulse is away, is there again, and the reset."""
    found = [int(line.split()[-1]) for line in output.splitlines()
             if line.startswith("front_end: ok")]
    assert len(found) == 3, output
    return found


def check_signal():
    """Wherever there are values."""
    worst_deg = worst_ppm = 0
    for i, report in enumerate(RUN.data):
        _, (_, phasors, freq_hz, _) = report
        if guest.is_bad(report):
            continue
        assert abs(freq_hz - 50) <= 1e-3, freq_hz
        for got, lag_deg in zip(phasors, guest.LAG_DEG):
            ratio = got / guest.truth(RUN, i, lag_deg)
            worst_deg = max(worst_deg, abs(guest.degrees(ratio)))
            worst_ppm = max(worst_ppm, abs(abs(ratio) - 1) * 1e6)
    print("%d reports, %.6f degree and %.2f ppm at worst"
          % (len(RUN.data), worst_deg, worst_ppm))
    assert worst_deg <= MAX_DEG and worst_ppm <= MAX_PPM


def word(report):
    """What a frame says of itself."""
    frame, (stat, _, _, _) = report
    if guest.is_bad(report):
        return "bad"
    assert (frame.time_quality == 0) == (stat & guest.UNSYNC == 0), stat
    return "holdover" if frame.time_quality else "locked"


def check_states(off_s, on_s, reset_s):
    """When the frames change their mind."""
    words, since = [], []
    for i, report in enumerate(RUN.data):
        if [word(report)] != words[-1:]:
            words.append(word(report))
            since.append(RUN.time_s(i))
    print("pulse away %d to %d, reset %d; %s" % (
        off_s, on_s, reset_s,
        ", ".join("%s from %.1f" % one for one in zip(words, since))))
    assert words == ["locked", "holdover", "locked", "bad", "locked"], words
    assert off_s < since[1] <= off_s + WITHIN_S, since
    assert on_s < since[2], since
    assert reset_s - 2 < since[3] <= reset_s + WITHIN_S, since


def main():
    module = guest.build_module("front_end")
    if not module:
        return guest.SKIPPED
    status, output = guest.record(module, script, [RUN],
                                  inputs=[FRONT_END])
    if status == guest.SKIPPED:
        return guest.SKIPPED
    assert status == 0, "status %d in the guest" % status
    assert "LOCKED" in output and "sim" in output, output
    assert len(RUN.data) >= RUN.least(), (len(RUN.data), RUN.least())
    guest.check_grid(RUN)
    check_signal()
    check_states(*seconds(output))
    return 0


if __name__ == "__main__":
    sys.exit(main())
