#!/usr/bin/env python3
"""A small PDC, or a plain relay, with faults on demand.

    pdc.py --pmus N [--streams N] [--wait S] [--relay] [--int] [--renumber] [--rename]
           [--without IDCODE,...] [--foreign] [--every N] [--idcode N]
           [--strict] [--hang-up N] [--fault KIND:IDCODE:FIRST-LAST[:T]]...

Takes frames by UDP, each PMU's in a stream of its own, and serves them by TCP, in
one stream or shared out to several, each with a port: an instant goes out when its
last PMU has come, or when those that did not come have sent a later one, or WAIT
seconds after its first one, with them marked invalid (STAT 01, NaN). Seconds in
which the computer stood still do not count. Says "udp PORT tcp PORT ..." on standard
output. Ends with standard input.

Faults hit the frames numbered FIRST to LAST since data went on (all of a PMU's
frames with --relay):
    missing  the PMU's block says that there is no data
    change   its first phasor is 1 % larger (relay: the last bit is another)
    trigger  its STAT has bit 11 set
    sorted   its STAT has bit 12 set: which a PDC may do
    swap     the blocks of IDCODE and IDCODE + 1 change places
    drop     the frame does not go out (relay: of that PMU)
    delay    it goes out T seconds later
    double   it goes out twice
Blocks are passed on as bytes; with --int they are read (float, polar) and written
as int16, rectangular. Written from the standard; standard library only.
"""
import argparse
import binascii
import cmath
import heapq
import selectors
import socket
import struct
import sys
import time

DATA_OFF, DATA_ON, SEND_CFG2, SEND_CFG3 = 1, 2, 5, 6
UDP_GRO, SO_RCVBUFFORCE = 104, 33
HEAD = struct.Struct(">HII")  # IDCODE, SOC, FRACSEC
FLOAT_POLAR = 0x000F
PHUNIT = 1000  # 10 mV or 10 mA a bit


def sealed(sync, idcode, soc, fracsec, body):
    raw = struct.pack(">HHHII", sync, 16 + len(body), idcode, soc,
                      fracsec) + body
    return raw + struct.pack(">H", binascii.crc_hqx(raw, 0xFFFF))


class Pmu:
    """A block of CFG-2, clause 6.4, and what is passed on of it."""

    def __init__(self, block, args):
        self.station, self.idcode, self.format = block[:16], *struct.unpack(
            ">HH", block[16:20])
        self.n_phasor, self.n_analog, self.n_digital = struct.unpack(
            ">HHH", block[20:26])
        self.out_idcode = self.idcode
        n_name = self.n_phasor + self.n_analog + 16 * self.n_digital
        self.names = block[26:26 + 16 * n_name]
        self.rest = block[26 + 16 * n_name:]
        self.as_int = args.int
        # Lengths of a data block: STAT, phasors, FREQ, DFREQ, analogs, digitals.
        self.phasor_len = 8 if self.format & 2 else 4
        self.len_in = 2 + self.phasor_len * self.n_phasor + \
            (8 if self.format & 8 else 4) + \
            (4 if self.format & 4 else 2) * self.n_analog + 2 * self.n_digital
        if args.int and self.format != FLOAT_POLAR:
            sys.exit("--int reads floating-point polar only")

    def config(self):
        form = 0 if self.as_int else self.format
        units = self.rest
        if self.as_int:
            kinds = struct.unpack(">%dI" % self.n_phasor,
                                  units[:4 * self.n_phasor])
            units = b"".join(struct.pack(">I", k & 0xFF000000 | PHUNIT)
                             for k in kinds) + units[4 * self.n_phasor:]
        return self.station + struct.pack(
            ">HHHHH", self.out_idcode, form, self.n_phasor, self.n_analog,
            self.n_digital) + self.names + units

    def passed(self, block):
        """The block as it goes out."""
        if not self.as_int:
            return block
        out = block[:2]
        at = 2
        for _ in range(self.n_phasor):
            mag, rad = struct.unpack(">ff", block[at:at + 8])
            z = cmath.rect(mag, rad) / (PHUNIT * 1e-5)
            out += struct.pack(">hh", round(z.real), round(z.imag))
            at += 8
        freq, rocof = struct.unpack(">ff", block[at:at + 8])
        fnom = 50 if struct.unpack(">H", self.rest[-4:-2])[0] & 1 else 60
        out += struct.pack(">hh", round((freq - fnom) * 1000),
                           round(rocof * 100))
        at += 8
        for _ in range(self.n_analog):
            out += struct.pack(">h", round(struct.unpack(
                ">f", block[at:at + 4])[0]))
            at += 4
        return out + block[at:]

    def nothing(self):
        """A block for who did not come: STAT 01, no values."""
        if self.as_int:
            return struct.pack(">H", 0x4000) + \
                (2 * self.n_phasor + 2 + self.n_analog) * b"\x80\x00" + \
                2 * self.n_digital * b"\0"
        return struct.pack(">H", 0x4000) + \
            (self.len_in - 2 - 2 * self.n_digital) // 4 * b"\x7f\xc0\0\0" + \
            2 * self.n_digital * b"\0"

    def changed(self, block):
        if self.as_int:
            sys.exit("change and --int do not go together")
        first = struct.unpack(">f", block[2:6])[0]
        return block[:2] + struct.pack(">f", first * 1.01) + block[6:]


