#!/usr/bin/env python3
"""sizes.py - flash, RAM and the deepest stack of an image.

  sizes.py IMAGE.elf LEVEL...

Each LEVEL names interrupts that do not interrupt one another (a,b,c), lowest
first; those of a later one interrupt those of an earlier. All is read from the
disassembly, libgcc's functions too: what a function pushes and takes off the
stack pointer, added up as if it were all in use at once, and whom it calls. A
recursion, a call by pointer and an allocation of unknown size are refused, and
so is arithmetic in double precision, which the FPU has not.

Printed, and written to IMAGE.elf.json for tests/firmware/image_sizes.py; the
exit status is 0 even where something is refused.
"""
import json
import re
import subprocess
import sys

# An exception's frame with the registers of the FPU (ARMv7-M ARM, B1.5.7), and
# the word that aligns it.
FRAME = 26 * 4 + 4

FUNCTION = re.compile(r"^([0-9a-f]+) <([^>]+)>:$")
CODE = re.compile(r"^\s*[0-9a-f]+:\t(\S+)(?:\t([^;@]*))?")
TARGET = re.compile(r"^(?:r\d+, )?[0-9a-f]+ <([^>+]+)(\+0x[0-9a-f]+)?>")
BRANCH = re.compile(r"^(bl|b(eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|hs|lo)?|"
                    r"cbn?z)(\.[nw])?$")
# Of libgcc (RTABI 4.1.2): on doubles, and to doubles.
DOUBLE = re.compile(r"^__aeabi_(c?d[a-z0-9]+|[a-z]+2d)$")
SECTION = re.compile(r"^\s*\d+ (\.\w+)\s+([0-9a-f]+)\s+([0-9a-f]+)")


class Refused(Exception):
    pass


def run(*command):
    return subprocess.run(command, check=True, capture_output=True,
                          text=True).stdout


def n_registers(text, width):
    """{r4-r7, lr}: 5; each of so many bytes."""
    n = 0
    for part in text[text.index("{") + 1:text.index("}")].split(","):
        ends = re.findall(r"[a-z]+(\d+)", part)
        n += int(ends[1]) - int(ends[0]) + 1 if len(ends) == 2 else 1
    return n * width


def taken(op, args):
    """Bytes that an instruction takes of the stack, or None: not known."""
    op = op.split(".")[0]
    if op == "push" or (op in ("stmdb", "stmfd") and args.startswith("sp!")):
        return n_registers(args, 4)
    if op in ("vpush", "vstmdb") and (op == "vpush" or args.startswith("sp!")):
        return n_registers(args, 8 if "{d" in args else 4)
    match = re.match(r"^\w+(?:, \w+)?, \[sp, #-(\d+)\]!", args)
    if match:
        return int(match.group(1))
    if op in ("sub", "subw", "sub.w") and args.startswith("sp"):
        match = re.match(r"^sp(?:, sp)?, #(\d+)$", args.strip())
        return int(match.group(1)) if match else None
    if op in ("mov", "msr") and re.match(r"^(sp|MSP|PSP), ", args):
        return None
    return 0


class Image:
    def __init__(self, path):
        self.frame = {}
        self.calls = {}
        self.worst = {}
        self.read(run("arm-none-eabi-objdump", "-d",
                      "--no-show-raw-insn", path))

    def read(self, text):
        name = None
        for line in text.splitlines():
            head = FUNCTION.match(line)
            code = CODE.match(line)
            if head:
                name = head.group(2)
                self.frame[name] = 0
                self.calls[name] = set()
            elif code and name:
                self.instruction(name, code.group(1), code.group(2) or "")

    def instruction(self, name, op, args):
        n = taken(op, args)
        if n is None or op == "blx" or (op == "bx" and args.strip() != "lr"):
            raise Refused("%s: %s %s" % (name, op, args.strip()))
        self.frame[name] += n
        target = TARGET.match(args) if BRANCH.match(op) else None
        if target and (op == "bl" or target.group(1) != name):
            self.calls[name].add(target.group(1))

    def stack(self, name, path=()):
        """The deepest stack from here, and the way there."""
        if name in path:
            raise Refused("recursion: " + " ".join(path + (name,)))
        if name not in self.worst:
            below = [self.stack(callee, path + (name,))
                     for callee in self.calls[name]]
            n, way = max(below, default=(0, ()))
            self.worst[name] = self.frame[name] + n, (name,) + way
        return self.worst[name]


def sections(path):
    found = {}
    for line in run("arm-none-eabi-objdump", "-h", path).splitlines():
        match = SECTION.match(line)
        if match:
            found[match.group(1)] = int(match.group(2), 16)
    return found


def measure(path, levels):
    """{"flash", "static", "stack", "stack_room"} in bytes and the ways."""
    image = Image(path)
    doubles = sorted(filter(DOUBLE.match, image.frame))
    if doubles:
        raise Refused("double precision: " + " ".join(doubles))
    size = sections(path)
    stack, ways = image.stack("port_reset")
    ways = [ways]
    for level in levels:
        n, way = max(image.stack(isr) for isr in level.split(","))
        stack += FRAME + n
        ways.append(way)
    return {"flash": size[".text"] + size.get(".data", 0),
            "static": sum(size.get(s, 0)
                          for s in (".data", ".bss", ".noinit")),
            "stack": stack, "stack_room": size[".stack"], "ways": ways}


def show(path, m):
    if "refused" in m:
        print("%s: %s" % (path, m["refused"]))
        return
    print("%s: flash %d, RAM %d + stack %d of %d at most" % (
        path, m["flash"], m["static"], m["stack"], m["stack_room"]))
    for way in m["ways"]:
        print("    " + " > ".join(way))
    if m["stack"] > m["stack_room"]:
        print("%s: the stack is too small" % path)


def main(path, levels):
    try:
        found = measure(path, levels)
    except Refused as error:
        found = {"refused": str(error)}
    show(path, found)
    with open(path + ".json", "w", encoding="utf-8") as f:
        json.dump(found, f, indent=1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
