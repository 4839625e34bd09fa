#!/usr/bin/env python3
"""simulate, over UDP, TCP and into a file: every frame, against the formula."""
import cmath
import math
import os
import signal
import socket
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, check, run  # noqa: E402
from synchro import (DATA_OFF, DATA_ON, SEND_CFG2, SEND_HDR,  # noqa: E402
                     Config, Data, angle_close, command, pcap_payloads, split,
                     Frame)

V, I, F, ROCOF, AM, AM_HZ = 110.0, 3.0, 50.7, 0.4, 0.1, 2.0
SIGNAL = ["--f", "50.7", "--v", "110", "--i", "3", "--i_deg", "-30",
          "--rocof", "0.4", "--am", "0.1", "--am_hz", "2"]
DEG = [0, -120, 120, -30, -150, 90]


def truth(t, frac, fnom=50):
    """Phasors VA..IC, V+, I+ and frequency at t seconds after t0."""
    level = 1 + AM * math.cos(2 * math.pi * AM_HZ * t)
    turns = F * t + ROCOF * t * t / 2 - fnom * frac
    phasors = [level * (V if c < 3 else I) *
               cmath.exp(1j * (2 * math.pi * turns + math.radians(DEG[c])))
               for c in range(6)]
    return phasors + [phasors[0], phasors[3]], F + ROCOF * t


# Float has 24 bits: half a unit of the last place of magnitude and of an angle
# up to pi. Integers: PHUNIT for 1.5 x nominal over 32767 or 65535, 1e-4 rad.
def tolerances(fmt, nominal):
    """Of magnitude, of angle, for the FORMAT word."""
    if fmt & 2:
        return 1.2 * nominal * 2**-23, 2**-22
    return 1.5 * nominal / 32767, 1.5 / 32767 + 1e-4


def check_data(cfg, frames, rate):
    """All of them: in step, and as the formula says."""
    t0 = frames[0].soc
    for n, d in enumerate(frames):
        want_k = frames[0].k + n
        check(d.k == want_k % rate and d.soc == t0 + want_k // rate,
              f"frame {n} is at {d.soc} + {d.k}/{rate}")
        phasors, freq = truth(d.soc - t0 + d.k / rate, d.k / rate, cfg.fnom_hz)
        for c, (got, want) in enumerate(zip(d.phasors, phasors)):
            nominal = V if c in (0, 1, 2, 6) else I
            mag, rad = tolerances(cfg.format, nominal)
            check(abs(abs(got) - abs(want)) <= mag,
                  f"{cfg.names[c]}, frame {n}: |{got}| for |{want}|")
            check(angle_close(cmath.phase(got), cmath.phase(want), rad),
                  f"{cfg.names[c]}, frame {n}: arg {got} for {want}")
        check(abs(d.freq_hz - freq) <= (4e-6 if cfg.format & 8 else 5.1e-4),
              f"frame {n}: {d.freq_hz} Hz for {freq}")
        check(abs(d.rocof - ROCOF) <= 1e-6, "ROCOF")


def check_config(cfg, rate, fnom=50):
    """What the configuration frame says of the PMU."""
    check(cfg.names == ["VA", "VB", "VC", "IA", "IB", "IC", "V+", "I+"],
          cfg.names)
    check("SIM" in cfg.station, cfg.station)
    check(cfg.rate == rate and cfg.fnom_hz == fnom, cfg.rate, cfg.fnom_hz)
    check([u >> 24 for u in cfg.phunit] == [0, 0, 0, 1, 1, 1, 0, 1],
          cfg.phunit)


