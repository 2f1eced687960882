"""The figures of a run: the file they are kept in, and the table that people read."""

import datetime
import json
import os
import pathlib
import subprocess

KEYS = (
    "bench",
    "metric",
    "value",
    "unit",
    "control",
    "control_value",
    "ratio",
    "target",
    "met",
)


def read_figures(printed: str) -> list[dict]:
    """The lines of a benchmark program, one figure each."""
    figures = [json.loads(line) for line in printed.splitlines()]
    for figure in figures:
        if tuple(figure) != KEYS:
            raise ValueError(f"a figure has the keys {tuple(figure)}, not {KEYS}")
    return figures


def figure(
    bench: str,
    metric: str,
    value: float,
    unit: str,
    control: tuple[str, float],
    target: tuple[str, float] | None = None,
) -> dict:
    """One that is measured here; `control`: its name and value; `target`: (">=" or "<=", limit)."""
    met = None
    if target:
        met = value >= target[1] if target[0] == ">=" else value <= target[1]
    ratio = value / control[1] if control[1] else None
    text = f"{target[0]} {target[1]:g}" if target else None
    return dict(zip(KEYS, (bench, metric, value, unit, *control, ratio, text, met)))


def commit_of(root: pathlib.Path) -> str:
    """The commit, with -dirty behind it when the work tree differs."""
    done = subprocess.run(
        ["git", "-C", str(root), "describe", "--always", "--abbrev=12", "--dirty"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "unknown"


def machine() -> dict:
    model = "unknown"
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return {"processors": os.cpu_count(), "processor": model, "kernel": os.uname().release}


def write(path: pathlib.Path, figures: list[dict], commit: str, settings: dict) -> None:
    """Each figure carries its run's commit and settings, so files of several runs can be joined."""
    at = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    run = {"commit": commit, "at": at, "settings": settings}
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(
        "[\n" + ",\n".join(json.dumps(figure | run) for figure in figures) + "\n]\n",
        encoding="utf-8",
    )
    new.rename(path)


def number(value: float | None) -> str:
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.4g}"


def table(figures: list[dict]) -> str:
    rows = [("bench", "metric", "value", "", "control", "its value", "ratio", "target", "met")]
    for one in figures:
        met = {True: "yes", False: "NO", None: ""}[one["met"]]
        rows.append(
            (
                one["bench"],
                one["metric"],
                number(one["value"]),
                one["unit"],
                one["control"],
                number(one["control_value"]),
                number(one["ratio"]),
                one["target"] or "",
                met,
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    right = {2, 5, 6}
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths))
        ]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "-" * max(len(line) for line in lines))
    return "\n".join(lines)
