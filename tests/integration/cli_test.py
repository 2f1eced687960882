#!/usr/bin/env python3
"""`skald`'s commands from the outside: exit codes, what they print, and what they refuse."""

import os
import pty
import select
import time

from cli_harness import BINARY, CliTest, main

COMMANDS = {  # whether it reads, and so has --json
    "serve": False,
    "migrate up": False,
    "migrate down": False,
    "migrate status": True,
    "streams show": True,
    "events read": True,
    "events tail": True,
    "projections list": True,
    "projections show": True,
    "projections rebuild": False,
    "projections parked": True,
    "projections release": False,
    "relay status": True,
    "verify": True,
    "config": True,
    "openapi": True,
    "sandbox-provider": False,
}
DRY_RUN = [
    "migrate up",
    "migrate down",
    "projections rebuild",
    "projections release",
]


class Usage(CliTest):
    migrated = False

    def test_every_command_has_help_with_an_example(self):
        for command in COMMANDS:
            with self.subTest(command):
                self.ends(
                    0,
                    self.store.run(*command.split(), "--help"),
                    "Usage:",
                    f"Example:\n  skald {command}",
                )

    def test_every_command_that_reads_has_json_and_that_changes_has_dry_run(self):
        for command, reads in COMMANDS.items():
            with self.subTest(command):
                text = self.ends(0, self.store.run(*command.split(), "--help")).out
                self.assertEqual("--json" in text, reads)
                self.assertEqual("--dry-run" in text, command in DRY_RUN)

    def test_help_names_every_command_and_setting(self):
        text = self.ends(0, self.store.run("--help")).out
        for command in COMMANDS:
            self.assertIn("\n  " + command.split()[0] + " ", text)
        for name in self.ends(0, self.store.run("config", "--json")).json():
            self.assertIn("[SKALD_" + name.upper(), text)

    def test_wrong_use_ends_with_2_and_says_what_is_wrong(self):
        for arguments, part in [
            ([], "subcommand is required"),
            (["sing"], 'there is no command "sing"'),
            (["migrate"], "subcommand is required"),
            (["migrate", "sideways"], 'there is no command "sideways"'),
            (["config", "--sing"], "--sing"),
            (["config", "--workers"], "--workers"),
            (["config", "--json=maybe"], "--json"),
            (["migrate", "down", "--steps", "0"], "--steps"),
            (["streams", "show"], "name"),
            (["streams", "show", "nodash"], "category-id"),
            (["events", "read", "--partition", "-1"], "--partition"),
            (["events", "read", "--after", "x"], "--after"),
            (["events", "read", "--limit", "0"], "--limit"),
        ]:
            with self.subTest(" ".join(arguments)):
                self.ends(2, self.store.run(*arguments), part)

    def test_version(self):
        self.assertRegex(self.store.run("--version").out, r"^skald \d+\.\d+\.\d+\n$")


