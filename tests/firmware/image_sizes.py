#!/usr/bin/env python3
"""image_sizes.py - the images fit: less than 32 KiB of flash and 8 KiB of RAM
with the deepest stack, and no arithmetic in double precision; and what
firmware/sizes.py takes for a stack's depth is what instructions take.
"""
import json
import os
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(TOP, "firmware"))
import sizes  # noqa: E402

IMAGES = ("stm32f405", "stm32f405-emulated", "mps2")
FLASH, RAM = 32 * 1024, 8 * 1024

# By hand: 20 + 8 + 16, and below it 4 + 12.
LISTING = """
08000000 <port_reset>:
 8000000:\tpush\t{r4, r5, r6, r7, lr}
 8000002:\tsub\tsp, #8
 8000004:\tvpush\t{d8-d9}
 8000006:\tbl\t8000020 <leaf>
 800000a:\tbne.n\t8000002 <port_reset+0x2>
 800000c:\tbx\tlr

08000020 <leaf>:
 8000020:\tstr.w\tlr, [sp, #-4]!
 8000024:\tsub.w\tsp, sp, #12
 8000028:\tpop\t{pc}
"""
REFUSED = (" 8000028:\tblx\tr3", " 8000028:\tsub.w\tsp, sp, r3",
           " 8000028:\tb.w\t8000000 <port_reset>",
           " 8000028:\tmov\tsp, r7")


def image_of(listing):
    image = sizes.Image.__new__(sizes.Image)
    image.frame, image.calls, image.worst = {}, {}, {}
    image.read(listing)
    return image


def check_the_measure():
    image = image_of(LISTING)
    assert image.stack("port_reset") == (60, ("port_reset", "leaf"))
    for line in REFUSED:
        try:
            image_of(LISTING + line + "\n").stack("port_reset")
        except sizes.Refused:
            continue
        raise AssertionError("not refused: " + line)
    assert all(map(sizes.DOUBLE.match, ("__aeabi_dadd", "__aeabi_f2d",
                                        "__aeabi_ul2d", "__aeabi_cdcmple")))
    assert not any(map(sizes.DOUBLE.match, ("__aeabi_uldivmod",
                                            "__aeabi_l2f")))


def main():
    check_the_measure()
    folder = os.path.join(os.environ.get("CISOID_BUILD", "build"),
                          "firmware-images")
    if not os.path.isdir(folder):
        print("no images: arm-none-eabi-gcc is missing")
        return 77
    for name in IMAGES:
        with open(os.path.join(folder, name + ".elf.json"),
                  encoding="utf-8") as f:
            m = json.load(f)
        assert "refused" not in m, (name, m)
        assert m["flash"] < FLASH, (name, m)
        assert m["static"] + m["stack"] < RAM, (name, m)
        assert m["stack"] <= m["stack_room"], (name, m)
        print("%s: flash %d, RAM %d + %d" % (name, m["flash"], m["static"],
                                             m["stack"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
