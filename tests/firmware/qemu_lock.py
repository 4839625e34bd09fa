#!/usr/bin/env python3
"""qemu_lock.py - the image finds the rate of its clock, locks to the pulses,
starts a board, holds over, and locks again.

Virtual time counts alone: 16 ns an instruction, and each thing that happens has
its tick. The edges are counted, and dated, where the port makes them.
"""
import sys

import psyn
import qemu_front

PPM = 100
UTC_S = 1800000000
TICK_S = 1 / qemu_front.TICK_HZ
LOCK_S = 60
# A pulse and an edge are on whole ticks, and the acceptance allows 100 ns.
PHASE_S = 100e-9 + 2 * TICK_S
# Two pulses half a tick off each, over the eight seconds of a first estimate.
FREQ_PPB = 1e9 * TICK_S / 8


def check_locked(bench, n_s):
    for _ in range(n_s):
        report, edges = bench.second()
        assert report.state == "LOCKED", report
        assert edges == qemu_front.RATE_HZ and report.edges == qemu_front.RATE_HZ, (edges, report)
        assert report.utc_s == UTC_S + bench.k - 1, report
        assert abs(report.phase_ns) < PHASE_S * 1e9, report
        assert abs(report.freq_ppb - PPM * 1000) < FREQ_PPB, report
        assert abs(bench.phase_s()) < PHASE_S, bench.phase_s()
        assert abs(bench.phase_s()) * 1e9 < report.error_ns + 1e9 * TICK_S, \
            (bench.phase_s(), report)


def check_start(bench):
    """Once, for the second asked for, half a period before its edge 0."""
    second = bench.k + 3
    command = psyn.encode("START", seq=7, utc_s=UTC_S + second)
    for t_s in (0.5, 0.6):
        bench.machine.host_text(bench.k + t_s, command)
    bench.second()
    answers = [m for m in bench.new if m.kind in ("ACK", "NAK")]
    assert [(m.kind, m.seq, m.key) for m in answers] == \
        [("ACK", 7, None)] * 2, answers
    started = 0
    for _ in range(4):
        bench.second()
        started += bench.events().count("STARTED")
    made = bench.machine.report
    assert made["n_starts"] == 1 and started == 1, (made, started)
    period = qemu_front.TICK_HZ * (1 + PPM * 1e-6) / qemu_front.RATE_HZ
    # The last pulse's edge 0 was one second after that of the start.
    edge0 = made["pulse_tick"] - qemu_front.RATE_HZ * period
    assert abs(made["start_rise_tick"] - edge0 + period / 2) < 5, made
    assert abs(made["start_fall_tick"] - edge0 - period / 2) < 5, made


def check_holdover(bench, n_s):
    """Edges go on; the date does; the error told grows and holds the true one.
    """
    error = 0
    for i in range(n_s):
        report, edges = bench.second(pulse=False)
        assert edges == qemu_front.RATE_HZ, (edges, report)
        assert report.utc_s == UTC_S + bench.k - 1, report
        assert i < 3 or report.state == "HOLDOVER", report
        assert report.error_ns >= error or report.state == "LOCKED", report
        assert abs(bench.phase_s()) * 1e9 < report.error_ns + 1e9 * TICK_S, \
            (bench.phase_s(), report)
        error = report.error_ns


def main():
    path = qemu_front.image("mps2.elf")
    if not path:
        print("no image, or no qemu-system-arm")
        return 77
    with qemu_front.Machine(path, UTC_S, PPM) as machine:
        bench = qemu_front.Bench(machine)
        waited = bench.until("ACQUIRE", 3)
        waited += bench.until("LOCKED", LOCK_S)
        check_locked(bench, 5)
        check_start(bench)
        check_holdover(bench, 12)
        back = bench.until("LOCKED", LOCK_S)
        check_locked(bench, 5)
        names = qemu_front.names_of(bench.said)
        after = names[names.index("PPS_LOST"):]
        assert "PPS_BACK" in after and "STEP" not in after, names
        assert "UNDERRUN" not in names, names
        print("locked after %d s, again after %d s; %d lines, %d bytes of the "
              "stack never used" % (waited, back, len(bench.said),
                                    machine.report["stack_free"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
