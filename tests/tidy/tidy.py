#!/usr/bin/env python3
"""House rules that a compiler does not know. `tidy.py [ROOT]` checks the tree and prints a
line per finding: file:line: [rule] what is wrong; remedy: what to do. Exit code 1 when
there is one.

A rule is a function from Tree to findings, in the list RULES; each has cases in tests/tidy/negative
that it must catch.
"""

import pathlib
import subprocess
import sys

import banned
import cmake_files
import coroutines
import layers
import text_rules
from tree import Tree

RULES = {
    "layers": layers.check,
    "depends": layers.check_depends,
    "outside": layers.check_outside,
    "unbuilt": cmake_files.check,
    "banned": banned.check,
    "co_await": coroutines.check,
    "width": text_rules.check_width,
    "length": text_rules.check_length,
    "opening": text_rules.check_opening,
    "readme": text_rules.check_readme,
}


def findings_of(tree):
    for name, rule in RULES.items():
        for finding in rule(tree):
            yield name, finding


def tracked_files(root):
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True, capture_output=True, text=True).stdout
    return sorted({name for name in listed.split("\0") if name and (root / name).is_file()})


def main(arguments):
    root = pathlib.Path(arguments[0] if arguments else __file__).resolve()
    if not arguments:
        root = root.parents[2]
    count = 0
    for name, found in findings_of(Tree(root, tracked_files(root))):
        count += 1
        print(f"{found.path}:{found.line}: [{name}] {found.what}; remedy: {found.remedy}")
    print(f"tidy: {len(RULES)} rules, {count} findings")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
