#!/usr/bin/env python3
"""What systemd is told: readiness, status, reload, end; and the watchdog, which
starves when a thread hangs."""
import ctypes
import os
import re
import signal
import socket
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, check  # noqa: E402

WATCHDOG_S = 0.9
PTRACE_ATTACH, PTRACE_DETACH = 16, 17
WALL = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p,
                        ctypes.c_void_p]


class Manager:
    """Listens where systemd would."""

    def __init__(self, folder):
        path = os.path.join(folder, "notify")
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(path)
        os.environ["NOTIFY_SOCKET"] = path
        os.environ["WATCHDOG_USEC"] = str(int(WATCHDOG_S * 1e6))
        os.environ.pop("WATCHDOG_PID", None)

    def next(self, timeout_s=30):
        """The next message as a dictionary; None: too late."""
        self.sock.settimeout(max(timeout_s, 1e-3))
        try:
            text = self.sock.recv(65536).decode()
        except socket.timeout:
            return None
        return dict(line.split("=", 1) for line in text.splitlines())

    def wait_for(self, key):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            message = self.next(1)
            if message and key in message:
                return message
        return sys.exit(f"FAILED: no {key}")

    def is_fed(self, within_s):
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            message = self.next(deadline - time.monotonic())
            if message and "WATCHDOG" in message:
                return True
        return False


def threads(pid):
    """Numbers by name."""
    found = {}
    for tid in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{tid}/comm", encoding="utf-8") as f:
            found[f.read().strip()] = int(tid)
    return found


def stop(tid):
    """Holds one thread, as a driver would; False where that is not allowed."""
    if LIBC.ptrace(PTRACE_ATTACH, tid, None, None):
        return False
    os.waitpid(tid, WALL)
    return True


def check_hang(manager, tid, name):
    if not stop(tid):
        print(f"{name}: ptrace is not allowed here:",
              os.strerror(ctypes.get_errno()))
        return
    # Fed once more for what was done before, and est hangs only when it has
    # something to do.
    deadline = time.monotonic() + 30
    while manager.is_fed(2 * WATCHDOG_S):
        check(time.monotonic() < deadline, name, "hangs, and it is fed")
    LIBC.ptrace(PTRACE_DETACH, tid, None, None)
    check(manager.is_fed(30), name, "goes on, and it starves")


def main():
    with tempfile.TemporaryDirectory() as folder:
        manager = Manager(folder)
        conf = os.path.join(folder, "pmu.conf")
        with open(conf, "w", encoding="utf-8") as f:
            f.write("[stream.main]\nlisten = tcp:127.0.0.1:0\n")
        pmu = Program("run", "-C", conf, "--source", "mock", "--time", "none")
        ready = manager.next()
        check(ready and ready.get("READY") == "1", "ready:", ready)
        check(pmu.port() > 0, "a port before READY")
        check(ready["STATUS"].startswith("FREE-RUN"), ready)
        status = manager.wait_for("STATUS")["STATUS"]
        check(re.search(r"frames \d+, drops 0, lost scans 0, ring", status),
              status)
        check(manager.is_fed(30), "fed")
        check(manager.is_fed(30), "fed again")

        pmu.process.send_signal(signal.SIGHUP)
        check(int(manager.wait_for("RELOADING")["MONOTONIC_USEC"]) > 0,
              "RELOADING")
        check(manager.wait_for("READY")["READY"] == "1", "READY after reload")

        tids = threads(pmu.process.pid)
        for name in ("acq", "est"):
            check_hang(manager, tids[name], name)
        check_hang(manager, pmu.process.pid, "main")

        pmu.process.send_signal(signal.SIGTERM)
        check(manager.wait_for("STOPPING")["STOPPING"] == "1", "STOPPING")
        check(pmu.end() == 0, pmu.stderr())


main()
