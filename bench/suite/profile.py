"""Where the time of one case goes: CPU by function (perf) and by thread in the measured program and
in PostgreSQL, what PostgreSQL's processes wait for, and what its statements cost.

Samples at their own pace beside the run; the figures of a profiled run are not to be compared.
"""

import contextlib
import os
import pathlib
import shutil
import subprocess
import threading
import time

from bench.retail.server import Broken
from bench.suite.services import STATISTICS, Services

FREQUENCY_HZ = 997  # not a divisor of anything that is periodic by itself
FUNCTIONS_MAX = 40
WAIT_SAMPLE_S = 0.005
SETTLE_S = 1.0  # of the case, before it is looked at

WAITS = """
DO $$
DECLARE until timestamptz := clock_timestamp() + interval '{seconds} s';
BEGIN
    CREATE TEMPORARY TABLE looks (session text, doing text);
    WHILE clock_timestamp() < until LOOP
        PERFORM pg_stat_clear_snapshot();
        INSERT INTO looks
        SELECT a.application_name || ' (' || a.pid || ')',
               CASE WHEN a.state = 'active'
                    THEN coalesce(a.wait_event_type || ': ' || a.wait_event, 'on a processor')
                    ELSE 'idle' END
        FROM pg_stat_activity AS a
        WHERE a.backend_type = 'client backend' AND a.application_name LIKE 'skald%';
        COMMIT;
        PERFORM pg_sleep({pause});
    END LOOP;
END $$"""
WAITS_FOUND = """
SELECT t.session, round(100 * t.share, 1)::text || ' %', t.doing
FROM (SELECT l.session, l.doing, count(*) / sum(count(*)) OVER (PARTITION BY l.session) AS share
      FROM looks AS l GROUP BY l.session, l.doing) AS t
WHERE t.share >= 0.005 ORDER BY t.session, t.share DESC"""
STATEMENTS = f"""
SELECT calls::text, round((total_exec_time / calls)::numeric, 4)::text,
       round((total_plan_time / calls)::numeric, 4)::text, round(total_exec_time::numeric)::text,
       (wal_bytes / calls)::bigint::text,
       left(regexp_replace(query, '\\s+', ' ', 'g'), 110)
FROM {STATISTICS} WHERE calls > 10 AND query NOT LIKE '%pg_s%'
ORDER BY total_exec_time DESC LIMIT 14"""


class Profile:
    """Looks at a case from when it is under way until its time is over."""

    def __init__(self, services: Services, database: str, seconds: float):
        self._services, self._database, self._seconds = services, database, seconds
        self._parts: list[str] = []
        self._thread: threading.Thread | None = None
        self._failure: Exception | None = None

    def begin(self, pid: int) -> None:
        """Of the program with this pid, on a thread of its own."""
        self._thread = threading.Thread(target=self._guarded, args=(pid,))
        self._thread.start()

    def text(self) -> str:
        """What was found, once the case is over."""
        if not self._thread:
            raise Broken("there is no such case; the table of a run without --profile names them")
        self._thread.join()
        if self._failure:
            raise self._failure
        return "\n".join(self._parts)

    def _guarded(self, pid: int) -> None:
        try:
            self._look(pid)
        except Exception as failure:  # told by text(), on the thread of whoever asks
            self._failure = failure

    def _look(self, pid: int) -> None:
        services, database = self._services, self._database
        time.sleep(SETTLE_S)
        seconds = max(self._seconds - 2 * SETTLE_S, 1)
        services.ask(database, f"SELECT {STATISTICS}_reset()")
        backends = [int(row[0]) for row in services.ask(
            database,
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
            " AND application_name LIKE 'skald%'"
            # perf gives all up when one of them has ended: not those that come and go.
            " AND backend_start < clock_timestamp() - interval '900 ms'")]
        before = thread_times(pid)
        perfs = [
            Perf(services.var / f"perf.{name}.data", pids, seconds)
            for name, pids in (("program", [pid]), ("postgres", backends))
        ]
        # From another database, and committed after each look: a snapshot in this one, or a running
        # transaction in any, would keep dead row versions from being removed.
        waits = services.ask(
            "postgres", WAITS.format(seconds=seconds, pause=WAIT_SAMPLE_S), WAITS_FOUND)
        if not pathlib.Path(f"/proc/{pid}").exists():
            raise Broken("the case was over before it had been looked at; give it more --seconds")
        self._section("processors used by each thread of the program",
                      thread_table(before, thread_times(pid), seconds))
        for perf in perfs:
            perf.end()
        for name, perf in zip(("the program", "PostgreSQL's backends"), perfs):
            own = perf.functions("--no-children")
            self._section(f"functions of {name}, by their own time", own)
            self._section(f"functions of {name}, with what they call", perf.functions("--children"))
            perf.remove()
        self._section("what each of PostgreSQL's sessions was doing", columns(waits))
        statements = [["calls", "ms", "ms to plan", "ms in all", "WAL bytes", "statement"]]
        self._section("statements, those inside functions too",
                      columns(statements + services.ask(database, STATEMENTS)))

    def _section(self, title: str, text: str) -> None:
        self._parts.append(f"\n## {title}\n{text}")


class Perf:
    """perf record of some processes; says so in its place where it cannot be had."""

    def __init__(self, file: pathlib.Path, pids: list[int], seconds: float):
        self._file, self._process, self._said = file, None, ""
        if shutil.which("perf") is None:
            return
        self._process = subprocess.Popen(
            ["perf", "record", "-e", "cpu-clock", "-F", str(FREQUENCY_HZ), "-g",
             "-o", str(file), "-p", ",".join(map(str, pids)), "--", "sleep", str(seconds)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def end(self) -> None:
        """Waits until its time is over."""
        if self._process:
            _, self._said = self._process.communicate()

    def functions(self, order: str) -> str:
        if self._process is None:
            return "perf is not installed (Debian: linux-perf)"
        if not self._file.exists() or self._file.stat().st_size == 0:
            return f"perf could not record: {self._said.strip()}"
        report = subprocess.run(
            ["perf", "report", "--stdio", "-q", "-g", "none", order, "--percent-limit", "0.5",
             "--sort", "dso,symbol", "-i", str(self._file)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        lines = [line.rstrip() for line in report.stdout.splitlines() if line.strip()]
        return "\n".join(lines[:FUNCTIONS_MAX])

    def remove(self) -> None:
        self._file.unlink(missing_ok=True)


def thread_times(pid: int) -> dict[str, float]:
    """CPU seconds of each thread: fields 14 and 15 of its stat, proc(5)."""
    times = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            fields = (task / "stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
            times[task.name] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return times


def thread_table(before: dict[str, float], after: dict[str, float], seconds: float) -> str:
    used = {task: after[task] - before.get(task, 0) for task in after}
    rows = [[task, f"{100 * cpu / seconds:.1f} %"]
            for task, cpu in sorted(used.items(), key=lambda item: -item[1]) if cpu > 0]
    return columns(rows)


def columns(rows: list[list[str]]) -> str:
    if not rows:
        return "nothing"
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.rjust(width) if i < len(row) - 1 else cell
                  for i, (cell, width) in enumerate(zip(row, widths))) for row in rows)
