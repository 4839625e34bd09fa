"""A clock that stands still while the machine does, for what must not last.

A virtual machine that is not run for a second lets nobody else wait, either: what
then seems to have lasted has not. Where the clock is wrong, it is slow.
"""
import threading
import time

BEAT_S = 0.02


class Beats:
    """Beats in a thread, from when it is made."""

    def __init__(self):
        self.n = 0
        threading.Thread(target=self._beat, daemon=True).start()

    def _beat(self):
        while True:
            time.sleep(BEAT_S)
            self.n += 1

    def now(self):
        """Seconds."""
        return self.n * BEAT_S
