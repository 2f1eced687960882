#!/usr/bin/env python3
"""Adds up a test run: `count_tests.py PRESET=JUNIT...`, ending in the line "N passed, N failed".

A GoogleTest program counts by its cases (its XML file is in build/PRESET/test-results), another
program by the line "N passed, N failed" that it ends with, else as one. A program that failed
without a failed case (it crashed, ran out of time, leaked) is one failure more. A program that
runs in several builds counts by its cases in the first, and as one in the others. Exit code 1 when
anything failed or nothing ran.
"""

import os
import re
import sys
import xml.etree.ElementTree as xml

SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed$", re.MULTILINE)


class Total:
    def __init__(self):
        self.passed = 0
        self.failures = []
        self.skipped = []
        self.programs = set()


def gtest_cases(path):
    """(passed, names of failed cases, names of skipped cases), or None without a result."""
    try:
        root = xml.parse(path).getroot()
    except (OSError, xml.ParseError):
        return None
    passed, failed, skipped = 0, [], []
    for case in root.iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(name)
        elif case.get("result") == "skipped":
            skipped.append(name)
        elif case.get("status") == "run":
            passed += 1
    return passed, failed, skipped


def count_program(preset, program, total):
    name, ok = program.get("name"), program.get("status") == "run"
    where = f"{preset} {name}"
    cases = gtest_cases(os.path.join("build", preset, "test-results", f"{name}.xml"))
    if cases is None:
        lines = SUMMARY.findall(program.findtext("system-out") or "")
        passed, failed = (int(n) for n in lines[-1]) if lines else (int(ok), 0)
        failed_names = [f"case {n + 1} (see its output)" for n in range(failed)]
        skipped = []
    else:
        passed, failed_names, skipped = cases
    if not ok and not failed_names:
        failed_names = ["the program failed as a whole (crash, time limit, leak, rule); see above"]
    total.passed += int(ok) if name in total.programs else passed
    total.programs.add(name)
    total.failures += [f"{where}: {case}" for case in failed_names]
    total.skipped += [f"{where}: {case}" for case in skipped]


def main(runs):
    total = Total()
    for run in runs:
        preset, _, path = run.partition("=")
        try:
            programs = list(xml.parse(path).getroot().iter("testcase"))
        except (OSError, xml.ParseError):
            total.failures.append(f"{preset}: could not be built or run")
            continue
        before = total.passed
        for program in programs:
            count_program(preset, program, total)
        label = os.path.basename(path).removesuffix(".xml")
        print(f"{label}: {len(programs)} programs, {total.passed - before} passed")
    for skipped in total.skipped:
        print(f"skipped: {skipped}")
    for failure in total.failures:
        print(f"FAILED: {failure}")
    print(f"{total.passed} passed, {len(total.failures)} failed")
    return 1 if total.failures or total.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
