#!/usr/bin/env python3
"""qemu_boot.py - a main loop that hangs and a fault end in a reset that is told,
with another boot word; and the STM32F405's image runs in that chip's memory map.

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

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "support"))
import qemu_front  # noqa: E402

PATIENCE_S = 60


def boots(said):
    """ID lines' boot words, and whether each boot told of the watchdog."""
    words = [f[6] for f in said if f[0] == "ID"]
    told = [f[2] for f in said if f[0] == "E" and f[2] in ("BOOT", "WATCHDOG")]
    return [int(word) for word in words], told


def resets_of(kind, wait_s):
    """What mps2's image says when that happens to it after half a second. The
    FIFO goes on with the image that has started again.
    """
    with qemu_front.Machine(qemu_front.image("mps2.elf")) as machine:
        machine.run_to(0.4)
        machine.at(0.5, kind)
        machine.run_to(0.5 + wait_s)
        return boots(qemu_front.lines(machine.text))


def check_resets():
    for kind, wait_s in ((qemu_front.FAULT, 0.2), (qemu_front.HANG, 1.3)):
        words, told = resets_of(kind, wait_s)
        assert len(words) == 2 and words[1] == words[0] + 1, (kind, words)
        assert told == ["BOOT", "BOOT", "WATCHDOG"], (kind, told)


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
            said = qemu_front.lines(data[:data.rindex(b"\n") + 1])
            assert said[0][:3] == ["ID", "1", "stm32f405"], said
            assert said[0][4:6] == ["84000000", "18000"], said
            connection.sendall(qemu_front.sentence("PSYN,QUERY,9,rate"))
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
    check_memory_map(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
