#!/usr/bin/env python3
"""The page's files are all in the build's list, and packed as they are."""
import gzip
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
WEB = os.path.join(TOP, "host", "web")
# What is in the folder and not of the page.
OTHER = {"CMakeLists.txt", "embed.c", "files.h", "files_off.c",
         "package.json", "package-lock.json"}


def listed():
    """{path in the program: file}"""
    with open(os.path.join(WEB, "CMakeLists.txt"), encoding="utf-8") as source:
        lists = dict(re.findall(r"set\((files|vendor)\s+([^)]*)\)",
                                source.read()))
    paths = {"/" + name: name for name in lists["files"].split()}
    for item in lists["vendor"].split():
        name, path = item.split("=")
        paths["/" + path] = "node_modules/" + name
    return paths


def present():
    for root, folders, names in os.walk(WEB):
        if root == WEB and "node_modules" in folders:
            folders.remove("node_modules")
        for name in names:
            path = os.path.relpath(os.path.join(root, name), WEB)
            if path not in OTHER and not name.startswith("."):
                yield path


def packed(source):
    """(path, bytes) of the source that the build made."""
    arrays = dict(re.findall(r"bytes_(\d+)\[\] = \{([^}]*)\}", source))
    for path, i in re.findall(r'\{"(/[^"]*)", "[^"]*", tag_(\d+),', source):
        yield path, bytes(int(n) for n in arrays[i].split(",") if n.strip())


def check_packed(paths):
    made = os.path.join(os.environ["CISOID_BUILD"], "host", "web", "files.c")
    with open(made, encoding="ascii") as source:
        found = dict(packed(source.read()))
    assert found.keys() == paths.keys(), found.keys() ^ paths.keys()
    for path, data in found.items():
        with open(os.path.join(WEB, paths[path]), "rb") as original:
            assert gzip.decompress(data) == original.read(), path


def main():
    paths = listed()
    own = {name for name in paths.values()
           if not name.startswith("node_modules/")}
    there = set(present())
    faults = ["host/web/%s: put it into the list of host/web/CMakeLists.txt"
              % name for name in sorted(there - own)]
    faults += ["host/web/CMakeLists.txt: there is no %s" % name
               for name in sorted(own - there)]
    print("\n".join(faults) or "%d files" % len(paths))
    if faults:
        return 1
    if sys.argv[1:] == ["packed"]:
        check_packed(paths)
    return 0


if __name__ == "__main__":
    sys.exit(main())
