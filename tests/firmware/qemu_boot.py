#!/usr/bin/env python3
"""qemu_boot.py - a main loop that hangs and a fault end in a reset that is told,
with another boot word; the receiver's line is heard; and the STM32F405's image
runs in that chip's memory map.

QEMU has netduinoplus2's core, memories, USARTs and interrupts, neither its clock
tree nor compare and capture: that the image speaks is all that is seen there.
"""
import os
import select
import socket
import subprocess
import sys
import tempfile
import time

import psyn
import qemu_front

PATIENCE_S = 60


def boots(said):
    """The boot words, and what each boot told of itself."""
    return ([m.boot for m in said if m.kind == "ID"],
            [name for name in qemu_front.names_of(said)
             if name in ("BOOT", "WATCHDOG")])


def resets_of(kind, wait_s):
    """What mps2's image says when that happens to it after half a second. The
    FIFO goes on with the image that has started again.
    """
    with qemu_front.Machine(qemu_front.image("mps2.elf")) as machine:
        machine.run_to(0.4)
        machine.at(0.5, kind)
        machine.run_to(0.5 + wait_s)
        return boots(qemu_front.messages(machine.text))


def check_resets():
    for kind, wait_s in ((qemu_front.FAULT, 0.2), (qemu_front.HANG, 1.3)):
        words, told = resets_of(kind, wait_s)
        assert len(words) == 2 and words[1] == words[0] + 1, (kind, words)
        assert told == ["BOOT", "BOOT", "WATCHDOG"], (kind, told)


def check_receiver_line():
    """By its serial line too; bytes come when this computer brings them."""
    with qemu_front.Machine(qemu_front.image("mps2.elf"),
                            gps="unix:gps,server=on,wait=off") as machine, \
            socket.socket(socket.AF_UNIX) as receiver:
        receiver.connect(os.path.join(machine.folder, "gps"))
        receiver.sendall(b"no sentence\r\n")
        end, t_s = time.monotonic() + PATIENCE_S, 0
        while b"NMEA_BAD,1*" not in machine.text:
            assert time.monotonic() < end, machine.text
            t_s += 0.1
            machine.run_to(t_s)


def receive(connection, enough):
    """Until enough(data); a host's time, for this machine has no other."""
    data, end = b"", time.monotonic() + PATIENCE_S
    while not enough(data) and time.monotonic() < end:
        if select.select([connection], [], [], 1)[0]:
            data += connection.recv(4096)
    return data


def check_memory_map(path):
    with tempfile.TemporaryDirectory(prefix="front-") as folder:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(os.path.join(folder, "host"))
        listener.listen(1)
        process = subprocess.Popen(
            [qemu_front.qemu(), "-M", "netduinoplus2", "-display", "none",
             "-monitor", "none", "-serial", "unix:host", "-kernel",
             os.path.abspath(path)], cwd=folder, stdin=subprocess.DEVNULL)
        try:
            connection = listener.accept()[0]
            data = receive(connection, lambda d: d.count(b"\n") >= 1)
            said = qemu_front.messages(data[:data.rindex(b"\n") + 1])
            assert (said[0].kind, said[0].board, said[0].tick_hz) == \
                ("ID", "stm32f405", 84000000), said
            connection.sendall(psyn.encode("QUERY", seq=9, key="rate"))
            data = receive(connection, lambda d: b"ACK,9,rate,18000*" in d)
            assert b"ACK,9,rate,18000*" in data, data
        finally:
            process.kill()
            process.wait()
            listener.close()


def main():
    path = qemu_front.image("stm32f405-emulated.elf")
    if not path:
        print("no image, or no qemu-system-arm")
        return 77
    check_resets()
    check_receiver_line()
    check_memory_map(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
