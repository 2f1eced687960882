#!/usr/bin/env python3
"""Definitions of sagas that must not compile: the compiler has to name the rule and the step."""
import os
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COMPILER = os.environ.get("CXX", "c++")

PROGRAM = """
#include "sagas/engine/definition.h"
using namespace skald::sagas;
using namespace std::chrono_literals;
constexpr Step steps[] = {%s};
constexpr auto definition = verified<steps>("trip", 1, 1min);
"""

LOCAL = '{.name = "%s", .kind = StepKind::local, %s}'
LAST = LOCAL % ("end", ".last = true, .undo = Undo::nothing, .settles = 1")
HOLD = ('{.name = "hold", .kind = StepKind::commands, .then = "end", .undo = Undo::by_itself, '
        '.deadline = 1s, .acquires = 1}')


def commands(text):
    return '{.name = "hold", .kind = StepKind::commands, .then = "end", %s}' % text


def waits(kind, name, then, text, undo="nothing"):
    return ('{.name = "%s", .kind = StepKind::%s, .then = "%s", .undo = Undo::%s, .deadline = 1s%s}'
            % (name, kind, then, undo, text))


ROWS = [
    ("every wait has a deadline", "hold", [commands(".undo = Undo::nothing"), LAST]),
    ("every attempt has a deadline", "pay", [
        '{.name = "pay", .kind = StepKind::call, .then = "end", .undo = Undo::by_itself, '
        '.deadline = 1s}', LAST]),
    ("a wait names its signal", "sleep", [
        '{.name = "sleep", .kind = StepKind::wait, .then = "end", .undo = Undo::nothing, '
        '.deadline = 1s}', LAST]),
    # Each compiled, and waited for ever, or was given up without anybody undoing it.
    ("a wait names its signal", "call", [waits("child", "call", "end", ""), LAST]),
    ("a wait holds nothing, and nothing undoes it", "call", [
        waits("child", "call", "end", ', .signal = "refund"', "by_itself"), LAST]),
    ("a wait holds nothing, and nothing undoes it", "call", [
        waits("child", "call", "end", ', .signal = "r", .acquires = 1'), LAST]),
    ("a wait holds nothing, and nothing undoes it", "sleep", [
        waits("wait", "sleep", "end", ', .signal = "up", .acquires = 1', "by_itself"),
        LAST]),
    # The end of the first would have been taken for that of the second.
    ("the end of a child is the signal of one step", "second", [
        waits("child", "first", "second", ', .signal = "refund"'),
        waits("child", "second", "end", ', .signal = "refund"'), LAST]),
    ("the end of a child is the signal of one step", "second", [
        waits("wait", "first", "second", ', .signal = "refund"'),
        waits("child", "second", "end", ', .signal = "refund"'), LAST]),
    ("a step before the pivot says what undoes it", "hold", [commands(".deadline = 1s"), LAST]),
    ("the undoing of a step gives back what it acquired", "hold", [
        commands(".undo = Undo::nothing, .deadline = 1s, .acquires = 1"), LAST]),
    ("nobody goes on past a step that may hold something", "hold", [
        commands(".undo = Undo::by_itself, .otherwise = Otherwise::go_on, .deadline = 1s, "
                 ".acquires = 1"), LAST]),
    ("what was acquired is settled when the saga is complete", "end", [
        HOLD, LOCAL % ("end", ".last = true, .undo = Undo::nothing")]),
    # Settled on one of two ways only.
    ("what was acquired is settled when the saga is complete", "other", [
        HOLD.replace('.then = "end"', '.then = "end", .or_then = "other"'), LAST,
        LOCAL % ("other", ".last = true, .undo = Undo::nothing")]),
    # Settled by a step that may be skipped.
    ("what was acquired is settled when the saga is complete", "end", [
        HOLD, LAST.replace("nothing,", "nothing, .skippable = true,")]),
    ("behind the pivot nothing is undone", "end", [
        LOCAL % ("go", '.then = "end", .pivot = true'), LAST]),
    ("a path has one pivot", "end", [
        LOCAL % ("go", '.then = "end", .pivot = true'),
        LOCAL % ("end", ".last = true, .otherwise = Otherwise::stick, .pivot = true")]),
    ("every step can be reached", "lost", [
        HOLD, LAST, LOCAL % ("lost", ".last = true, .undo = Undo::nothing")]),
    ("step names are unique", "end", [HOLD, LAST, LAST]),
    ("every step has a name", "?", [LOCAL % ("", ".last = true, .undo = Undo::nothing")]),
    ("a step leads to a step that exists", "hold", [HOLD]),
    ("a step leads only to steps further down", "end", [
        HOLD, LOCAL % ("end", '.then = "hold", .undo = Undo::nothing')]),
    ("a step leads on, or is marked as the last", "end", [
        HOLD, LOCAL % ("end", ".undo = Undo::nothing")]),
]


def compiled(steps):
    return subprocess.run(
        [COMPILER, "-std=c++20", "-fsyntax-only", "-I", ROOT, "-x", "c++", "-"],
        input=PROGRAM % ",\n".join(steps), capture_output=True, text=True, timeout=60,
        env={**os.environ, "LC_ALL": "C"})


class Definitions(unittest.TestCase):
    def test_a_whole_one_compiles(self):
        for steps in ([HOLD, LAST],
                      # A signal that came once is there for every wait.
                      [waits("wait", "a", "b", ', .signal = "up"'),
                       waits("wait", "b", "c", ', .signal = "up"'),
                       waits("child", "c", "end", ', .signal = "refund"'),
                       LAST]):
            run = compiled(steps)
            self.assertEqual(run.returncode, 0, run.stderr)

    def test_others_do_not(self):
        for rule, step, steps in ROWS:
            with self.subTest(rule=rule, step=step):
                run = compiled(steps)
                self.assertNotEqual(run.returncode, 0, "it compiles")
                self.assertIn('"%s"' % rule, run.stderr)
                self.assertIn('{"%s"}' % step, run.stderr)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=0))
