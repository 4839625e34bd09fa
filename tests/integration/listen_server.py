#!/usr/bin/env python3
"""listen at our own servers and streams: every transport, both configurations."""
import os
import signal
import socket
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, check, run  # noqa: E402


def free_port():
    """A UDP port of the loopback that was free just now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def heard(spec, *args):
    """Ten frames, none lost; standard error."""
    status, _, err = run("listen", spec, "--count", "10", *args)
    check(status == 0 and "frames=10 gaps=0 duplicates=0 late=0 crc_errors=0 "
          "unread=0" in err, spec, err)
    return err


def servers_answer_by_every_transport():
    """TCP, UDP, and TCP with data by UDP; CFG-3 unless CFG-2 is asked for."""
    data = free_port()
    mixed = Program("simulate", "--listen", f"tcp:127.0.0.1:0,data=udp:{data}",
                    "--idcode", "7")
    plain = Program("simulate", "--listen", "tcp:127.0.0.1:0", "--listen",
                    "udp:127.0.0.1:0", "--idcode", "7")
    for spec in (f"tcp:127.0.0.1:{mixed.port()},data=udp:{data}",
                 f"tcp:127.0.0.1:{mixed.port()},data=udp:127.0.0.1:{data}",
                 f"tcp:127.0.0.1:{plain.port()}",
                 f"udp:127.0.0.1:{plain.port('udp')}"):
        check("cfg3=1 " in heard(spec, "--idcode", "7"), spec)
        check("cfg2=1 " in heard(spec, "--idcode", "7", "--cfg", "2"), spec)
    for server in (mixed, plain):
        check(server.end(signal.SIGTERM) == 0, server.stderr())


def no_angle_is_shown_as_minus_180():
    """-179.9999 is 180.000 to three decimals."""
    server = Program("simulate", "--v_deg", "-179.9999", "--listen",
                     "tcp:127.0.0.1:0")
    status, out, err = run("listen", f"tcp:127.0.0.1:{server.port()}",
                           "--count", "3")
    check(status == 0, status, err)
    check("VA 120 V 180.000 deg" in out and "-180.000" not in out, out)
    check(server.end(signal.SIGTERM) == 0, server.stderr())


def unasked_streams_share_a_port():
    """Three simulated PMUs, one port; then one of them alone."""
    receiver = Program("listen", "udp:127.0.0.1:0", "--duration", "2s")
    port = receiver.port("udp")
    senders = [Program("simulate", "--idcode", str(i), "--rate", rate,
                       "--stream", f"udp:127.0.0.1:{port}")
               for i, rate in ((1, "50"), (2, "25"), (3, "10"))]
    check(receiver.end() == 0, receiver.stderr())
    for i, fps in ((1, 50), (2, 25), (3, 10)):
        line = [l for l in receiver.stderr().splitlines()
                if f"stream idcode={i} " in l]
        check(len(line) == 1 and f"configured_fps={fps} " in line[0] and
              "gaps=0 " in line[0], receiver.stderr())
    for sender in senders:
        check(sender.end(signal.SIGTERM) == 0, sender.stderr())


def a_server_that_comes_back_is_found_again(scheme):
    """Killed and started anew at its port: a gap, no end."""
    first = Program("simulate", "--listen", f"{scheme}:127.0.0.1:0")
    port = first.port(scheme)
    with tempfile.TemporaryDirectory() as folder:
        table = os.path.join(folder, "x.csv")
        # Over UDP only a command that is refused tells that nobody is there.
        client = Program("listen", f"{scheme}:127.0.0.1:{port}", "--json",
                         "--csv", table, "--timeout", "500ms")
        while '"type":"data"' not in client.process.stdout.readline():
            pass
        first.process.kill()
        drain = threading.Thread(target=client.process.stdout.read)
        drain.start()
        client.wait_for("next attempt in 1 s")
        second = Program("simulate", "--listen", f"{scheme}:127.0.0.1:{port}")
        second.port(scheme)
        client.wait_for("data again after_s=.* lost_frames=[1-9]")
        check(client.end(signal.SIGINT) == 0, client.stderr())
        drain.join()
        check("reconnects=1" in client.stderr(), client.stderr())
        check(second.end(signal.SIGTERM) == 0, second.stderr())
        check(os.path.exists(table), client.stderr())


if __name__ == "__main__":
    servers_answer_by_every_transport()
    no_angle_is_shown_as_minus_180()
    unasked_streams_share_a_port()
    a_server_that_comes_back_is_found_again("tcp")
    a_server_that_comes_back_is_found_again("udp")
