#!/usr/bin/env python3
"""A fleet by TCP and UDP on command: a port for each PMU, or one for all."""
import json
import os
import random
import select
import signal
import socket
import struct
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, check, run  # noqa: E402
from synchro import (Config, DATA_OFF, DATA_ON, Data, SEND_CFG2, SEND_HDR,
                     command, split)  # noqa: E402

USAGE = 2
COUNT, FIRST = 120, 1001
BROADCAST = 65535
PATIENCE_S = 60


def volts(i):
    """What PMU i says of its voltages."""
    return 100 + i


def scenario(folder):
    """COUNT PMUs whose voltages differ."""
    path = os.path.join(folder, "volts.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"count": COUNT, "idcode": FIRST, "rate": 10, "groups": {
            f"g{i}": {"pmus": FIRST + i, "signal": {"v": volts(i)}}
            for i in range(COUNT)}}, f)
    return path


def start_each(*args, scheme="tcp", shard=(0, COUNT)):
    """A program with a port for each PMU, and the first port of the fleet; ports
    that are taken are not ours to choose."""
    for _ in range(100):
        base = random.randrange(12000, 30000)
        program = Program("simulate", *args, "--listen",
                          f"{scheme}:127.0.0.1:{base},ports=each")
        found = program.wait_for("listening on|the port is in use|cannot")
        if "listening" in found.string:
            check(f"{base + shard[0]}-{base + shard[1] - 1}" in found.string,
                  found.string)
            return program, base
        program.end()
    sys.exit("FAILED: no free ports")


class Client:
    """A connection that knows which PMU it wants."""

    def __init__(self, port, idcode):
        self.idcode = idcode
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.buf = bytearray()
        self.cfg, self.frames = None, []

    def say(self, *words, idcode=None):
        """Commands."""
        for word in words:
            self.sock.sendall(command(idcode or self.idcode, word))

    def read(self):
        """What has come: False at the end."""
        got = self.sock.recv(65536)
        self.buf += got
        for frame in split(self.buf):
            check(frame.crc_ok and frame.idcode == self.idcode, self.idcode,
                  frame.idcode)
            if frame.kind == "cfg2":
                self.cfg = Config(frame)
            else:
                self.frames.append(frame)
        return bool(got)


def read_all(clients, done):
    """Until done(client) of each."""
    end = time.monotonic() + PATIENCE_S
    while not all(done(c) for c in clients):
        check(time.monotonic() < end, "frames do not come")
        for sock in select.select([c.sock for c in clients], [], [], 1)[0]:
            client = next(c for c in clients if c.sock is sock)
            check(client.read(), "a connection was closed")


def check_pmu(client, i):
    """Its own configuration and values; frames in their order."""
    cfg = client.cfg
    check(cfg.idcode == FIRST + i and cfg.rate == 10 and
          cfg.station == f"CISOID-SIM-{i + 1:04d}", cfg.station)
    data = [Data(cfg, f) for f in client.frames if f.kind == "data"]
    for d in data:
        for value, unit in zip(d.phasors, cfg.phunit):
            # float32: 24 bits.
            check(unit >> 24 or abs(abs(value) / volts(i) - 1) < 2 ** -23,
                  i, abs(value))
    at = [d.soc * 10 + d.k for d in data]
    check(at == list(range(at[0], at[0] + len(at))), i, at)


def everyone_gets_its_own(ports, folder):
    """COUNT connections at once, several frames each."""
    args = ["--scenario", scenario(folder), "--json"]
    if ports == "each":
        program, base = start_each(*args)
    else:
        program = Program("simulate", *args, "--listen",
                          "tcp:127.0.0.1:0,ports=shared")
        base = program.port()
    clients = [Client(base + i if ports == "each" else base, FIRST + i)
               for i in range(COUNT)]
    for client in clients:
        client.say(SEND_CFG2, DATA_ON)
    read_all(clients, lambda c: c.cfg and len(c.frames) >= 8)
    for i, client in enumerate(clients):
        check_pmu(client, i)
        client.say(DATA_OFF)
        client.sock.close()
    check(program.end(signal.SIGINT) == 0, program.stderr())
    doc = json.loads(program.process.stdout.read())
    check(doc["streams"] == COUNT and doc["dropped"] == 0 and
          doc["sent"] >= 8 * COUNT, doc)


