"""Starts the program under test and reads what it says.

Time limits are for programs that hang: far beyond what a busy machine takes.
"""
import atexit
import os
import re
import subprocess
import sys
import threading

CISOID = os.environ.get("CISOID", "build/cisoid")


def run(*args, timeout=600):
    """Runs to the end: (exit status, standard output, standard error)."""
    done = subprocess.run([CISOID, *args], capture_output=True, text=True,
                          timeout=timeout, check=False)
    return done.returncode, done.stdout, done.stderr


class Program:
    """A running program; its standard error is read all the while."""

    def __init__(self, *args, env=None):
        self.process = subprocess.Popen([CISOID, *args], env=env,
                                        stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        # A test that fails leaves nothing running.
        atexit.register(self.process.kill)
        self.lines = []
        self.news = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stderr:
            with self.news:
                self.lines.append(line)
                self.news.notify_all()
        with self.news:
            self.lines.append(None)
            self.news.notify_all()

    def wait_for(self, pattern, timeout=60):
        """The match of the first line of standard error that has it."""
        seen = 0
        with self.news:
            while True:
                for line in self.lines[seen:]:
                    seen += 1
                    match = line and re.search(pattern, line)
                    if match:
                        return match
                    if line is None:
                        sys.exit(f"ended without {pattern}: {self.stderr()}")
                if not self.news.wait(timeout):
                    sys.exit(f"no {pattern} in: {self.stderr()}")

    def port(self, scheme="tcp"):
        """The port that it says it listens on."""
        return int(self.wait_for(rf"listening on {scheme}:\S*:(\d+)")[1])

    def stderr(self):
        """All that it has said so far."""
        return "".join(line for line in self.lines if line)

    def end(self, sig=None, timeout=60):
        """Sends the signal, if any, and waits: the exit status."""
        if sig is not None:
            self.process.send_signal(sig)
        status = self.process.wait(timeout)
        self.reader.join(timeout)
        return status


def check(condition, *what):
    """Ends the test with a sentence unless the condition holds."""
    if not condition:
        sys.exit("FAILED: " + " ".join(str(w) for w in what))
