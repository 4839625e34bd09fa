#!/usr/bin/env python3
"""With --json a failure is JSON too, unless the document is there already."""
import json
import os
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from packets import config
from program import CISOID, check


def cisoid(*args):
    done = subprocess.run([CISOID, *args], check=False, capture_output=True,
                          timeout=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def fails(status, code, *args):
    """The object that tells the failure."""
    got, out, err = cisoid(*args)
    check(got == status, args, got, err)
    error = json.loads(out)
    check(list(error) == ["error"], args, out)
    error = error["error"]
    check(sorted(error) == ["code", "hint", "message"], args, error)
    check(error["code"] == code, args, error)
    check(error["message"] in err, args, error, err)
    if error["hint"]:
        check(error["message"].endswith("; " + error["hint"]), error)
    return error


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def every_command_tells_its_failure():
    fails(3, "E-CONF", "compare", "nothere.csv", "nor-this.csv", "--json")
    fails(2, "E-USAGE", "compare", "--json")
    fails(3, "E-CONF", "decode", "nothere", "--json")
    fails(6, "E-NET", "listen", f"tcp:127.0.0.1:{free_port()}", "--json",
          "--timeout", "1s")
    fails(2, "E-USAGE", "verify", "--json", "--test", "nonsense")


def the_place_of_json_does_not_matter():
    error = fails(2, "E-USAGE", "verify", "--clas", "q", "--json")
    check("q" in error["message"], error)
    error = fails(2, "E-USAGE", "compare", "--cvs", "x", "a", "b", "--json")
    check(error["hint"] == "did you mean --csv?", error)
    check(fails(2, "E-USAGE", "compare", "--json", "--count")["hint"] is None)


def without_json_there_is_none():
    for args in (("decode", "nothere"), ("compare", "a", "b"),
                 ("verify", "--test", "--json"),
                 ("decode", "nothere", "--", "--json")):
        _, out, err = cisoid(*args)
        check(out == "" and err != "", args, out)


def a_document_that_is_lost_is_told():
    """By the exit status and a sentence; a reader who left is no fault."""
    args = [CISOID, "simulate", "--json", "--pace", "max", "--duration", "1",
            "--force", "--stream", "pcap:/dev/null"]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(args, check=False, stdout=full,
                              stderr=subprocess.PIPE, timeout=60)
    check(done.returncode == 8 and b"standard output: " in done.stderr, done)
    out, gone = os.pipe()
    os.close(out)
    done = subprocess.run(args, check=False, stdout=gone,
                          stderr=subprocess.PIPE, timeout=60)
    os.close(gone)
    check(done.returncode == 0, done)


def a_document_stays_alone():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "frames.bin")
        with open(path, "wb") as f:
            wrong = bytearray(config(7))
            wrong[-1] ^= 1
            f.write(config(7) + wrong)
        status, out, _ = cisoid("decode", path, "--json", "--strict")
        check(status == 7, status)
        for line in out.splitlines():
            check("error" not in json.loads(line), line)


every_command_tells_its_failure()
the_place_of_json_does_not_matter()
without_json_there_is_none()
a_document_that_is_lost_is_told()
a_document_stays_alone()
