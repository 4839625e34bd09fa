#!/usr/bin/env python3
"""listen against peers that do what they should not, and what they may."""
import json
import os
import socket
import struct
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import peers  # noqa: E402
from peers import (DATA_ON, SEND_CFG2, SEND_CFG3, Device, TcpPeer,  # noqa: E402
                   sealed, serve, spoilt)
from program import Program, check, run  # noqa: E402

USAGE, INVALID, CONNECTION, INCOMPLETE = 2, 3, 6, 7
DEVICE = Device()


def listen(peer, *args):
    """Runs listen against the peer; what was counted: (status, counts, err)."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "stats.json")
        status, _, err = run("listen", f"tcp:127.0.0.1:{peer.port}",
                             "--idcode", "60", "--stats", path, *args)
        counts = {}
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                counts = json.load(f)
        return status, counts, err


def counted(counts, **expected):
    """Every count as expected; what is not named is 0."""
    names = ("frames", "gaps", "lost", "duplicates", "contradicted", "late",
             "strays", "jumps", "crc_errors", "unread", "wrong_length",
             "truncated", "other_streams", "strangers", "skipped_bytes",
             "reconnects")
    got = {name: counts[name] for name in names}
    check(got == {name: expected.get(name, 0) for name in names}, got)


# ---- configurations ----

def cfg3_is_asked_first_and_cfg2_from_who_does_not_answer():
    """Data off, CFG-3, a second of silence, CFG-2, data on."""
    heard = []

    def old(talk):
        heard.extend(talk.until(DATA_ON, {SEND_CFG2: DEVICE.cfg2()}))
        talk.send(DEVICE.data(0))
        talk.hold()

    status, counts, err = listen(TcpPeer(old), "--count", "1")
    check(status == 0, err)
    check(heard == [1, SEND_CFG3, SEND_CFG2, DATA_ON], heard)
    counted(counts, frames=1)


def a_cfg3_is_enough():
    """Nothing else is asked; its long names are used."""
    heard = []

    def new(talk):
        heard.extend(talk.until(DATA_ON, {SEND_CFG3: DEVICE.cfg3()}))
        talk.send(DEVICE.data(0))
        talk.hold()

    status, out, err = run("listen", f"tcp:127.0.0.1:{TcpPeer(new).port}",
                           "--idcode", "60", "--count", "1", "--json")
    check(status == 0, err)
    check(heard == [1, SEND_CFG3, DATA_ON], heard)
    frames = [json.loads(line) for line in out.splitlines()]
    check([f["type"] for f in frames] == ["cfg3", "data"], out)
    phasor = frames[1]["pmus"][0]["phasors"][0]
    check(phasor["name"] == "Spannung V0", phasor)
    check(abs(phasor["rms"] - (100**2 + 50**2)**0.5) < 1e-5, phasor)


def a_cfg3_in_fragments_is_put_together():
    """A CHK in each, or one at the end; in any segments, and in a file."""
    device = Device(n=20)
    for one_chk in (False, True):
        for size in (3, 40, 400):
            blob = b"".join(device.cfg3_series(size, one_chk))

            def script(talk):
                talk.until(SEND_CFG3)
                for i in range(0, len(blob), 50):
                    talk.send(blob[i:i + 50])
                talk.until(DATA_ON)
                talk.send(device.data(0), blob, device.data(1))
                talk.hold()

            status, counts, err = listen(TcpPeer(script), "--count", "2")
            check(status == 0, size, one_chk, err)
            check("phasors=20" in err and err.count("station=") == 1, err)
            check(counts["frames"] == 2 and counts["unread"] == 0, counts)
            check("wrong CRC" not in err, err)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "cfg")
            with open(path, "wb") as f:
                f.write(b"".join(device.cfg3_series(400)))
            status, counts, err = listen(TcpPeer(serve(device, device.data(0))),
                                         "--cfg-file", path, "--count", "1")
            check(status == 0, err)
            with open(path, "wb") as f:
                f.write(b"".join(device.cfg3_series(200)[:-1]))
            status, _, err = listen(TcpPeer(), "--cfg-file", path)
            check(status == INVALID and "fragments" in err, err)


def a_cfg3_that_cannot_be_read_is_no_reason_to_wait():
    """Ten phasors announced, and not there."""
    good = DEVICE.cfg3()
    bad = sealed(5, 60, peers.SOC, 0, good[14:40], 2)

    def script(talk):
        talk.until(DATA_ON, {SEND_CFG3: bad, SEND_CFG2: DEVICE.cfg2()})
        talk.send(DEVICE.data(0))
        talk.hold()

    status, counts, err = listen(TcpPeer(script), "--count", "1")
    check(status == 0 and "CFG-3 cannot be read" in err, err)
    counted(counts, frames=1)


def who_hangs_up_at_cfg3_is_asked_again_for_cfg2():
    """Two connections."""
    def touchy(talk):
        talk.until(SEND_CFG3)

    peer = TcpPeer(touchy, serve(DEVICE, DEVICE.data(0)))
    status, counts, err = listen(peer, "--count", "1")
    check(status == 0, err)
    counted(counts, frames=1)


def the_user_can_force_either():
    """--cfg 2 asks for CFG-2 alone, --cfg 3 takes no CFG-2."""
    heard = []

    def both(talk):
        heard.extend(talk.until(DATA_ON, {SEND_CFG2: DEVICE.cfg2()}))
        talk.send(DEVICE.data(0))
        talk.hold()

    status, _, err = listen(TcpPeer(both), "--count", "1", "--cfg", "2")
    check(status == 0 and heard == [1, SEND_CFG2, DATA_ON], heard, err)
    heard.clear()

    def pushes(talk):
        talk.send(DEVICE.cfg2())
        heard.extend(talk.until(DATA_ON, {SEND_CFG3: DEVICE.cfg2()}))

    status, _, err = listen(TcpPeer(pushes), "--count", "1", "--cfg", "3",
                            "--timeout", "300ms")
    check(status == CONNECTION and "no CFG-3 came" in err, status, err)
    check(heard == [1, SEND_CFG3, SEND_CFG3, SEND_CFG3, None], heard)


def data_are_waited_for_as_long_as_the_user_says():
    """--timeout, in the message too."""
    peer = TcpPeer(serve(DEVICE, DEVICE.data(0)))
    status, counts, err = listen(peer, "--count", "2", "--timeout", "1s")
    check(status == INCOMPLETE and
          "no data for 1 s; --timeout waits longer" in err, status, err)
    counted(counts, frames=1)


def a_late_answer_is_an_answer():
    """CFG-3 that comes when CFG-2 has been asked for; then CFG-2: known."""
    def slow(talk):
        talk.until(SEND_CFG2)
        talk.send(DEVICE.cfg3())
        talk.until(DATA_ON)
        talk.send(DEVICE.cfg2(), DEVICE.data(0), DEVICE.data(1))
        talk.hold()

    status, counts, err = listen(TcpPeer(slow), "--count", "2")
    check(status == 0 and err.count("configuration station") == 1, err)
    counted(counts, frames=2)
    check(counts["types"]["cfg2"] == counts["types"]["cfg3"] == 1, counts)


def a_configuration_from_a_file_is_used_at_once():
    """Digits, bytes, a missing one, a wrong one; none is asked for."""
    heard = []

    def mute(talk):
        heard.extend(talk.until(DATA_ON))
        talk.send(DEVICE.data(0))
        talk.hold()

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "cfg")
        for blob in (DEVICE.cfg2(), DEVICE.cfg2().hex().encode(),
                     DEVICE.cfg3(), DEVICE.cfg2(kind=2),
                     Device(61).cfg2() + DEVICE.data(0) + DEVICE.cfg2()):
            heard.clear()
            with open(path, "wb") as f:
                f.write(blob)
            status, counts, err = listen(TcpPeer(mute), "--count", "1",
                                         "--cfg-file", path)
            check(status == 0 and heard == [DATA_ON], heard, err)
            counted(counts, frames=1)
        for blob in (DEVICE.data(0), Device(61).cfg2(), b"", b"\xaa"):
            with open(path, "wb") as f:
                f.write(blob)
            status, _, err = listen(TcpPeer(mute), "--cfg-file", path)
            check(status == INVALID and err.count("\n") == 1, status, err)
        status, _, err = listen(TcpPeer(mute), "--cfg-file", folder)
        check(status == INVALID and "is a directory" in err, status, err)
        status, _, err = listen(TcpPeer(mute), "--cfg-file", path + "x")
        check(status == INVALID and "No such file" in err, status, err)


# ---- bytes ----

def frames_are_whole_wherever_they_are_cut():
    """Two frames, cut in every place; ten frames in one segment."""
    pair = DEVICE.data(0) + DEVICE.data(1)
    blobs = []
    for k in range(len(pair)):
        blob = DEVICE.data(2 * k) + DEVICE.data(2 * k + 1)
        blobs += [blob[:k], blob[k:]]
    glued = b"".join(DEVICE.data(2 * len(pair) + k) for k in range(10))
    total = 2 * len(pair) + 10
    peer = TcpPeer(serve(DEVICE, *blobs, glued))
    status, counts, err = listen(peer, "--count", str(total))
    check(status == 0, err)
    counted(counts, frames=total)


def what_is_no_frame_is_skipped_and_counted():
    """Text between frames; a half frame at the end."""
    noise = b"NO CARRIER\r\n"
    peer = TcpPeer(serve(DEVICE, DEVICE.data(0), noise + DEVICE.data(1),
                         DEVICE.data(2), DEVICE.data(3)[:9], stays=False))
    status, counts, err = listen(peer, "--retry", "0")
    check(status == 0, err)
    counted(counts, frames=3, skipped_bytes=len(noise))


# ---- order, time, quality ----

def everything_is_counted_once():
    """Lost, twice, late, late and twice, spoilt, of another stream, too long."""
    ks = [0, 1, 1, 3, 2, 2, 7, 1]
    # 1 again, 2 late, 2 again; 4 5 6 never come; 1 a third time.
    longer = sealed(0, 60, peers.SOC, 800000, DEVICE.data(8)[14:-2] + b"\0\0")
    peer = TcpPeer(serve(DEVICE, *[DEVICE.data(k) for k in ks],
                         spoilt(DEVICE.data(8)), Device(61).data(9), longer,
                         DEVICE.data(9)))
    status, counts, err = listen(peer, "--count", "9")
    check(status == 0, err)
    # Passed over: 2; 4 5 6; 8. Of these 2 came after all.
    counted(counts, frames=9, gaps=5, lost=4, duplicates=3, late=1,
            crc_errors=1, other_streams=1, unread=1, wrong_length=1)
    check("frames=9 gaps=5 duplicates=3 late=1 crc_errors=1 unread=1" in err,
          err)
    for told in ("wrong CRC", "data of IDCODE 61 come, too",
                 f"has {len(longer)} bytes, {len(longer) - 2} by its"):
        check(err.count(told) == 1, told, err)


def another_frame_of_an_instant_contradicts_it():
    """Twice the same is a duplicate; a time stamp that went back is not."""
    went_back = DEVICE.data(0, stat=0x0800)
    peer = TcpPeer(serve(DEVICE, DEVICE.data(0), DEVICE.data(1),
                         DEVICE.data(1, stat=0x0800), DEVICE.data(2),
                         went_back, DEVICE.data(0), DEVICE.data(4),
                         DEVICE.data(3), DEVICE.data(3),
                         DEVICE.data(3, stat=0x0800), DEVICE.data(5)))
    status, counts, err = listen(peer, "--count", "11")
    check(status == 0, err)
    counted(counts, frames=11, gaps=1, late=1, duplicates=2, contradicted=3)
    check("contradicted=3" in err, err)


def what_is_older_than_the_first_fills_no_gap():
    """4 is late; 6 is lost all the same."""
    peer = TcpPeer(serve(DEVICE, *[DEVICE.data(k) for k in (5, 7, 4, 8)]))
    status, counts, err = listen(peer, "--count", "4")
    check(status == 0, err)
    counted(counts, frames=4, gaps=1, lost=1, late=1)


def a_time_stamp_that_is_mad_is_a_stray():
    """1970 and 2036 between good frames: no gap, and no end of --duration."""
    mad = [DEVICE.data(0, soc=0), DEVICE.data(0, soc=2085978496)]
    peer = TcpPeer(serve(DEVICE, DEVICE.data(0), mad[0], DEVICE.data(1),
                         mad[1], *[DEVICE.data(k) for k in range(2, 15)]))
    status, counts, err = listen(peer, "--duration", "1s")
    check(status == 0, err)
    counted(counts, frames=12, strays=2)
    check(err.count("does not go with the arrivals") == 1, err)
    check("1970-01-01T00:00:00" in err, err)


def a_clock_that_is_set_is_a_jump():
    """From 1970 to now, as a device that finds its satellites."""
    peer = TcpPeer(serve(DEVICE, *[DEVICE.data(k, soc=0) for k in range(5)],
                         *[DEVICE.data(k) for k in range(5)]))
    status, counts, err = listen(peer, "--count", "10")
    check(status == 0, err)
    counted(counts, frames=10, jumps=1)
    check("its time has jumped to 2026-11-20T12:00:00" in err, err)
    check("behind this computer's clock" in err, err)


def the_grid_is_that_of_the_rate():
    """FRACSEC a little off, rounded both ways, at 30/s: no gap, no double."""
    device = Device(rate=30)
    frames = [sealed(0, 60, peers.SOC + k // 30,
                     min(999999, max(0, k % 30 * 1000000 // 30 + off)),
                     device.data(k)[14:-2])
              for k, off in zip(range(90), [0, 1, -1, 900, -900] * 18)]
    peer = TcpPeer(serve(device, *frames))
    status, counts, err = listen(peer, "--count", "90")
    check(status == 0, err)
    counted(counts, frames=90)
    check(counts["streams"][0]["configured_fps"] == 30, counts)


def quality_and_status_are_told():
    """By frame and by bit."""
    frames = [DEVICE.data(0), DEVICE.data(1, stat=0x2070),
              DEVICE.data(2, stat=0x8000),
              sealed(0, 60, peers.SOC, 300000 | 0x0F << 24,
                     DEVICE.data(3)[14:-2])]
    peer = TcpPeer(serve(DEVICE, *frames))
    status, counts, err = listen(peer, "--count", "4")
    check(status == 0, err)
    counted(counts, frames=4)
    check(counts["time_quality"] == {"0": 3, "15": 1}, counts)
    check(counts["stat"]["not_in_sync"] == 1, counts)
    check(counts["stat"]["data_error"] == {"0": 3, "2": 1}, counts)
    check(counts["stat"]["pmu_tq"] == {"0": 3, "1": 1}, counts)
    check("clock failure" in err and "not in sync: 1" in err, err)


# ---- change, loss, return ----

def a_configuration_may_be_pushed_amid_data():
    """A phasor more; the frames before and after are read."""
    more = Device(n=3, cfgcnt=1)
    peer = TcpPeer(serve(DEVICE, DEVICE.data(0), DEVICE.data(1) + more.cfg2() +
                         more.data(2), more.data(3)))
    status, counts, err = listen(peer, "--count", "4")
    check(status == 0 and "phasors=3" in err, err)
    counted(counts, frames=4)


def a_change_that_nobody_told_is_asked_for():
    """Frames of another length; the new CFG is asked for, then all is well."""
    more = Device(n=3, cfgcnt=1)

    def script(talk):
        talk.until(DATA_ON, {SEND_CFG2: DEVICE.cfg2()})
        talk.send(DEVICE.data(0), more.data(1))
        talk.until(SEND_CFG2, {SEND_CFG2: more.cfg2()})
        talk.send(more.data(2))
        talk.hold()

    status, counts, err = listen(TcpPeer(script), "--count", "2")
    check(status == 0, err)
    counted(counts, frames=2, gaps=1, lost=1, unread=1, wrong_length=1)


def an_announced_change_takes_effect_in_time():
    """2011: bit 10 before; the old layout holds until it falls."""
    old, new = Device(version=2), Device(n=3, cfgcnt=1, version=2)

    def script(talk):
        talk.until(DATA_ON, {SEND_CFG2: old.cfg2()})
        talk.send(old.data(0), old.data(1, stat=0x0400))
        talk.until(SEND_CFG2, {SEND_CFG2: new.cfg2()})
        talk.send(old.data(2, stat=0x0400), new.data(3), new.data(4))
        talk.hold()

    status, counts, err = listen(TcpPeer(script), "--count", "5")
    check(status == 0 and "phasors=3" in err, err)
    counted(counts, frames=5)


def a_lost_connection_is_made_again():
    """Hung up, refused for a while, back: what was lost is a gap."""
    first = serve(DEVICE, DEVICE.data(0), DEVICE.data(1), stays=False)
    peer = TcpPeer(first, serve(DEVICE, DEVICE.data(12), DEVICE.data(13)))
    status, counts, err = listen(peer, "--count", "4")
    check(status == 0, err)
    counted(counts, frames=4, gaps=10, lost=10, reconnects=1)
    check("next attempt in 1 s" in err and "lost_frames=10" in err, err)


def attempts_come_less_and_less_often():
    """A peer that is gone: 1 s, 2 s, then --retry is over."""
    gone = serve(DEVICE, DEVICE.data(0), stays=False)
    peer = TcpPeer(gone)
    program = Program("listen", f"tcp:127.0.0.1:{peer.port}", "--idcode", "60",
                      "--count", "2", "--retry", "3500ms")
    program.wait_for("closed by the other side; next attempt in 1 s")
    peer.server.close()
    program.wait_for("refused; next attempt in 2 s")
    program.wait_for("refused; next attempt in 0")
    check(program.end() == INCOMPLETE, program.stderr())
    check("connection refused\n" in program.stderr(), program.stderr())


def who_never_streamed_is_not_tried_again():
    """A configuration and an end."""
    peer = TcpPeer(serve(DEVICE, stays=False))
    status, counts, err = listen(peer, "--count", "1")
    check(status == INCOMPLETE and "next attempt" not in err, err)
    counted(counts)


# ---- UDP ----

class Sender:
    """A UDP socket of a host of its own."""

    def __init__(self, host, port):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((host, 0))
        self.to = ("127.0.0.1", port)

    def send(self, *frames):
        for frame in frames:
            self.sock.sendto(frame, self.to)


def receiver(folder, *args, spec="udp:127.0.0.1:0"):
    """listen, its UDP port and where it counts."""
    path = os.path.join(folder, "stats.json")
    program = Program("listen", spec, "--stats", path, *args)
    return program, program.port("udp"), path


def counts_of(program, path):
    """After its end."""
    check(program.end() == 0, program.stderr())
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def two_streams_on_one_port_have_their_own_configurations():
    """Of other lengths; both are read and counted apart."""
    a, b = Device(60, "A"), Device(61, "B", n=5, rate=5)
    with tempfile.TemporaryDirectory() as folder:
        program, port, path = receiver(folder, "--count", "8")
        one = Sender("127.0.0.1", port)
        one.send(a.data(0), a.cfg2(), b.data(0), a.data(1), b.cfg2(),
                 b.data(1), a.data(2), b.data(2), a.data(4), b.data(3),
                 a.data(5), b.data(5))
        counts = counts_of(program, path)
    counted(counts, frames=8, gaps=2, lost=2, unread=2)
    check([(s["idcode"], s["frames"], s["gaps"], s["configured_fps"])
           for s in counts["streams"]] == [(60, 4, 1, 10), (61, 4, 1, 5)],
          counts)


def truncated_datagrams_are_counted():
    """Once their head is whole; what follows is read as ever."""
    a = Device(60, "A")
    cut, stump = a.data(1)[:-5], a.data(2)[:13]
    with tempfile.TemporaryDirectory() as folder:
        program, port, path = receiver(folder, "--count", "3")
        Sender("127.0.0.1", port).send(
            a.cfg2(), a.data(0), cut, stump, b"NO CARRIER, NOT TODAY",
            a.data(3) + a.data(4)[:-1], a.data(5))
        counts = counts_of(program, path)
    counted(counts, frames=3, gaps=3, lost=3, truncated=2,
            skipped_bytes=len(cut) + len(stump) + 21 + len(a.data(4)) - 1)


def only_the_idcode_that_was_asked_for_is_taken():
    """The other's frames are counted, not read."""
    a, b = Device(60, "A"), Device(61, "B")
    with tempfile.TemporaryDirectory() as folder:
        program, port, path = receiver(folder, "--count", "2", "--idcode",
                                       "61")
        Sender("127.0.0.1", port).send(a.cfg2(), a.data(0), b.cfg2(),
                                       b.data(0), a.data(1), b.data(1))
        counts = counts_of(program, path)
    counted(counts, frames=2, other_streams=3)