def one_connection_may_go_from_pmu_to_pmu(port):
    """By the IDCODE of its commands."""
    client = Client(port, FIRST)
    for i in (0, 7, 3, 0):
        client.idcode, client.cfg, client.frames = FIRST + i, None, []
        client.say(SEND_CFG2, DATA_ON)
        read_all([client], lambda c: c.cfg and len(c.frames) >= 2)
        check_pmu(client, i)
        client.say(DATA_OFF, SEND_HDR)
        read_all([client], lambda c: c.frames[-1].kind == "hdr")
        check(b"SIM" in client.frames[-1].body, client.frames[-1].body)
    client.sock.close()


def a_new_configuration_comes_before_its_data(folder):
    """To those who have that PMU on, and to nobody else."""
    path = os.path.join(folder, "change.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"count": 2, "idcode": FIRST, "rate": 10, "events": [
            {"at": 4, "type": "config_change", "pmus": FIRST,
             "analogs": 2}]}, f)
    program = Program("simulate", "--scenario", path, "--listen",
                      "tcp:127.0.0.1:0", "--t0", time.strftime(
                          "%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1)))
    port = program.port()
    clients = [Client(port, FIRST), Client(port, FIRST + 1)]
    for client in clients:
        client.say(SEND_CFG2, DATA_ON)
    read_all(clients, lambda c: c.cfg)
    was = [c.cfg for c in clients]
    read_all(clients[:1], lambda c: c.cfg is not was[0])
    seen = len(clients[0].frames)
    read_all(clients, lambda c: len(c.frames) > seen + 5)
    now = clients[0].cfg
    check(now.n_analog == 2 and now.cfgcnt == was[0].cfgcnt + 1, now.cfgcnt)
    check(clients[1].cfg is was[1], "it is not the other's")
    lengths = [f.length for f in clients[0].frames]
    at = lengths.index(lengths[0] + 8)
    check(set(lengths[:at]) == {lengths[0]} and
          set(lengths[at:]) == {lengths[0] + 8}, lengths)
    check(program.end(signal.SIGINT) == 0, program.stderr())


def the_hostile_get_nothing_and_harm_nobody(port):
    """While a good client reads: nothing of it is lost."""
    good = Client(port, FIRST + 5)
    good.say(SEND_CFG2, DATA_ON)
    read_all([good], lambda c: c.cfg)
    others = [Client(port, FIRST + 6) for _ in range(8)]
    others[0].say(SEND_CFG2, DATA_ON, idcode=FIRST + COUNT)  # nobody's
    others[1].say(SEND_CFG2, DATA_ON, idcode=BROADCAST)
    others[2].sock.sendall(command(FIRST, SEND_CFG2)[:11])  # half of one
    others[3].sock.sendall(b"GET / HTTP/1.1\r\n\r\n" * 300)
    for _ in range(2000):  # a flood: it is read slowly, or not at all
        try:
            others[4].sock.send(command(FIRST + 4, SEND_CFG2),
                                socket.MSG_DONTWAIT)
        except BlockingIOError:
            break
    wrong = bytearray(command(FIRST + 6, DATA_ON))
    wrong[-1] ^= 1
    others[5].sock.sendall(bytes(wrong))
    others[6].sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                              struct.pack("ii", 1, 0))
    others[6].say(DATA_ON)
    others[6].sock.close()  # with a reset
    seen = len(good.frames)
    read_all([good], lambda c: len(c.frames) >= seen + 10)
    check_pmu(good, 5)
    ready = select.select([others[i].sock for i in (0, 1, 2, 5)], [], [], 0)
    check(not ready[0], "who is not understood is not answered")
    try:
        check(others[3].sock.recv(100) == b"", "garbage is hung up on")
    except ConnectionResetError:
        pass  # the same, with some of it unread
    for i in (0, 1, 2, 3, 4, 5, 7):
        others[i].sock.close()
    good.sock.close()


def udp_peers_name_their_pmus(port):
    """One address, two PMUs."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect(("127.0.0.1", port))
    sock.settimeout(PATIENCE_S)
    for idcode in (FIRST + 2, FIRST + 9, FIRST + COUNT, BROADCAST):
        sock.send(command(idcode, DATA_ON))
    seen = set()
    while len(seen) < 8:
        frame, = split(bytearray(sock.recv(65536)))
        seen.add((frame.idcode, frame.soc, frame.fracsec))
    check({s[0] for s in seen} == {FIRST + 2, FIRST + 9}, seen)
    for idcode in (FIRST + 2, FIRST + 9):
        sock.send(command(idcode, DATA_OFF))
    sock.close()


def each_pmu_connects_by_itself(folder):
    """To a server that hangs up on the first few."""
    server = socket.create_server(("127.0.0.1", 0), backlog=COUNT)
    server.settimeout(PATIENCE_S)
    program = Program("simulate", "--scenario", scenario(folder), "--stream",
                      f"tcp:127.0.0.1:{server.getsockname()[1]}")
    for _ in range(5):
        server.accept()[0].close()
    seen = set()
    while len(seen) < COUNT:
        sock = server.accept()[0]
        sock.settimeout(PATIENCE_S)
        buf = bytearray()
        while len(buf) < 16:
            buf += sock.recv(65536)
        check(buf[1] >> 4 == 3, "the configuration goes first")
        seen.add(struct.unpack(">H", buf[4:6])[0])
        sock.close()
    check(seen == set(range(FIRST, FIRST + COUNT)), seen)
    check(program.end(signal.SIGINT) == 0, program.stderr())
    check(program.stderr().count("no connection") <= 100, "told too often")
    server.close()


def shards_have_the_ports_of_the_whole(folder):
    """Of the second half: PMU i at PORT + i still."""
    program, base = start_each("--count", "8", "--shard", "2/2", "--t0",
                               "2026-11-20T12:00:00Z", "--rate", "10",
                               shard=(4, 8))
    client = Client(base + 6, 7)
    client.say(SEND_CFG2)
    read_all([client], lambda c: c.cfg)
    check(program.end(signal.SIGINT) == 0, program.stderr())


def a_port_in_use_names_its_pmu():
    """Others use ports as well: not always the first time."""
    for _ in range(20):
        port = random.randrange(12000, 30000)
        try:
            taken = socket.create_server(("127.0.0.1", port))
        except OSError:
            continue
        status, out, err = run("simulate", "--duration", "1s", "--count", "9",
                               "--idcode", "41", "--listen",
                               f"tcp:127.0.0.1:{port - 3},ports=each")
        taken.close()
        check(status != 0 and "the port is in use" in err and out == "", err)
        if f":{port}: " in err and "IDCODE 44 " in err:
            return
    sys.exit("FAILED: " + err)


def a_push_that_finds_no_server_is_told():
    """A port that was free a moment ago: sent=0, and the exit status."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    status, _, err = run("simulate", "--duration", "1s", "--stream",
                         f"tcp:127.0.0.1:{port}")
    check(status == 6 and "nothing was sent" in err, status, err)


