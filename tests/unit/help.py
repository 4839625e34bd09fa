#!/usr/bin/env python3
"""help.py - --help, the manual pages and README.md say what the program takes.

Both ways: what the program takes is in the page, and what is in the page the
program takes.
"""
import os
import re
import shutil
import subprocess
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
MAN = os.path.join(TOP, "docs", "man")
CISOID = os.environ["CISOID"]
MAX_LINES = 44
MAX_COLUMNS = 100

FAULTS = []


def check(good, text, *values):
    if not good:
        FAULTS.append(text % values)


def run(*args):
    return subprocess.run([CISOID, *args], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=60, check=False)


# ---- pages ----

def page(name):
    """Lines of a page without its escapes, or none."""
    path = os.path.join(MAN, name)
    if not os.path.exists(path):
        check(False, "%s: there is no such page", name)
        return []
    with open(path, encoding="utf-8") as source:
        text = source.read()
    text = re.sub(r"\\f[RBIP]", "", text).replace("\\-", "-")
    return text.splitlines()


def section(lines, title):
    """Lines between .SH title and the next .SH."""
    inside, found = False, []
    for line in lines:
        if line.startswith(".SH "):
            inside = line[4:].strip('"') == title
        elif inside:
            found.append(line)
    return found


def terms(lines):
    """What stands after each .TP, without macros and quotes."""
    return [re.sub(r"^\.[BIR]+ ", "", lines[i + 1]).replace('"', "")
            for i, line in enumerate(lines[:-1]) if line == ".TP"]


def options_of(words):
    return set(re.findall(r"(?<![\w-])--?[a-zA-Z][a-z0-9-]*", words))


# ---- commands ----

def commands():
    out = run("--help")
    check(out.returncode == 0, "cisoid --help: exit status %d", out.returncode)
    return re.findall(r"^    cisoid ([a-z]+) ", out.stdout, re.MULTILINE)


def help_options(text):
    """{option: takes a value} of a --help."""
    options = {}
    for line in text.splitlines():
        match = re.match(r"  (?:(-\w), |    )(--[a-z0-9-]+)( \S+)?", line)
        if match:
            for name in filter(None, match.group(1, 2)):
                options[name] = bool(match.group(3))
    return options


def check_screen(command, text):
    lines = text.splitlines()
    check(len(lines) <= MAX_LINES, "%s --help: %d lines", command, len(lines))
    for line in lines:
        check(len(line) <= MAX_COLUMNS, "%s --help: %d columns: %s", command,
              len(line), line)
    check("examples:" in lines, "%s --help: no examples", command)
    if "examples:" in lines:
        examples = [line for line in lines[lines.index("examples:"):]
                    if line.startswith("  cisoid ")]
        check(1 <= len(examples) <= 2, "%s --help: %d examples", command,
              len(examples))


def check_taken(command, options):
    """The program knows each option by the name that --help gives."""
    for name, has_value in options.items():
        out = run(command, name) if has_value else run(command, name, "--help")
        if has_value:
            check(out.returncode == 2 and "needs a value" in out.stderr,
                  "%s %s: %s", command, name, out.stderr.strip())
        else:
            check(out.returncode == 0, "%s %s --help: %s", command, name,
                  out.stderr.strip())


def check_command(command):
    out = run(command, "--help")
    check(out.returncode == 0 and not out.stderr,
          "%s --help: exit status %d, %s", command, out.returncode, out.stderr)
    check_screen(command, out.stdout)
    options = help_options(out.stdout)
    check_taken(command, options)
    check(("--force" in options) == ("-f" in options),
          "%s --help: -f is --force", command)
    name = "cisoid-%s.1" % command
    lines = page(name)
    in_page = set()
    for term in terms(section(lines, "OPTIONS")):
        in_page |= options_of(term)
    for option in set(options) - in_page:
        check(False, "%s: lacks %s", name, option)
    for option in in_page - set(options):
        check(False, "%s: %s is not in --help", name, option)
    for title in ("NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "FILES",
                  "EXAMPLES", "SEE ALSO"):
        check(section(lines, title), "%s: lacks %s", name, title)
    check(any("cisoid-%s" % command in line.replace("\\", "")
              for line in section(page("cisoid.1"), "COMMANDS")),
          "cisoid.1: lacks %s", command)


# ---- keys ----

def family(key):
    """h3 -> h<n>: harmonics are documented once."""
    return re.sub(r"^h\d+", "h<n>", key)


def signal_keys():
    path = os.path.join(TOP, "host", "signal", "names.c")
    with open(path, encoding="utf-8") as source:
        return re.findall(r'"([a-z]\w*)"', source.read())


