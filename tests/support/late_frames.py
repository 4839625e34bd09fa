"""How late data frames leave a program: by UDP, with the kernel's time."""
import socket
import struct
import threading

SO_TIMESTAMPNS = 35  # of Linux
SO_RCVBUFFORCE = 33
DATA, CFG2 = 0, 3    # kinds of frames in SYNC
RCVBUF = 1 << 24


class Frames(threading.Thread):
    """(time of arrival, lateness, time stamp, IDCODE) of each data frame, in ns.

    The time of arrival is when the system took it from the program: the
    receiver's own delays are not in it. slot_ns: PMU 2 sends so long after PMU
    1, and so on.
    """

    def __init__(self, slot_ns=0):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RCVBUF)
        except OSError:
            pass  # root's alone
        self.port = self.socket.getsockname()[1]
        self.slot_ns = slot_ns
        self.time_base = None
        self.got = []

    def run(self):
        while True:
            frame, more, _, _ = self.socket.recvmsg(65536, 128)
            kind = frame[1] >> 4 & 7
            if kind == CFG2:
                self.time_base = struct.unpack_from(">I", frame, 14)[0]
            elif kind == DATA and self.time_base and more:
                self.note(frame, struct.unpack("=qq", more[0][2][:16]))

    def note(self, frame, came):
        """Keeps the times of one."""
        idcode, soc, fracsec = struct.unpack_from(">HII", frame, 4)
        said_ns = soc * 10**9 + (fracsec & 0xFFFFFF) * 10**9 // self.time_base
        came_ns = came[0] * 10**9 + came[1]
        late_ns = came_ns - said_ns - (idcode - 1) * self.slot_ns
        self.got.append((came_ns, late_ns, said_ns, idcode))

    def lost(self, period_ns):
        """Instants of which no frame came, of those between two that did."""
        said = {}
        for _, _, said_ns, idcode in self.got:
            said.setdefault(idcode, []).append(said_ns)
        return sum(round((b - a) / period_ns) - 1
                   for row in said.values() for a, b in zip(row, row[1:]))

    def late_ns(self, turns):
        """Of the frames that came in these turns, in order."""
        return sorted(late for came, late, _, _ in self.got
                      if any(a <= came < b for a, b in turns))


def figures(late_ns):
    """Percentiles in ms."""
    def at(share):
        return round(late_ns[min(int(share * len(late_ns)),
                                 len(late_ns) - 1)] / 1e6, 3)

    return {"frames": len(late_ns), "min": at(0), "p50": at(.5), "p99": at(.99),
            "max": at(1)}
