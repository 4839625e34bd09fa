#!/usr/bin/env python3
"""listen by multicast and by IPv6, where this machine has them."""
import socket
import struct
import sys
import os

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from peers import Device, TcpPeer, serve  # noqa: E402
from program import Program, check, run  # noqa: E402

DEVICE = Device()
GROUP, GROUP6 = "239.255.77.9", "ff12::77:9"


def has_group():
    """A datagram to a group comes back by the loopback interface."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind((GROUP, 0))
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                            socket.inet_aton(GROUP) +
                            socket.inet_aton("127.0.0.1"))
            sock.settimeout(5)
            speaker().sendto(b"?", (GROUP, sock.getsockname()[1]))
            return sock.recv(9) == b"?"
        except OSError:
            return False


def speaker():
    """A socket that sends to groups by the loopback interface."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                    socket.inet_aton("127.0.0.1"))
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
    return sock


def speaker6():
    """The same of IPv6; None where it does not go."""
    try:
        sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        index = socket.if_nametoindex("lo")
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF,
                        struct.pack("@I", index))
        sock.sendto(b"?", (GROUP6, 9, 0, index))
        return sock
    except OSError:
        return None


def has_ipv6():
    """::1 is there."""
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def a_group_is_joined(spec, sock, to):
    """Two programs hear one group; who joins late waits for a configuration."""
    first = Program("listen", spec % 0, "--count", "2")
    port = first.port("udp")
    second = Program("listen", spec % port, "--count", "2")
    second.port("udp")
    for frame in (DEVICE.cfg2(), DEVICE.data(0), DEVICE.data(1)):
        sock.sendto(frame, (to, port))
    for program in (first, second):
        check(program.end() == 0, program.stderr())
        check("frames=2 gaps=0" in program.stderr(), program.stderr())


def streams_come_by_ipv6():
    """TCP on command, UDP unasked and on command."""
    peer = TcpPeer(serve(DEVICE, DEVICE.data(0)), host="::1")
    status, _, err = run("listen", f"tcp:[::1]:{peer.port}", "--count", "1",
                         "--idcode", "60")
    check(status == 0, err)
    program = Program("listen", "udp:[::1]:0", "--count", "1")
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    for frame in (DEVICE.cfg2(), DEVICE.data(0)):
        sock.sendto(frame, ("::1", program.port("udp")))
    check(program.end() == 0, program.stderr())
    server = Program("simulate", "--listen", "udp:[::1]:0")
    port = server.port("udp")
    status, _, err = run("listen", f"udp:[::1]:{port}", "--count", "3")
    check(status == 0 and "frames=3 gaps=0" in err, err)


def a_socket_of_ipv6_hears_ipv4():
    """On [::], from one sender of each kind; who is who is not mixed up."""
    program = Program("listen", "udp:[::]:0", "--count", "2")
    port = program.port("udp")
    other = Device(61)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as v4, \
            socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as v6:
        v4.sendto(DEVICE.cfg2(), ("127.0.0.1", port))
        v6.sendto(other.cfg2(), ("::1", port))
        program.wait_for("idcode=61")
        program.wait_for("idcode=60")
        v6.sendto(DEVICE.data(7), ("::1", port))
        program.wait_for(r"refused from=\[::1\]")
        v4.sendto(DEVICE.data(0), ("127.0.0.1", port))
        v6.sendto(other.data(0), ("::1", port))
        check(program.end() == 0, program.stderr())
        check("strangers=1" in program.stderr(), program.stderr())


def main():
    group, ipv6 = has_group(), has_ipv6()
    if group:
        for iface in ("127.0.0.1", "lo"):
            a_group_is_joined(f"udp:{GROUP}:%d,if={iface}", speaker(), GROUP)
    if ipv6:
        streams_come_by_ipv6()
        a_socket_of_ipv6_hears_ipv4()
    if ipv6 and speaker6():
        a_group_is_joined(f"udp:[{GROUP6}]:%d,if=lo", speaker6(), GROUP6)
    if not group or not ipv6:
        print("multicast" if ipv6 else "IPv6", "is missing: skipped")
        sys.exit(77)


main()