def a_stream_over_udp_has_every_frame():
    """The configuration first (and at the full minute, which may come); then
    rate x duration data frames."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.settimeout(60)
    program = Program("simulate", *SIGNAL, "--rate", "100", "--duration", "1s",
                      "--idcode", "77", "--stream",
                      f"udp:127.0.0.1:{sock.getsockname()[1]}")
    first = Frame(sock.recv(65536))
    check(first.kind == "cfg2", first.kind)
    frames, arrived = [], []
    while len(frames) < 100:
        frame, now = Frame(sock.recv(65536)), time.time()
        if frame.kind != "cfg2":
            frames.append(frame)
            arrived.append(now)
    check(program.end() == 0, program.stderr())
    check("frames=100" in program.stderr(), program.stderr())
    sock.settimeout(0)
    try:
        check(Frame(sock.recv(65536)).kind == "cfg2",
              "more than 100 data frames")
    except BlockingIOError:
        pass
    check(all(f.kind == "data" for f in frames), "other frames")
    check(all(f.crc_ok and f.idcode == 77 for f in [first] + frames),
          "CRC, IDCODE")
    cfg = Config(first)
    check_config(cfg, 100)
    data = [Data(cfg, f) for f in frames]
    check_data(cfg, data, 100)
    for d, t in zip(data, arrived):
        check(t >= d.soc + d.k / 100, "a frame came before its instant")


def receive(sock, stream, enough):
    """Frames from a TCP socket until enough(frames) holds."""
    frames = []
    while not enough(frames):
        chunk = sock.recv(65536)
        check(chunk, "the connection ended")
        stream += chunk
        frames += split(stream)
    return frames


def a_client_commands_a_server():
    """Header, configuration, data on, and off by a signal."""
    program = Program("simulate", *SIGNAL, "--listen", "tcp:127.0.0.1:0",
                      "--idcode", "5", "--rate", "50")
    sock = socket.create_connection(("127.0.0.1", program.port()), 60)
    sock.settimeout(60)
    stream = bytearray()
    sock.sendall(command(5, DATA_OFF) + command(5, SEND_HDR) +
                 command(5, SEND_CFG2))
    hdr, cfg2 = receive(sock, stream, lambda f: len(f) == 2)
    check(hdr.kind == "hdr" and b"SIM" in hdr.body, hdr.body)
    cfg = Config(cfg2)
    check_config(cfg, 50)
    sock.sendall(command(5, DATA_ON))
    frames = receive(sock, stream, lambda f: len(f) >= 30)
    check(all(f.kind == "data" and f.crc_ok for f in frames), "data")
    data = [Data(cfg, f) for f in frames]
    for a, b in zip(data, data[1:]):
        check((b.soc - a.soc) * 50 + b.k - a.k == 1, "a frame is missing")
    check(program.end(signal.SIGTERM) == 0, program.stderr())


def full_speed_keeps_the_grid():
    """Into a file, each format; time stamps from --start."""
    for fmt, word in (("polar,float", 15), ("rect,float", 14),
                      ("polar,int", 1), ("rect,int", 0)):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.pcap")
            status, _, err = run("simulate", *SIGNAL, "--rocof_s", "0",
                                 "--pace", "max", "--start",
                                 "2026-11-20T12:00:00Z", "--duration", "20s",
                                 "--rate", "60", "--fnom", "60", "--format",
                                 fmt, "--stream", f"pcap:{path}")
            check(status == 0, err)
            frames = [Frame(p) for p in pcap_payloads(path)]
        cfg = Config(next(f for f in frames if f.kind == "cfg2"))
        check_config(cfg, 60, 60)
        check(cfg.format == word, fmt, cfg.format)
        data = [Data(cfg, f) for f in frames if f.kind == "data"]
        check(len(data) == 1200, len(data))
        check(data[0].soc == 1795176000 and data[0].k == 0, data[0].soc)
        # Good data in sync; PMU time quality 1: better than 100 ns.
        check(all(d.stat == 0x40 and d.time_quality == 0 for d in data),
              f"{data[0].stat:#x} {data[0].time_quality:#x}")
        if word & 2:
            check_data(cfg, data, 60)
        else:
            check_data(cfg, data[:60], 60)


def full_speed_waits_for_its_clients():
    """200 s at once over TCP: nobody loses a frame."""
    program = Program("simulate", *SIGNAL, "--pace", "max", "--rate", "50",
                      "--start", "2026-11-20T12:00:00Z", "--duration", "200s",
                      "--listen", "tcp:127.0.0.1:0")
    sock = socket.create_connection(("127.0.0.1", program.port()), 60)
    sock.settimeout(60)
    sock.sendall(command(1, SEND_CFG2) + command(1, DATA_ON))
    frames = receive(sock, bytearray(), lambda f: len(f) == 10001)
    cfg = Config(frames[0])
    for n, d in enumerate(Data(cfg, f) for f in frames[1:]):
        check((d.soc - 1795176000) * 50 + d.k == n, f"frame {n} is missing")
    check(program.end() == 0, program.stderr())


def test_mode_is_told_in_stat():
    """STAT bits 15-14 = 10, clause 6.3, table 7."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x.pcap")
        status, _, err = run("simulate", "--pace", "max", "--start",
                             "2026-11-20T12:00:00Z", "--duration", "1s",
                             "--test-mode", "--stream", f"pcap:{path}")
        check(status == 0, err)
        frames = [Frame(p) for p in pcap_payloads(path)]
    cfg = Config(frames[0])
    check([Data(cfg, f).stat >> 14 for f in frames[1:]] == 50 * [2], "STAT")


def noise_is_repeated_by_its_seed():
    """Two runs of one seed are the same bytes; another seed is another run."""
    blobs = []
    with tempfile.TemporaryDirectory() as folder:
        for n, seed in enumerate(("4", "4", "5")):
            path = os.path.join(folder, f"{n}.pcap")
            status, _, err = run("simulate", "--pace", "max", "--duration",
                                 "1s", "--seed", seed, "--mag_noise", "0.001",
                                 "--deg_noise", "0.1", "--f_noise_mhz", "2",
                                 "--start", "2026-11-20T12:00:00Z", "--stream",
                                 f"pcap:{path}")
            check(status == 0, err)
            blobs.append(b"".join(pcap_payloads(path)))
    check(blobs[0] == blobs[1], "one seed, two runs")
    check(blobs[0] != blobs[2], "two seeds, one run")


if __name__ == "__main__":
    a_stream_over_udp_has_every_frame()
    a_client_commands_a_server()
    full_speed_keeps_the_grid()
    full_speed_waits_for_its_clients()
    test_mode_is_told_in_stat()
    noise_is_repeated_by_its_seed()
