#!/usr/bin/env python3
"""pps.py - a crystal that is 30 ppm fast, and a PPS on a spare input.

Nothing but the pulse says what time it is: UTC is 3.2 ms away from the guest's
clock. The pulse passes an RC of 0.3 ms and has a jitter of 0.2 us rms. One is
double and the next is 0.3 ms late. After 15 s it is missing for 60 s; when it
has come back, a scan is lost.

The waves are functions of UTC, so the angle of each report is its error of
time: 1 us is 0.018 degree. It must be below 1 us after 10 s, below 5 us after
60 s without pulses, and never more than the frame claims: by FRACSEC's code
(C37.118.2-2011, table 3) and STAT 8-6 (table 7).
"""
import math
import sys

import guest

PPS_CHAN = 7
BOARD = ("pps_chan=%d pps_tau_ns=300000 pps_jitter_ns=200 noise_uv=150 "
         "clock_ppb=30000 utc_offset_ns=-3200000" % PPS_CHAN)
MAX_LOCKED_S = 1e-6
MAX_HELD_S = 5e-6
AFTER_S = 10
HOLDOVER_S = 60

RUN = guest.Run(1, 10, 2, options="-v --time pps-channel:%d" % PPS_CHAN)

TQ_S = [None, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, math.inf]


def script(port):
    return guest.SHELL + """
now
mkfifo /tmp/said; stamped < /tmp/said &
%s > /tmp/said 2>&1 & pid=$!
sleep 7; second; sleep .3; put pps_double_us 200000
second; sleep .3; put pps_double_us 0; put pps_offset_ns 300000
second; sleep .3; put pps_offset_ns 0
sleep 5
say lost; put pps_missing 1
sleep %d
say back; put pps_missing 0
sleep 7
say "fault 4"; put fault 4
sleep 5
kill -TERM $pid; wait $pid; echo "status $?"
""" % (RUN.command(port), HOLDOVER_S)


def stated_s(frame, stat):
    """The error that a report admits, by both of its codes."""
    code = frame.time_quality
    within_s = math.inf if code == 15 else 10.0 ** (code - 10)
    if code == 0:
        within_s = 1e-6
    return min(within_s, TQ_S[stat >> 6 & 7])


def errors():
    """(UTC, error of time, stated uncertainty, STAT) of each good report."""
    for i, report in enumerate(RUN.data):
        if guest.is_bad(report):
            continue
        frame, (stat, phasors, _, _) = report
        turn = max((guest.degrees(p / guest.truth(RUN, i, lag))
                    for p, lag in zip(phasors, guest.LAG_DEG)), key=abs)
        yield (RUN.time_s(i), abs(turn) / 360 / 50, stated_s(frame, stat), stat)


def worst(told, some, first_s, last_s):
    """The largest error of time between two dates."""
    error_s = max(e for at, e, _, _ in some if first_s <= at <= last_s)
    print("%s: %.3f us at worst" % (told, error_s * 1e6))
    return error_s


def check_states(events, lost_s, back_s):
    """LOCKED soon, HOLDOVER soon after the loss, LOCKED after the return."""
    told = [(at, e["state"]) for at, e in events.of("time")]
    print("states:", ["%.2f %s" % (at - lost_s, state) for at, state in told])
    names = [state for _, state in told if state != "UNLOCKED"]
    assert names[:3] == ["LOCKED", "HOLDOVER", "LOCKED"], names
    held_s = next(at for at, state in told if state == "HOLDOVER")
    assert lost_s < held_s <= lost_s + 3.5, held_s - lost_s
    again_s = next(at for at, state in told
                   if state == "LOCKED" and at > held_s)
    assert back_s < again_s <= back_s + 6, again_s - back_s
    return again_s


def check_claims(some):
    """No report is further off than it says."""
    wrong = [(at, error_s, within_s) for at, error_s, within_s, stat in some
             if error_s > within_s or
             (not stat & guest.UNSYNC and error_s > MAX_LOCKED_S)]
    for at, error_s, within_s in wrong:
        print("at %.2f: %.3f us off, %g us admitted" %
              (at, error_s * 1e6, within_s * 1e6))
    assert not wrong, "more than stated"


def check_time(events):
    some = list(errors())
    begin_s = some[0][0]
    lost_s, back_s = events.at("lost"), events.at("back")
    fault_s = events.at("fault 4")
    again_s = check_states(events, lost_s, back_s)
    locked_s = worst("locked", some, begin_s + AFTER_S, lost_s)
    held_s = worst("held over", some, lost_s, back_s)
    # The report of that second is dated by the clock that was held over.
    relocked_s = worst("locked again", some, again_s + 0.1, fault_s - 0.1)
    in_sync = [at for at, _, _, stat in some if not stat & guest.UNSYNC]
    print("in sync %.1f s after the first report" % (in_sync[0] - begin_s))
    assert in_sync[0] < lost_s
    assert locked_s <= MAX_LOCKED_S and relocked_s <= MAX_LOCKED_S
    assert held_s <= MAX_HELD_S
    check_claims(some)


def check_lost_scan(events):
    """The pulse, or the wave, tells of one scan; all that follows is right."""
    fault_s = events.at("fault 4")
    told = [(at, e) for at, e in events.of("scan-lost") if e["over"] == "0"]
    assert len(told) == 1, told
    at, event = told[0]
    print("lost scan told after %.2f s" % (at - fault_s))
    assert at <= fault_s + 1.2, at - fault_s
    assert abs(guest.utc_s(event["at"]) - fault_s) <= 1.2, event


def main():
    module = guest.build_module("pps")
    if not module:
        return guest.SKIPPED
    status, output = guest.record("%s %s" % (module, BOARD), script, [RUN])
    if status == guest.SKIPPED:
        return guest.SKIPPED
    assert "status 0\n" in output, "the run has failed"
    events = guest.Events(output)
    guest.check_grid(RUN)
    check_time(events)
    check_lost_scan(events)
    return 0


if __name__ == "__main__":
    sys.exit(main())
