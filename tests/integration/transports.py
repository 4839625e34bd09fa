#!/usr/bin/env python3
"""simulate by all transports at once, each read by another program."""
import json
import os
import resource
import signal
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import CISOID, Program, check, run  # noqa: E402
from synchro import split  # noqa: E402

COUNT = 20  # frames that each must get


def free_port():
    """A UDP port that nobody has now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("0.0.0.0", 0))
        return s.getsockname()[1]


def listen(spec):
    """A client that takes COUNT frames as JSON lines."""
    return subprocess.Popen([CISOID, "listen", spec, "--json", "--count",
                             str(COUNT)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def taken(client):
    """What it has got, one after another."""
    out, err = client.communicate(timeout=60)
    frames = [json.loads(line) for line in out.splitlines()]
    times = [50 * f["soc"] + round(50 * f["fracsec"]) for f in frames
             if f["type"] == "data"]
    check(client.returncode == 0 and len(times) == COUNT, client.args, err)
    for a, b in zip(times, times[1:]):
        check(b == a + 1, client.args, a, b)


def pushed(server):
    """Takes the call of a simulate that pushes: configuration, then data."""
    line, _ = server.accept()
    line.settimeout(60)
    raw, frames = bytearray(), []
    while len(frames) < COUNT + 1:
        raw += line.recv(65536)
        frames += split(raw)
    types = [frame.kind for frame in frames]
    check(types[0] == "cfg2" and set(types[1:]) == {"data"}, types)
    line.close()


def all_at_once():
    """Five endpoints of one stream, five readers."""
    server = socket.create_server(("127.0.0.1", 0))
    plain, beside, group = free_port(), free_port(), free_port()
    pmu = Program(
        "simulate", "--stream", f"tcp:127.0.0.1:{server.getsockname()[1]}",
        "--stream", f"udp:127.0.0.1:{plain}",
        "--stream", f"udp:239.255.47.13:{group},if=lo,ttl=0",
        "--listen", "tcp:127.0.0.1:0,clients=5,allow=127.0.0.0/8",
        "--listen", "udp:127.0.0.1:0,allow=127.0.0.1",
        "--listen", f"tcp:127.0.0.2:0,data=udp:{beside}")
    tcp = pmu.wait_for(r"listening on tcp:127.0.0.1:(\d+)")[1]
    udp = pmu.wait_for(r"listening on udp:127.0.0.1:(\d+)")[1]
    mixed = pmu.wait_for(r"listening on tcp:127.0.0.2:(\d+)")[1]
    clients = [listen(f"tcp:127.0.0.1:{tcp}"), listen(f"udp:127.0.0.1:{udp}"),
               listen(f"tcp:127.0.0.2:{mixed},data=udp:{beside}")]
    pushed(server)
    for client in clients:
        taken(client)
    server.close()
    check(pmu.end(signal.SIGINT) == 0, pmu.stderr())
    check("connected to tcp:127.0.0.1" in pmu.stderr(), pmu.stderr())


def too_few_descriptors():
    """It is said how many clients there can be, and no more come in."""
    done = subprocess.run(
        [CISOID, "simulate", "--listen", "tcp:127.0.0.1:0,clients=100",
         "--duration", "0.1s"], capture_output=True, text=True, timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE,
                                              (64, 64)))
    check(done.returncode == 0 and "of 100 clients can be served"
          in done.stderr and "ulimit -Hn" in done.stderr, done.stderr)


def refusals():
    """What cannot be is said, with the exit status of its kind."""
    cases = [
        (("--listen", "tcp:127.0.0.1:0,client=3"), 2, "clients"),
        (("--stream", "udp:127.0.0.1:9,ttl=3"), 2, "multicast"),
        (("--stream", "udp:239.1.2.3:9,ttl=256"), 2, "from 0 to 255"),
        (("--stream", "udp:239.1.2.3:9,if=none-such"), 6, "no interface"),
        (("--listen", "tcp:127.0.0.1:0,allow=localhost"), 2, "an address"),
        (("--listen", "tcp:127.0.0.1:0,data=tcp:3"), 2, "udp:PORT"),
    ]
    for args, status, says in cases:
        got, _, err = run("simulate", "--duration", "0.1s", *args)
        check(got == status and says in err, args, got, err)


all_at_once()
too_few_descriptors()
refusals()
