"""Calls that are not wanted, each with what to write instead."""

import re
from typing import NamedTuple, Optional

from tree import Finding


class Ban(NamedTuple):
    pattern: str
    what: str
    remedy: str
    only: str = r""          # files it holds for
    never: str = r"(?!)"     # files it does not hold for
    marker: Optional[str] = None  # allowed if this is on the line, the one before or behind


TESTS = r"^(tests|bench)/|_test\.cpp$"

CPP = [
    Ban(r"\b(std::)?v?f?printf\s*\(|\bstd::(cout|cerr|clog)\b|\bputs\s*\(",
        "prints by itself",
        "log(...) of diagnostics/logger.h; only the CLI talks to people",
        never=TESTS + r"|^api/(cli|serve)/|^api/main\.cpp$|^domain/kernel/invariant|^diagnostics/"),
    Ban(r"\b(std::)?s?rand\s*\(", "std::rand is neither seeded nor shared safely",
        "std::mt19937_64, in tests with a printed seed"),
    Ban(r"\b(std::)?(strcpy|strcat|strncpy|sprintf|vsprintf|gets)\s*\(", "writes without a bound",
        "std::string"),
    Ban(r"_clock::now\s*\(|\b(std::)?time\s*\(\s*(nullptr|0|NULL|&)|\bgettimeofday\s*\(",
        "the domain has no clock", "let the time come in with the command", only=r"^domain/",
        never=TESTS),
    Ban(r"\bsleep_(for|until)\s*\(|\b(u|nano)?sleep\s*\(",
        "a sleep is either too long or too short",
        "wait for the condition itself; if there is none, say beside it why a sleep is right",
        marker=r"// *\S|\bwhile \("),
    Ban(r"(?<![\w:.>])assert\s*\(", "assert is gone in some builds", "INVARIANT(...) of "
        "domain/kernel/invariant.h", never=TESTS),
    Ban(r"\b(std::)?(secure_)?getenv\s*\(", "settings have one way in",
        "add a key to api/config and pass the value on",
        never=TESTS + r"|/testing/|^api/config|^diagnostics/crash_point\.cpp$"),
    Ban(r"(\.|->)detach\s*\(\s*\)", "a detached thread outlives what it uses",
        "std::jthread, joined by its owner; if it may outlive all, say beside it why",
        marker=r"// *\S"),
    Ban(r"\bstd::(basic_)?regex\b", "std::regex overflows the stack on long input",
        "write the check as a function over std::string_view", never=r"^api/config/"),
]
STAR = re.compile(r"\bSELECT\s+(ALL\s+|DISTINCT\s+)?(\w+\s*\.\s*)?\*", re.IGNORECASE)


def check(tree):
    for path in tree.named(".h", ".cpp"):
        raw = dict(tree.lines(path))
        bans = [b for b in CPP if re.search(b.only, path) and not re.search(b.never, path)]
        for line, code in tree.code_lines(path):
            for ban in bans:
                if not re.search(ban.pattern, code):
                    continue
                said = raw.get(line - 1, "") + raw[line] + raw.get(line + 1, "")
                if not (ban.marker and re.search(ban.marker, said)):
                    yield Finding(path, line, ban.what, ban.remedy)
    yield from check_star(tree)


def check_star(tree):
    for path in tree.named(".h", ".cpp", ".sql", ".py"):
        if path.startswith("tests/tidy/"):
            continue
        text = tree.text(path)
        if path.endswith(".sql"):
            text = re.sub(r"--[^\n]*", "", text)
        for found in STAR.finditer(text):
            yield Finding(path, text.count("\n", 0, found.start()) + 1,
                          "SELECT * changes its meaning with the table", "name the columns")