def check_signal_keys():
    keys = signal_keys()
    check(len(keys) > 100, "only %d signal keys found", len(keys))
    in_page = set()
    for term in terms(section(page("cisoid-simulate.1"), "SIGNAL KEYS")):
        term = term.replace(" <n> ", "<n>").replace(" <n>", "<n>")
        in_page |= set(re.findall(r"[a-z][a-z0-9_<>]*", term))
    for key in {family(key) for key in keys} - in_page:
        check(False, "cisoid-simulate.1: lacks the signal key %s", key)
    for key in in_page - {family(key) for key in keys}:
        check(False, "cisoid-simulate.1: %s is no signal key", key)
    for key in keys:
        out = run("simulate", "--" + key)
        check("needs a value" in out.stderr, "simulate --%s: %s", key,
              out.stderr.strip())


def conf_keys(text):
    """{(section, key): default} of `config default`."""
    found, current = {}, ""
    for line in text.splitlines():
        head = re.match(r"\[([a-z]+)", line)
        item = re.match(r"#?(\w+) = ?(.*)$", line)
        if head:
            current = head.group(1)
        elif item:
            found[current, item.group(1)] = item.group(2).strip()
    return found


def page_keys(lines):
    """{(section, key): its text} of the page."""
    found, current, key = {}, "", None
    for i, line in enumerate(lines):
        if line.startswith(".SS "):
            current, key = re.match(r"\.SS \[([a-z]+)", line).group(1), None
        elif lines[i - 1] == ".TP":
            key = (current, line[3:])
            found[key] = ""
        elif key and line != ".TP":
            found[key] += line + "\n"
    return found


def check_conf_keys():
    program = conf_keys(run("config", "default").stdout)
    in_page = page_keys(section(page("cisoid.conf.5"), "KEYS"))
    check(len(program) > 15, "only %d keys in config default", len(program))
    for key in set(program) - set(in_page):
        check(False, "cisoid.conf.5: lacks [%s] %s", *key)
    for key in set(in_page) - set(program):
        check(False, "cisoid.conf.5: [%s] %s is no key", *key)
    for key, default in program.items():
        said = re.search(r"^Default: (.*)$", in_page.get(key, ""),
                         re.MULTILINE)
        said = said.group(1).split(" (")[0] if said else ""
        check(said == default, "cisoid.conf.5: [%s] %s: \"%s\", not \"%s\"",
              *key, said, default)


# ---- examples and build options ----

def example_lines(path):
    """Commands as a reader would type them, without what a shell adds."""
    with open(path, encoding="utf-8") as source:
        text = source.read().replace("\\-", "-")
    text = re.sub(r"\\e?\n\s+", " ", text)
    indent = "    " if path.endswith(".md") else ""
    for line in text.splitlines():
        match = re.match(indent + r"cisoid ([a-z]+)\b(.*)", line)
        if match:
            yield match.group(1), re.split(r" [|>] ", match.group(2))[0]


def check_examples(names):
    keys = {"--" + key for key in signal_keys()}
    pages = [os.path.join(MAN, name) for name in sorted(os.listdir(MAN))
             if name.endswith(".1")]
    for path in [os.path.join(TOP, "README.md")] + pages:
        for command, words in example_lines(path):
            where = "%s: cisoid %s%s" % (os.path.basename(path), command, words)
            check(command in names, "%s: no such command", where)
            if command not in names:
                continue
            known = set(help_options(run(command, "--help").stdout))
            known |= keys if command == "simulate" else set()
            for option in re.findall(r" (--?[a-zA-Z][\w-]*)", words):
                check(option in known, "%s: no %s", where, option)


def check_build_options():
    with open(os.path.join(TOP, "CMakeLists.txt"), encoding="utf-8") as source:
        there = set(re.findall(r"^(?:option|set)\((CISOID_\w+) ",
                               source.read(), re.MULTILINE))
    check(there, "CMakeLists.txt: no option found")
    for name in ("README.md", "docs/CONTRIBUTING.md"):
        with open(os.path.join(TOP, name), encoding="utf-8") as source:
            told = set(re.findall(r"^\| `(CISOID_\w+)`", source.read(),
                                  re.MULTILINE))
        for option in there ^ told:
            check(False, "%s and CMakeLists.txt: %s is in one alone", name,
                  option)


def check_rendering():
    if not shutil.which("groff"):
        return
    for name in sorted(os.listdir(MAN)):
        if name.endswith((".1", ".5")):
            out = subprocess.run(["groff", "-man", "-ww", "-z", name],
                                 cwd=MAN, capture_output=True, text=True,
                                 check=False)
            check(not out.stderr, "%s: %s", name, out.stderr.strip())


def main():
    names = commands()
    check(len(names) >= 8, "commands: %s", names)
    for command in names:
        check_command(command)
    check_signal_keys()
    check_conf_keys()
    check_examples(names)
    check_build_options()
    check_rendering()
    print("\n".join(FAULTS) or "%d commands and their pages agree" % len(names))
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