def refusals_tell_the_remedy():
    """Before anything is sent."""
    for args, says in (
            (["tcp:127.0.0.1:65000,ports=each", "--count", "600"], "64936"),
            (["udp:127.0.0.1:65000,ports=each", "--count", "600"], "64936"),
            (["tcp:127.0.0.1:0,ports=each", "--count", "2"], "the first"),
            (["tcp:127.0.0.1:0,ports=all", "--count", "2"],
             "each nor shared")):
        status, out, err = run("simulate", "--duration", "1s", "--listen",
                               *args)
        check(status == USAGE and says in err and out == "", args, status,
              err)
    status, _, err = run("run", "--listen", "tcp:127.0.0.1:0,ports=each",
                         "--source", "mock")
    check(status == USAGE and "many PMUs" in err, status, err)


if __name__ == "__main__":
    a_push_that_finds_no_server_is_told()
    with tempfile.TemporaryDirectory() as tmp:
        everyone_gets_its_own("each", tmp)
        everyone_gets_its_own("shared", tmp)
        fleet = Program("simulate", "--scenario", scenario(tmp), "--listen",
                        "tcp:127.0.0.1:0", "--listen", "udp:127.0.0.1:0")
        tcp, udp = fleet.port(), fleet.port("udp")
        one_connection_may_go_from_pmu_to_pmu(tcp)
        the_hostile_get_nothing_and_harm_nobody(tcp)
        udp_peers_name_their_pmus(udp)
        check(fleet.end(signal.SIGINT) == 0, fleet.stderr())
        each_pmu_connects_by_itself(tmp)
        a_new_configuration_comes_before_its_data(tmp)
        shards_have_the_ports_of_the_whole(tmp)
        a_port_in_use_names_its_pmu()
        refusals_tell_the_remedy()