class Fault:
    def __init__(self, text):
        words = text.split(":")
        self.kind, self.idcode = words[0], int(words[1])
        self.first, _, last = words[2].partition("-")
        self.first = int(self.first)
        self.last = int(last or self.first)
        self.delay = float(words[3]) if len(words) > 3 else 0

    def hits(self, n):
        return self.first <= n <= self.last


class Output:
    """A port, its client, and a part of the PMUs in one stream."""

    def __init__(self, pdc, number):
        self.pdc, self.args = pdc, pdc.args
        self.idcode = pdc.args.idcode + number
        self.order = None   # IDCODEs in the frame, once all are known
        self.n_out = 0      # frames since data on
        self.n_of = {}      # of each PMU, of a relay
        self.on = False
        self.client = None
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        pdc.select.register(self.door, selectors.EVENT_READ, self.accept)

    # ---- the client ----

    def accept(self):
        if self.client:
            self.drop_client()
        self.client = self.door.accept()[0]
        self.client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.pdc.select.register(self.client, selectors.EVENT_READ,
                                 self.listen)

    def drop_client(self):
        self.pdc.select.unregister(self.client)
        self.client.close()
        self.client, self.on = None, False

    def listen(self):
        try:
            data = self.client.recv(4096)
        except OSError:
            data = b""
        if not data:
            self.drop_client()
            return
        while len(data) >= 18:
            size, idcode = struct.unpack(">HH", data[2:6])
            command = struct.unpack(">H", data[14:16])[0]
            data = data[size:]
            if self.args.strict and idcode != self.idcode:
                continue
            if command in (DATA_OFF, DATA_ON):
                self.on = command == DATA_ON
            elif command == SEND_CFG2 and self.order:
                self.send(b"".join(self.pdc.cfgs.values())
                          if self.args.relay else self.config())

    def send(self, data):
        if self.client:
            try:
                self.client.sendall(data)
            except OSError:
                self.drop_client()

    def config(self):
        blocks = [self.pdc.pmus[i].config() for i in self.order]
        if self.args.foreign:
            blocks.append(b"ELSEWHERE".ljust(16) + struct.pack(
                ">HHHHH", 60000, 0, 1, 0, 0) + b"VX".ljust(16) +
                struct.pack(">IHH", 1000, 1, 0))
        rate = struct.unpack(">h", self.pdc.rate)[0] // self.args.every
        body = self.pdc.time_base + struct.pack(">H", len(blocks)) + \
            b"".join(blocks) + struct.pack(">h", rate)
        return sealed(0xAA31, self.idcode, *self.pdc.now, body)

    # ---- data ----

    def relay(self, idcode, frame):
        if not self.on:
            return
        n = self.n_of[idcode] = self.n_of.get(idcode, -1) + 1
        self.n_out += 1
        times, wait = 1, 0
        for fault in self.pdc.faults:
            if fault.idcode == idcode and fault.hits(n):
                if fault.kind == "change":
                    frame = frame[:-3] + bytes([frame[-3] ^ 1])
                    frame += struct.pack(">H", binascii.crc_hqx(frame, 0xFFFF))
                elif fault.kind == "drop":
                    times = 0
                elif fault.kind == "double":
                    times = 2
                elif fault.kind == "delay":
                    wait = fault.delay
        self.pdc.put(self, times * frame, wait)

    def emit(self, key, blocks):
        if not self.on:
            return
        pmus = self.pdc.pmus
        n, self.n_out = self.n_out, self.n_out + 1
        out = {i: pmus[i].passed(blocks[i]) if i in blocks
               else pmus[i].nothing() for i in self.order}
        times, wait = 1, 0
        for fault in self.pdc.faults:
            if not fault.hits(n) or fault.idcode not in (0, *self.order):
                continue
            if fault.kind == "drop":
                times = 0
            elif fault.kind == "double":
                times = 2
            elif fault.kind == "delay":
                wait = fault.delay
            else:
                self.spoil(fault, out)
        body = b"".join(out[i] for i in self.order)
        if self.args.foreign:
            body += struct.pack(">HhhHH", 0, 7, 7, 0, 0)
        self.pdc.put(self, times * sealed(0xAA01, self.idcode, *key, body),
                     wait)
        if self.args.hang_up and self.n_out == self.args.hang_up:
            self.drop_client()

    def spoil(self, fault, out):
        i, pmu = fault.idcode, self.pdc.pmus[fault.idcode]
        if fault.kind == "missing":
            out[i] = pmu.nothing()
        elif fault.kind == "change":
            out[i] = pmu.changed(out[i])
        elif fault.kind == "trigger":
            out[i] = bytes([out[i][0] | 0x08]) + out[i][1:]
        elif fault.kind == "sorted":
            out[i] = bytes([out[i][0] | 0x10]) + out[i][1:]
        elif fault.kind == "swap":
            out[i], out[i + 1] = out[i + 1], out[i]
        else:
            sys.exit("no fault " + fault.kind)


