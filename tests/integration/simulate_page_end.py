#!/usr/bin/env python3
"""The program ends while requests of the page are made ready.

Whoever asked is answered, 200 or 503, or finds nobody there any more; the program
ends as it does without.
"""
import http.client
import os
import signal
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from page_api import Page  # noqa: E402
from program import check  # noqa: E402

COUNT, EVENTS = 1000, 100
FORM = {"listen": ["tcp:127.0.0.1:0"], "scenario": {
    "count": COUNT, "rate": 1,
    "events": [{"type": "step", "at": 1000 + i, "mag": 0.01,
                "pmus": f"1-{COUNT}"} for i in range(EVENTS)]}}


def ask(page, what, answers):
    """Keeps the status, or None."""
    try:
        answers.append(page.streamer(what, FORM))
    except (OSError, http.client.HTTPException):
        answers.append((None, None))


def end_while(what, *args):
    """Three ask at once; the end comes when the first of them has been heard, or
    is being."""
    page = Page(*args)
    if what == "apply":
        status, state = page.streamer("start", {**FORM, "cfg": 3})
        check(status == 200, status, state)
    answers = []
    threads = [threading.Thread(target=ask, args=(page, what, answers))
               for _ in range(3)]
    for thread in threads:
        thread.start()
    page.ask("/api/streamer")
    check(page.program.end(signal.SIGTERM) == 0, page.program.stderr())
    for thread in threads:
        thread.join(60)
    check(len(answers) == 3, answers)
    for status, answer in answers:
        check(status in (200, 503, None) or
              (what == "start" and status == 409), status, answer)
        check(status != 503 or answer["error"]["code"] == "E-WEB", answer)


for act in ("preview", "start", "apply"):
    end_while(act)
    end_while(act, "run", "--source", "mock", "--listen", "tcp:127.0.0.1:0",
              "--web", "127.0.0.1:0")