class Config(CliTest):
    migrated = False

    def test_shows_every_setting_with_value_and_source(self):
        path = os.path.join(self.store.folder.name, "skald.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write('{"queue_max": 7, // comments are allowed\n "topic": "from.file"}')
        shown = self.ends(
            0, self.store.run("config", "--json", "--config", path, "--workers", "3")
        ).json()
        self.assertEqual(shown["queue_max"], {"value": "7", "source": path})
        self.assertEqual(shown["workers"], {"value": "3", "source": "flag"})
        self.assertEqual(shown["lease_ms"], {"value": "3000", "source": "default"})
        self.assertEqual(shown["topic"]["source"], "environment")
        text = self.ends(0, self.store.run("config", "--config", path)).out
        self.assertEqual(len(text.splitlines()), len(shown) + 1)

    def test_hides_passwords(self):
        for arguments in (["config"], ["config", "--json"]):
            ended = self.ends(
                0,
                self.store.run(
                    *arguments,
                    SKALD_PG="postgresql://me:hunter2@h/d",
                    SKALD_REDIS="redis://:hunter2@h:1",
                    SKALD_PG_OWNER="password=hunter2 host=h",
                ),
            )
            self.assertNotIn("hunter2", ended.out + ended.err)
            self.assertIn("postgresql://me:****@h/d", ended.out)

    def test_names_all_problems_at_once(self):
        ended = self.store.run(
            "migrate",
            "up",
            "--workers",
            "many",
            SKALD_LISTEN="here",
            SKALD_LEASE="3",
            SKALD_PG=None,
        )
        self.ends(
            2,
            ended,
            "4 settings are wrong",
            "--workers is",
            "SKALD_LISTEN is",
            "SKALD_LEASE in the environment",
            "SKALD_PG is not set",
        )

    def test_refuses_a_file_that_is_none(self):
        self.ends(
            2, self.store.run("config", "--config", "/nowhere.json"), "--config", "/nowhere.json"
        )

    def test_works_without_any_service(self):
        self.ends(0, self.store.run("config", SKALD_PG=None, SKALD_REDIS=None, SKALD_KAFKA=None))


class Migrate(CliTest):
    migrated = False

    def states(self):
        return {
            row["state"]
            for row in self.ends(0, self.store.run("migrate", "status", "--json")).json()
        }

    def test_goes_up_and_down_and_does_nothing_unasked(self):
        self.assertEqual(self.states(), {"pending"})
        self.ends(0, self.store.run("migrate", "up", "--dry-run"), "would apply 1 log")
        self.assertEqual(self.states(), {"pending"})
        self.ends(1, self.store.run("events", "read"), "skald migrate up")
        self.ends(0, self.store.run("migrate", "up"), "applied 1 log")
        self.assertEqual(self.states(), {"applied"})
        self.assertEqual(self.store.sql("SELECT partitions FROM skald.store"), "4")
        self.ends(0, self.store.run("migrate", "up"), "nothing to apply")

        self.ends(
            1,
            self.store.run("migrate", "up", SKALD_PARTITIONS="8"),
            "SKALD_PARTITIONS is 8",
            "4 partitions",
        )
        self.ends(0, self.store.run("migrate", "down", "--dry-run"), "would take back")
        self.ends(1, self.store.run("migrate", "down"), "--yes", "Nothing was done")
        self.assertEqual(self.states(), {"applied"})
        self.ends(
            0, self.store.run("migrate", "down", "--steps", "1000", "--yes"), "took back 1 log"
        )
        self.assertEqual(self.states(), {"pending"})
        self.ends(0, self.store.run("migrate", "down", "--yes"), "nothing to take back")

    def test_says_where_postgresql_is_missing(self):
        self.ends(
            1,
            self.store.run("migrate", "up", SKALD_PG="postgresql://127.0.0.1:1/x"),
            "correct SKALD_PG.",
        )
        self.ends(
            1,
            self.store.run("migrate", "up", SKALD_PG_OWNER="postgresql://127.0.0.1:1/x"),
            "SKALD_PG_OWNER.",
        )


class Schema(CliTest):
    def test_old_newer_and_changed_schemas_are_told_apart(self):
        for damage, repair, part in [
            (
                "DELETE FROM skald.migrations WHERE number = 1",
                "INSERT INTO skald.migrations SELECT number, name, checksum, applied_at FROM kept",
                "Run `skald migrate up`",
            ),
            (
                "INSERT INTO skald.migrations (number, name, checksum) VALUES (9999, 'future', '')",
                "DELETE FROM skald.migrations WHERE number = 9999",
                "9999 future",
            ),
            (
                "UPDATE skald.migrations SET checksum = '\\x00' WHERE number = 1",
                "UPDATE skald.migrations SET checksum = kept.checksum FROM kept"
                " WHERE migrations.number = 1",
                "another text",
            ),
        ]:
            with self.subTest(part):
                self.store.sql(
                    "CREATE TABLE IF NOT EXISTS kept AS SELECT number, name, checksum, applied_at"
                    " FROM skald.migrations WHERE number = 1"
                )
                self.store.sql(damage)
                self.ends(1, self.store.run("events", "read"), part)
                self.store.sql(repair)
                self.ends(0, self.store.run("events", "read"))

    def test_login_may_append_but_neither_change_nor_delete_events(self):
        for statement in (
            "UPDATE skald.events SET type = 'x'",
            "DELETE FROM skald.events",
            "TRUNCATE skald.events",
        ):
            with self.assertRaisesRegex(RuntimeError, "permission denied"):
                self.store_as_login(statement)
        self.assertEqual(self.store_as_login("SELECT count(*) FROM skald.events"), "0")

    def store_as_login(self, statement):
        from cli_harness import psql

        return psql(self.store.login, "SET ROLE skald_writer; " + statement)


class Terminal(CliTest):
    """With a terminal, what destroys asks first."""

    def answer(self, text):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(
                BINARY, [BINARY, "migrate", "down", "--steps", "1000"], self.store.environment
            )
        output, answered, deadline = b"", False, time.monotonic() + 60
        while time.monotonic() < deadline:
            if not select.select([terminal], [], [], 1)[0]:
                continue
            try:
                chunk = os.read(terminal, 4096)
            except OSError:
                break
            if not chunk:
                break
            output += chunk
            if not answered and b"[y/N]" in output:
                os.write(terminal, text.encode())
                answered = True
        os.close(terminal)
        self.assertTrue(answered, output)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def test_asks_and_does_as_told(self):
        self.assertEqual(self.answer("n\n"), 1)
        self.assertEqual(self.answer("\n"), 1)
        self.assertEqual(self.store.sql("SELECT to_regclass('skald.events') IS NOT NULL"), "t")
        self.assertEqual(self.answer("y\n"), 0)
        self.assertEqual(self.store.sql("SELECT to_regclass('skald.events') IS NOT NULL"), "f")


if __name__ == "__main__":
    main()