def a_table_holds_one_stream():
    """CSV of the first; the other is told."""
    a, b = Device(60, "A"), Device(61, "B", n=5)
    program = Program("listen", "udp:127.0.0.1:0", "--count", "4", "--csv",
                      "-")
    Sender("127.0.0.1", program.port("udp")).send(
        a.cfg2(), b.cfg2(), a.data(0), b.data(0), b.data(1), a.data(1))
    out = program.process.stdout.read()
    check(program.end() == 0, program.stderr())
    check(len(out.splitlines()) == 3, out)
    check("the CSV holds IDCODE 60" in program.stderr(), program.stderr())


def streams_are_bounded():
    """300 IDCODEs: 256 are taken, the others counted, told once."""
    devices = [Device(1000 + i, n=1) for i in range(300)]
    with tempfile.TemporaryDirectory() as folder:
        program, port, path = receiver(folder, "--count", "257")
        one = Sender("127.0.0.1", port)
        for device in devices:
            one.send(device.cfg2())
            one.send(device.data(0))
        one.send(devices[0].data(1))
        counts = counts_of(program, path)
        check(program.stderr().count("too many streams") == 1,
              program.stderr())
    # A configuration that is not taken is another's; so are its data.
    counted(counts, frames=257, other_streams=44, unread=44)


