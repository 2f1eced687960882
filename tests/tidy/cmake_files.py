"""What the CMakeLists.txt files name: modules with files and DEPENDS; and files nobody names."""

import posixpath
import re
from typing import NamedTuple

from tree import Finding

CALL = re.compile(r"\b(add_module|add_suite|add_subdirectory)\s*\(([^()]*)\)", re.IGNORECASE)
KEYWORDS = {"SOURCES", "DEPENDS", "LIBS", "PRIVATE_LIBS", "SQL", "TESTS", "TEST_DEPENDS",
            "TEST_LIBS", "TEST_LABELS", "LABELS"}
MUST_BE_NAMED = (".cpp", ".h", ".cc", ".sql", ".proto")
REMEDY = "name it in the CMakeLists.txt of its folder, or delete it"


class Module(NamedTuple):
    name: str
    files: tuple
    depends: tuple


def lists(tree):
    return [f for f in tree.files if posixpath.basename(f) == "CMakeLists.txt"]


def code_of(tree, path):
    return re.sub(r"#[^\n]*", "", tree.text(path))


def path_in(folder, name):
    name = name.strip('"').replace("${CMAKE_CURRENT_SOURCE_DIR}/", "")
    if name.startswith("${CMAKE_SOURCE_DIR}/"):
        return name.removeprefix("${CMAKE_SOURCE_DIR}/")
    return posixpath.normpath(posixpath.join(folder, name))


def arguments_by_keyword(words):
    """The words behind each keyword; the first word is the call's name."""
    found, keyword = {}, None
    for word in words[1:]:
        if word in KEYWORDS:
            keyword = word
        elif keyword:
            found.setdefault(keyword, []).append(word)
    return found


def modules(tree):
    """By name. A suite and a module's tests are modules of their own, named NAME_test."""
    found = {}
    for path in lists(tree):
        folder = posixpath.dirname(path)
        for call, text in CALL.findall(code_of(tree, path)):
            words = text.split()
            if call == "add_subdirectory" or not words:
                continue
            parts = arguments_by_keyword(words)
            name = words[0]
            files = {key: tuple(path_in(folder, f) for f in parts.get(key, []))
                     for key in ("SOURCES", "TESTS")}
            depends = tuple(parts.get("DEPENDS", []))
            if call == "add_suite":
                found[name + "_test"] = Module(name + "_test", files["SOURCES"], depends)
                continue
            found[name] = Module(name, files["SOURCES"], depends)
            found[name + "_test"] = Module(
                name + "_test", files["TESTS"], (name, *parts.get("TEST_DEPENDS", [])))
    return found


def reach(all_modules, module):
    """Names of the modules that a module may include, itself among them."""
    seen, waiting = set(), [module.name]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += all_modules[name].depends if name in all_modules else ()
    return seen


def check(tree):
    named, added = set(), {"CMakeLists.txt"}
    for path in lists(tree):
        folder, code = posixpath.dirname(path), code_of(tree, path)
        named |= {path_in(folder, word) for word in re.split(r"[\s()]+", code) if word}
        for call, text in CALL.findall(code):
            if call == "add_subdirectory" and text.split():
                added.add(path_in(folder, text.split()[0]) + "/CMakeLists.txt")
    for path in tree.files:
        if path.endswith(MUST_BE_NAMED) and path not in named:
            yield Finding(path, 1, "no target builds this file", REMEDY)
        elif re.fullmatch(r"tests/.*/run", path) and path not in named:
            yield Finding(path, 1, "no test runs this program", "add_test() it in a CMakeLists.txt")
        elif posixpath.basename(path) == "CMakeLists.txt" and path not in added:
            yield Finding(path, 1, "no CMakeLists.txt adds this folder", "add_subdirectory() it")
