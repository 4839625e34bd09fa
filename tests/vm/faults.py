#!/usr/bin/env python3
"""faults.py - every fault that comedi_synth knows, one after the other.

Start and scan clock are external, so that all is known absolutely: report i is
right or it is not (0.01 % TVE; 0.3 us are that), a fault begins when the guest
says so, and acquisition can begin anew on a whole second only.

Of each fault: an event of its name within 1 s of the cause, with the first lost
scan; one more when it is over, with the duration and the scans lost; all
reports in between bad by STAT and none of the good ones wrong; the stream right
again within 2 s of the cause going. Frames go out all the while.
"""
import sys

import guest

MAX_TVE = 1e-4
TOLD_S = 1.0
AGAIN_S = 2.0
SCAN_S = 1 / 18000

# How well the guest knows when it made a fault: it is busy, its timer's tick is
# 2 ms, and uptime has 10 ms.
MADE_S = 0.25

RUN = guest.Run(1, 10, 2, options="-v",
                source=",clock=external:2,start=external:1")

# Cause, its end, and the event.
FAULTS = [("fault 1", "fault 1", "overflow"),
          ("fault 2", "fault 2", "device-error"),
          ("fault 3", "fault 0", "clock-stopped"),
          ("fault 4", "fault 4", "scan-lost"),
          ("fault 5", "fault 6", "device-gone")]


def script(port):
    return guest.SHELL + """
fault() { say "fault $1"; put fault $1; }
now
mkfifo /tmp/said; stamped < /tmp/said &
%s > /tmp/said 2>&1 & pid=$!
sleep 4; fault 1
sleep 3.2; fault 2
sleep 3.4; fault 3; sleep 1.5; fault 0
sleep 3.6; fault 4
sleep 3.1; fault 5; sleep 1.3; fault 6
sleep 4
kill -TERM $pid; wait $pid; echo "status $?"
""" % RUN.command(port)


def tve(i):
    _, (_, phasors, _, _) = RUN.data[i]
    wants = [guest.truth(RUN, i, lag) for lag in guest.LAG_DEG]
    return max(abs(p / want - 1) for p, want in zip(phasors, wants))


def check_good():
    """What is not flagged is right."""
    worst = max(tve(i) for i, r in enumerate(RUN.data) if not guest.is_bad(r))
    print("%d reports, TVE of the good ones %.5f %% at worst" %
          (len(RUN.data), worst * 100))
    assert worst <= MAX_TVE, worst


def check_timely():
    """No frame leaves a second later than the promptest: a gap is told while
    it lasts."""
    late_s = [at - RUN.time_s(i) for i, at in enumerate(RUN.arrived)]
    print("frames: up to %.2f s later than the promptest" %
          (max(late_s) - min(late_s)))
    assert max(late_s) - min(late_s) <= TOLD_S


def bad_after(first_s, until_s):
    """Dates of the bad reports between two causes."""
    return [RUN.time_s(i) for i, report in enumerate(RUN.data)
            if guest.is_bad(report) and first_s - 0.1 <= RUN.time_s(i) < until_s]


def check_extent(first, over):
    """Name, date and count agree, and the end is a whole second."""
    at_s = guest.utc_s(first["at"])
    begun_s = at_s - int(first["first_lost_scan"]) * SCAN_S
    assert abs(begun_s - round(begun_s)) <= SCAN_S, begun_s
    assert over["first_lost_scan"] == first["first_lost_scan"], over
    end_s = at_s + float(over["duration_s"])
    assert abs(end_s - round(end_s)) <= SCAN_S, end_s
    lost = float(over["duration_s"]) / SCAN_S
    assert abs(int(over["lost_scans"]) - lost) <= 1, (over, lost)
    return at_s, end_s


def check_fault(events, which):
    cause, end, name = FAULTS[which]
    cause_s, gone_s = events.at(cause), events.at(end)
    last = which + 1 == len(FAULTS)
    next_s = RUN.time_s(-1) if last else events.at(FAULTS[which + 1][0])
    told = [(at, e) for at, e in events.of(name) if cause_s <= at < next_s]
    assert [e["over"] for _, e in told] == ["0", "1"], (name, told)
    at_s, end_s = check_extent(told[0][1], told[1][1])
    bad = bad_after(cause_s, next_s)
    print("%s: told after %.2f s, lost from %+.3f s to %+.3f s, "
          "bad reports from %+.2f s to %+.2f s; gone at %+.2f s" %
          (name, told[0][0] - cause_s, at_s - cause_s, end_s - cause_s,
           bad[0] - cause_s, bad[-1] - cause_s, gone_s - cause_s))
    assert told[0][0] - cause_s <= TOLD_S
    assert abs(at_s - cause_s) <= MADE_S
    assert len(bad) == round((bad[-1] - bad[0]) * RUN.rate) + 1, "not one hole"
    assert bad[0] <= at_s + 2 / RUN.rate, "not flagged at once"
    assert bad[-1] >= end_s - 1 / RUN.rate, "good again too early"
    assert bad[-1] + 1 / RUN.rate <= gone_s + AGAIN_S, "right again too late"


def main():
    module = guest.build_module("faults")
    if not module:
        return guest.SKIPPED
    status, output = guest.record(module, script, [RUN])
    if status == guest.SKIPPED:
        return guest.SKIPPED
    assert "status 0\n" in output, "the run has failed"
    events = guest.Events(output)
    guest.check_grid(RUN)
    check_good()
    for which in range(len(FAULTS)):
        check_fault(events, which)
    check_timely()
    return 0


if __name__ == "__main__":
    sys.exit(main())