def another_host_is_refused_and_told():
    """The sender of an IDCODE is who sent its configuration."""
    with tempfile.TemporaryDirectory() as folder:
        program, port, path = receiver(folder, "--count", "3",
                                       spec="udp:0.0.0.0:0")
        one, two = Sender("127.0.0.1", port), Sender("127.0.0.2", port)
        one.send(DEVICE.cfg2(), DEVICE.data(0))
        program.wait_for("configuration station")
        two.send(Device(n=4).cfg2(), DEVICE.data(5))
        program.wait_for("datagrams refused from=127.0.0.2")
        one.send(DEVICE.data(1), DEVICE.data(2))
        counts = counts_of(program, path)
    counted(counts, frames=3, strangers=2)
    check(program.stderr().count("datagrams refused") == 1, program.stderr())


def who_was_not_asked_is_refused_and_told():
    """Over commanded UDP: another host's frames do not count."""
    pmu = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    pmu.bind(("127.0.0.1", 0))
    pmu.settimeout(60)
    port = pmu.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "stats.json")
        program = Program("listen", f"udp:127.0.0.1:{port}", "--idcode", "60",
                          "--cfg", "2", "--count", "2", "--stats", path)
        words, client = [], None
        while not words or words[-1] != DATA_ON:
            frame, client = pmu.recvfrom(65536)
            words.append(struct.unpack(">H", frame[14:16])[0])
            if words[-1] == SEND_CFG2:
                pmu.sendto(DEVICE.cfg2(), client)
        stranger = Sender("127.0.0.3", client[1])
        stranger.send(DEVICE.data(7))
        program.wait_for("datagrams refused from=127.0.0.3")
        pmu.sendto(DEVICE.data(0), client)
        pmu.sendto(DEVICE.data(1) + DEVICE.data(2), client)
        counts = counts_of(program, path)
    check(words == [1, SEND_CFG2, DATA_ON], words)
    counted(counts, frames=2, strangers=1)


