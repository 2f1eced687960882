"""Rules about text: width, length, how a file opens, and which of the README's commands are run."""

import re

from tree import Finding

WIDTH = 100
LENGTH = 400
CODE = (".cpp", ".h", ".sql", ".proto", ".sh", ".py")


def scripts(tree):
    return [f for f in tree.files if re.search(r"(^|/)(run|dev|demo)$", f)]


def check_width(tree):
    for path in tree.named(*CODE) + scripts(tree):
        for number, line in tree.lines(path):
            if len(line) > WIDTH:
                yield Finding(path, number, f"{len(line)} columns", f"break the line at {WIDTH}")


def check_length(tree):
    for path in tree.named(*CODE) + scripts(tree):
        count = len(tree.text(path).splitlines())
        if count > LENGTH:
            yield Finding(path, count, f"{count} lines", "split it along a seam that has a name")


def check_opening(tree):
    """The first lines of a header tell what it is; a source file without one tells it itself."""
    for path in tree.named(".h", ".cpp"):
        if path.endswith("_test.cpp"):
            continue  # its tests' names tell
        if path.endswith(".cpp") and path.removesuffix(".cpp") + ".h" in tree.files:
            continue
        lines = (line for _, line in tree.lines(path))
        first = next((line for line in lines if line and not line.startswith("#pragma")), "")
        if not first.startswith(("//", "/*")):
            yield Finding(path, 1, "the file does not say what it is",
                          "open it with one to three sentences: what it is, and its thread rule")


def check_readme(tree):
    """```sh run: tests/readme runs it. ```sh norun: it is only shown."""
    if "README.md" not in tree.files:
        return
    inside = False
    for number, line in tree.lines("README.md"):
        if not line.startswith("```"):
            continue
        words = line.removeprefix("```").split()
        shell = words and words[0] in ("sh", "bash", "shell", "console")
        if not inside and (not words or (shell and words[1:] not in (["run"], ["norun"]))):
            yield Finding("README.md", number, "nobody can tell whether this snippet is tested",
                          "mark it ```sh run (a test runs it) or ```sh norun, or another language")
        inside = not inside
