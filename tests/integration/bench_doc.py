#!/usr/bin/env python3
"""docs/bench.md pasted as a script does what the page says it does.

Only the ports are others. The page's own lead and durations take half a minute.
"""
import os
import re
import socket
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from program import CISOID, check  # noqa: E402


def free_ports(n):
    """TCP ports of the loopback that were free just now."""
    socks = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [str(s.getsockname()[1]) for s in socks]
    for sock in socks:
        sock.close()
    return ports


def read_page():
    """(bench.conf, the commands) of the page, with other ports."""
    path = os.path.join(HERE, "..", "..", "docs", "bench.md")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    for old, new in zip(("4712", "4722"), free_ports(2)):
        text = text.replace(old, new)
    lines = [line[4:] for line in text.split("\n") if line.startswith("    ")]
    conf, script, goes_on = [], [], False
    for line in lines:
        if re.match(r"\[\w", line) or (conf and not script and
                                       not line.startswith("$")):
            conf.append(line)
        elif goes_on or line.startswith("$ "):
            script.append(line.removeprefix("$ "))
            goes_on = line.endswith("\\")
    return "\n".join(conf) + "\n", "\n".join(script) + "\n"


def main(folder):
    conf, script = read_page()
    check("[daq]" in conf and script.count("cisoid compare") == 2, conf,
          script)
    with open(os.path.join(folder, "bench.conf"), "w", encoding="utf-8") as f:
        f.write(conf)
    os.symlink(os.path.abspath(CISOID), os.path.join(folder, "cisoid"))
    env = dict(os.environ, PATH=folder + os.pathsep + os.environ["PATH"])
    done = subprocess.run(["sh", "-e"], input=script, cwd=folder, env=env,
                          capture_output=True, text=True, timeout=200,
                          check=False)
    check(done.returncode == 0, done.returncode, done.stdout, done.stderr)
    check(done.stdout.count("verdict: PASS") == 2, done.stdout, done.stderr)
    # What was put in, 0.3 % and 20 us, is what is found.
    found = re.findall(r"^VA .*\n *ME % +([\d.]+) .*\n *PE deg .*\n *PE us "
                       r"+([\d.]+)", done.stdout, re.M)
    check(len(found) == 2, found, done.stdout)
    for me_pct, delay_us in found:
        check(abs(float(me_pct) - 0.3) < 1e-3, me_pct)
        check(abs(float(delay_us) - 20) < 0.05, delay_us)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temp:
        main(temp)
