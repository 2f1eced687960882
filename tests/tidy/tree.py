"""The files that rules look at, and what a rule finds."""

import functools
import re
from typing import NamedTuple


class Finding(NamedTuple):
    path: str
    line: int
    what: str
    remedy: str


INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

# Comments, raw strings, strings and characters, in this order of preference at each place.
NOISE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"'
    r'|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Za-z_])\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)


def blank(match):
    """Spaces in place of the match, so that lines and columns stay; quotes stay too."""
    text = match.group(0)
    kept = "".join(c if c == "\n" else " " for c in text)
    return '"' + kept[1:-1] + '"' if text[0] in "\"R" and len(text) > 1 else kept


class Tree:
    def __init__(self, root, files):
        self.root = root
        self.files = files

    def named(self, *endings):
        return [f for f in self.files if f.endswith(endings)]

    @functools.lru_cache(maxsize=None)
    def text(self, path):
        return (self.root / path).read_text(encoding="utf-8", errors="replace")

    @functools.lru_cache(maxsize=None)
    def code(self, path):
        """C++ without comments and the insides of strings."""
        return NOISE.sub(blank, self.text(path))

    def lines(self, path):
        return enumerate(self.text(path).splitlines(), 1)

    def code_lines(self, path):
        return enumerate(self.code(path).splitlines(), 1)

    def includes(self, path):
        """(line, '<' or '"', file)"""
        for number, line in self.lines(path):
            found = INCLUDE.match(line)
            if found:
                yield number, found.group(1), found.group(2)
