#!/usr/bin/env python3
"""Each file in tests/tidy/negative is a small tree and what the rules must find in it. Its form:

    expect RULE FILE:LINE        one line per finding, or: expect nothing
    --- FILE
    the file's text
    --- ANOTHER FILE
    ...

All rules run on it, and the findings must be exactly these. A file's text may hold {repeat N LINE},
which stands for LINE N times. Every rule must have a case.
"""

import pathlib
import re
import sys
import tempfile

import tidy
from tree import Tree

HERE = pathlib.Path(__file__).resolve().parent
REPEAT = re.compile(r"\{repeat (\d+) (.*?)\}")


def parse(text):
    head, *parts = re.split(r"^--- ", text, flags=re.MULTILINE)
    files = {}
    for part in parts:
        name, _, body = part.partition("\n")
        files[name.strip()] = REPEAT.sub(lambda m: "\n".join([m[2]] * int(m[1])), body)
    expected = [line.removeprefix("expect ").strip() for line in head.splitlines() if line]
    return [e for e in expected if e != "nothing"], files


def findings_in(files):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, body in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(body, encoding="utf-8")
        tree = Tree(root, sorted(files))
        return [f"{rule} {f.path}:{f.line}" for rule, f in tidy.findings_of(tree)]


def main():
    cases = sorted((HERE / "negative").glob("*.case"))
    passed = failed = 0
    caught = set()
    for case in cases:
        expected, files = parse(case.read_text(encoding="utf-8"))
        found = findings_in(files)
        caught |= {line.split()[0] for line in expected}
        if sorted(found) == sorted(expected):
            passed += 1
        else:
            failed += 1
            print(f"FAILED {case.name}: expected {expected or 'nothing'}")
            print(f"       found {found or 'nothing'}")
    for rule in sorted(set(tidy.RULES) - caught):
        failed += 1
        print(f"FAILED rule {rule} has no case in tests/tidy/negative")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
