#!/usr/bin/env python3
"""The unit: systemd understands all of it, and it has few rights."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
# In tenths, as systemd-analyze takes it. 22 are what a service with a network,
# devices, real-time priority and a clock to look at has left.
EXPOSURE = 25


def analyze(*args):
    done = subprocess.run(["systemd-analyze", *args], capture_output=True,
                          text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def with_program(folder):
    """The unit as installed, but for the place of the program."""
    path = os.path.join(os.environ["CISOID_BUILD"], "cisoid.service")
    with open(path, encoding="utf-8") as f:
        text, n = re.subn(r"(?m)^ExecStart=\S*/cisoid ",
                          f"ExecStart={os.environ['CISOID']} ", f.read())
    if n != 1:
        sys.exit("no ExecStart in " + path)
    path = os.path.join(folder, "cisoid.service")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def main():
    if not shutil.which("systemd-analyze"):
        print("systemd-analyze is not there")
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        unit = with_program(folder)
        status, text = analyze("verify", "--man=no", unit)
        if status or "cisoid.service" in text:
            sys.exit("FAILED: verify: " + text)
        status, text = analyze("security", "--no-pager", "--offline=true",
                               f"--threshold={EXPOSURE}", unit)
    if "unrecognized option" in text:
        print("verified; this systemd cannot judge the rights of a file")
        return 0
    print(text.strip().splitlines()[-1])
    if status:
        sys.exit("FAILED: security: " + text)
    return 0


sys.exit(main())
