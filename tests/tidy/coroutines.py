"""g++ 12 destroys a temporary twice that is made with braces inside a co_await expression.
So only named values go in."""

import re

from tree import Finding

PAIRS = {"(": ")", "[": "]", "{": "}"}


def brace_in(code, start):
    """Where the awaited expression that starts here has its first brace, or None. It ends at ';' or
    at a ')', ']' or '}' that it did not open."""
    depth = 0
    for place in range(start, len(code)):
        letter = code[place]
        if letter == "{":
            return place
        if letter in "([":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        if depth < 0 or (letter == ";" and depth == 0):
            return None
    return None


def check(tree):
    for path in tree.named(".h", ".cpp"):
        code = tree.code(path)
        for found in re.finditer(r"\bco_await\b", code):
            brace = brace_in(code, found.end())
            if brace is not None:
                yield Finding(path, code.count("\n", 0, brace) + 1,
                              "g++ 12 destroys a temporary made with braces inside co_await twice",
                              "make it a named local before, and std::move it in")
