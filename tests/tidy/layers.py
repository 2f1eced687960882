"""Who may know whom. Three rules: the folders' arrows (layers), the modules' DEPENDS (depends), and
which outside library may be named where (outside)."""

import posixpath
import re

import cmake_files
from tree import Finding

# A folder may include from these folders; the longest name that fits a file counts. What is not
# listed here (tests, bench) may include anything.
ALLOWED = {
    "diagnostics": ["diagnostics"],
    "domain/kernel": ["domain/kernel"],
    "domain": ["domain"],
    "schemas": ["schemas", "domain"],
    "eventstore": ["eventstore", "diagnostics", "domain/kernel"],
    "commands": ["commands", "schemas", "domain", "eventstore", "diagnostics"],
    "projections": ["projections", "commands", "schemas", "domain", "eventstore", "diagnostics"],
    "sagas": ["sagas", "commands", "schemas", "domain", "eventstore", "diagnostics"],
    "api": ["api", "sagas", "projections", "commands", "schemas", "domain", "eventstore",
            "diagnostics"],
}
ARROWS = ("domain/kernel <- domain <- schemas <- commands <- projections, sagas <- api; "
          "eventstore knows diagnostics and domain/kernel only")

# Includes that match the first pattern are allowed in files that match the second.
OUTSIDE = [
    (r"libpq-fe\.h|libpq/|postgres_ext\.h", r"^eventstore/postgres/pq[^/]*\.(h|cpp)$",
     "go through eventstore/postgres/pq.h"),
    (r"pqxx/", r"^$", "go through eventstore/postgres/pq.h"),
    (r"librdkafka/", r"^[^/]+/(.+/)?kafka/", "go through the classes of eventstore/kafka"),
    (r"boost/(beast|asio)", r"^api/http/|^sagas/providers/http_transport\.cpp$",
     "keep sockets and coroutines in api/http, or use sagas/providers/http_transport.h"),
    (r".*\.pb\.h|google/protobuf/", r"^(schemas|api/cli)/",
     "use the functions of schemas, which take and give domain types"),
    (r"spdlog/", r"^diagnostics/", "use diagnostics/logger.h"),
    (r"prometheus/", r"^diagnostics/", "use diagnostics/metrics.h"),
    (r"hiredis/", r"^[^/]+/(.+/)?redis", "go through the class in projections that wraps hiredis"),
]
DOMAIN_MAY = re.compile(r"^([a-z_0-9]+|tl/expected\.hpp|boost/describe(/.*|\.hpp))$")
TESTS_MAY = re.compile(r"^(gtest|gmock|rapidcheck)(/.*|\.h)$")


def is_test(path):
    return path.endswith("_test.cpp")


def layer_of(path):
    fits = [name for name in ALLOWED if path.startswith(name + "/")]
    return max(fits, key=len, default=None)


def within(path, folders):
    return any(path.startswith(folder + "/") for folder in folders)


def generated(path):
    """The embedded SQL's header belongs to the module that embeds it."""
    return posixpath.basename(path) == "sql.h" or path.endswith(".pb.h")


def check(tree):
    for path in tree.named(".h", ".cpp"):
        layer = layer_of(path)
        for line, quote, name in tree.includes(path):
            if quote == "<":
                continue
            if "/" not in name or name.startswith("."):
                yield Finding(path, line, f'"{name}" is not a path from the root',
                              f'write it from the root, such as "{posixpath.dirname(path)}/{name}"')
            elif layer and layer_of(name) and not within(name, ALLOWED[layer]):
                yield Finding(path, line, f"{layer} may not know {name}",
                              f"move the code to where both may be known: {ARROWS}")
            elif layer and within(name, ["tests", "bench"]) and not is_test(path):
                yield Finding(path, line, f"{layer} may not know {name}",
                              "move what both need out of the tests")


def check_depends(tree):
    modules = cmake_files.modules(tree)
    owners = {}
    for module in modules.values():
        for file in module.files:
            owners.setdefault(file, []).append(module.name)
    for module in modules.values():
        allowed = cmake_files.reach(modules, module)
        for path in module.files:
            if not path.endswith((".h", ".cpp")) or path not in tree.files:
                continue
            for line, quote, name in tree.includes(path):
                names = owners.get(name, [])
                if quote == "<" or generated(name) or not names or allowed & set(names):
                    continue
                yield Finding(
                    path, line, f"{name} belongs to {names[0]}, which {module.name} does not reach",
                    f"name {names[0]} in DEPENDS of {module.name}, if the layers allow it")


def check_outside(tree):
    for path in tree.named(".h", ".cpp"):
        if within(path, ["tests", "bench"]):
            continue
        for line, quote, name in tree.includes(path):
            if is_test(path) and TESTS_MAY.match(name):
                continue
            for pattern, places, remedy in OUTSIDE:
                if re.match(pattern, name) and not re.search(places, path):
                    yield Finding(path, line, f"<{name}> is not for this place", remedy)
            if quote == "<" and within(path, ["domain"]) and not DOMAIN_MAY.match(name):
                yield Finding(path, line, f"the domain may not know <{name}>",
                              "only the standard library, tl/expected.hpp and boost/describe are "
                              "for the domain; do it outside and pass the value in")