class Pdc:
    def __init__(self, args):
        self.args = args
        self.faults = [Fault(text) for text in args.fault]
        self.without = set(map(int, filter(None, args.without.split(","))))
        self.pmus = {}      # by IDCODE: Pmu
        self.cfgs = {}      # by IDCODE: the frame, for a relay
        self.n_wanted = 0   # PMUs in all outputs, once all are known
        self.instants = {}  # (soc, frac): [first arrival, {idcode: block}]
        self.newest = {}    # by IDCODE: its last instant
        self.waited = 0     # s in which something could have come
        self.looked = time.monotonic()
        self.latest = (0, 0)
        self.due = []       # heap of (time, serial, output, frame)
        self.serial = 0
        self.bad = 0
        self.rate = b"\0\0"
        self.time_base = 0
        self.now = (0, 0)
        self.select = selectors.DefaultSelector()
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # The greater one needs the right to it.
        for option in (socket.SO_RCVBUF, SO_RCVBUFFORCE):
            try:
                self.udp.setsockopt(socket.SOL_SOCKET, option, 1 << 23)
            except OSError:
                pass
        try:
            self.udp.setsockopt(socket.IPPROTO_UDP, UDP_GRO, 1)
        except OSError:
            pass
        self.udp.bind(("127.0.0.1", 0))
        self.udp.setblocking(False)
        self.outputs = [Output(self, i) for i in range(args.streams)]
        self.select.register(self.udp, selectors.EVENT_READ, self.take)
        self.select.register(sys.stdin, selectors.EVENT_READ, self.end)
        print("udp", self.udp.getsockname()[1], "tcp",
              *(output.port for output in self.outputs), flush=True)

    def end(self):
        print("frames", sum(o.n_out for o in self.outputs), "bad", self.bad,
              "processor", round(time.process_time(), 2), flush=True)
        sys.exit(0)

    # ---- the PMUs ----

    def take(self):
        for _ in range(64):
            try:
                data = self.udp.recv(1 << 16)
            except BlockingIOError:
                return
            at = 0
            while len(data) - at >= 16:
                size = data[at + 2] << 8 | data[at + 3]
                frame = data[at:at + size]
                at += size
                if size < 16:
                    self.bad += 1
                    break
                if binascii.crc_hqx(frame, 0xFFFF):
                    self.bad += 1
                else:
                    self.take_frame(frame)

    def take_frame(self, frame):
        kind = frame[1] >> 4 & 7
        if kind == 3:
            self.take_config(frame)
        elif kind == 0 and self.args.relay:
            idcode = frame[4] << 8 | frame[5]
            if idcode not in self.without:
                self.outputs[0].relay(idcode, frame)
        elif kind == 0 and self.n_wanted:
            self.take_data(frame)

    def take_config(self, frame):
        idcode = frame[4] << 8 | frame[5]
        self.cfgs[idcode] = frame
        if self.args.relay and self.outputs[0].on:
            self.outputs[0].send(frame)
        if idcode in self.pmus:
            return
        self.time_base = frame[14:18]
        self.rate = frame[-4:-2]
        self.pmus[idcode] = Pmu(frame[20:-4], self.args)
        if len(self.pmus) == self.args.pmus:
            self.share_out()
            # Of the others' frames of this instant, some went by.
            _, soc, frac = HEAD.unpack_from(frame, 4)
            self.latest = (soc, frac & 0xFFFFFF)

    def share_out(self):
        wanted = sorted(set(self.pmus) - self.without)
        for i, one in enumerate(wanted):
            if self.args.renumber:
                self.pmus[one].out_idcode = 10000 - i
            if self.args.rename:
                self.pmus[one].station = (b"FEEDER %d" % i).ljust(16)
        n = len(self.outputs)
        for i, output in enumerate(self.outputs):
            output.order = wanted[len(wanted) * i // n:
                                  len(wanted) * (i + 1) // n]
        self.n_wanted = len(wanted)

    def take_data(self, frame):
        idcode, soc, frac = HEAD.unpack_from(frame, 4)
        key = (soc, frac & 0xFFFFFF)
        if key <= self.latest or idcode in self.without:
            return
        at = self.instants.get(key)
        if not at:
            at = self.instants[key] = [self.waited, {}]
        at[1][idcode] = frame[14:-2]
        self.newest[idcode] = max(key, self.newest.get(idcode, key))
        if len(at[1]) == self.n_wanted:
            self.emit_ready()

    def has_waited(self, key):
        first, blocks = self.instants[key]
        if self.waited - first > self.args.wait:
            return True
        missing = [i for output in self.outputs for i in output.order
                   if i not in blocks]
        return all(self.newest.get(i, key) > key for i in missing)

    def emit_ready(self):
        """Instants that are whole, or have waited; in their order."""
        for key in sorted(self.instants):
            if not self.has_waited(key):
                return
            blocks = self.instants[key][1]
            del self.instants[key]
            self.latest = self.now = key
            if not self.skips(key):
                for output in self.outputs:
                    output.emit(key, blocks)

    def skips(self, key):
        rate = struct.unpack(">h", self.rate)[0]
        base = struct.unpack(">I", self.time_base)[0]
        return round(key[1] * rate / base) % self.args.every

    def put(self, output, data, wait):
        if wait:
            self.serial += 1
            heapq.heappush(self.due, (time.monotonic() + wait, self.serial,
                                      output, data))
        else:
            output.send(data)

    # ---- the loop ----

    def go_on(self):
        now = time.monotonic()
        self.waited += min(now - self.looked, 0.02)
        self.looked = now

    def run(self):
        while True:
            self.go_on()
            for key, _ in self.select.select(0.002):
                key.data()
            self.emit_ready()
            while self.due and self.due[0][0] <= time.monotonic():
                _, _, output, data = heapq.heappop(self.due)
                output.send(data)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--pmus", type=int, required=True)
    p.add_argument("--wait", type=float, default=0.5)
    p.add_argument("--idcode", type=int, default=7)
    p.add_argument("--streams", type=int, default=1)
    p.add_argument("--every", type=int, default=1)
    p.add_argument("--hang-up", type=int, default=0)
    p.add_argument("--without", default="")
    p.add_argument("--fault", action="append", default=[])
    for switch in ("relay", "int", "renumber", "rename", "foreign", "strict"):
        p.add_argument("--" + switch, action="store_true")
    Pdc(p.parse_args()).run()


if __name__ == "__main__":
    main()