def commands_may_go_by_tcp_and_data_by_udp():
    """data=udp:PORT; the data of another host are refused."""
    free = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    for place in (f"{port}", f"127.0.0.1:{port}"):
        def script(talk):
            talk.until(DATA_ON, {SEND_CFG2: DEVICE.cfg2()})
            Sender("127.0.0.2", port).send(DEVICE.data(1))
            Sender("127.0.0.1", port).send(DEVICE.data(0), DEVICE.data(1))
            talk.hold()

        peer = TcpPeer(script)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "stats.json")
            program = Program("listen", f"tcp:127.0.0.1:{peer.port},"
                              f"data=udp:{place}", "--idcode", "60",
                              "--count", "2", "--stats", path)
            counts = counts_of(program, path)
        counted(counts, frames=2, strangers=1)


def words_that_make_no_sense_are_refused():
    """Status 2, one line."""
    for spec in ("tcp:127.0.0.1:4712,data=tcp:4713", "udp:127.0.0.1:0,if=lo",
                 "udp:127.0.0.1:0,data=udp:4713", "tcp:127.0.0.1:4712,datum=1",
                 "tcp:127.0.0.1:4712,clients=2", "tcp:127.0.0.1:4712,",
                 "udp:239.1.2.3:0,if=nosuch0", "udp:127.0.0.1:0,ttl=3"):
        status, out, err = run("listen", spec)
        check(status == USAGE and out == "", spec, status, err)
        check(err.count("\n") == 1, spec, err)


if __name__ == "__main__":
    names = sys.argv[1:] or [
        name for name, value in list(globals().items())
        if callable(value) and value.__module__ == "__main__" and
        value.__doc__ and name not in ("listen", "counted", "receiver",
                                       "counts_of", "Sender")]
    for name in names:
        globals()[name]()
