#!/usr/bin/env python3
"""`skald events` and `skald streams` from the outside, on events written by hand."""

import json
import select
import subprocess
import uuid

from cli_harness import BINARY, CliTest, main

# product.archived at schema version 1 has no fields: no bytes.
EVENT = """INSERT INTO skald.events (partition, position, stream, version, type, schema_version,
                                     command_id, command_seq, recorded_at, meta, data)
           VALUES ({partition}, {position}, '{stream}', {version}, '{type}', 1,
                   '0190b5c0-0000-7000-8000-00000000000{version}', 1,
                   '2024-01-02T03:04:05.000006Z', '', '{data}')"""


class Events(CliTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rows = [
            (0, 1, "product-A", 1, "product.archived", ""),
            (0, 2, "product-A", 2, "product.exploded", "\\xff"),
            (1, 1, "product-B", 1, "product.archived", ""),
        ]
        for partition, position, stream, version, kind, data in rows:
            cls.store.sql(
                EVENT.format(
                    partition=partition,
                    position=position,
                    stream=stream,
                    version=version,
                    type=kind,
                    data=data,
                )
            )

    def lines(self, *arguments):
        ended = self.ends(0, self.store.run("events", "read", "--json", *arguments))
        return [json.loads(line) for line in ended.out.splitlines()]

    def test_a_line_per_event_holds_all_fields(self):
        first = self.lines()[0]
        self.assertEqual(
            list(first),
            [
                "partition",
                "position",
                "stream",
                "version",
                "type",
                "schema_version",
                "event_id",
                "command_id",
                "recorded_at",
                "meta",
                "data",
            ],
        )
        self.assertEqual((first["partition"], first["position"], first["version"]), (0, 1, 1))
        self.assertEqual(first["recorded_at"], "2024-01-02T03:04:05.000006Z")
        self.assertEqual(first["data"], {})
        self.assertEqual(first["meta"]["principal"], "")
        # UUIDv5(namespace = the command's id, name = "1"), by another implementation.
        self.assertEqual(first["event_id"], str(uuid.uuid5(uuid.UUID(first["command_id"]), "1")))

    def test_filters(self):
        for arguments, count in [
            ([], 3),
            (["--partition", "1"], 1),
            (["--after", "1"], 1),
            (["--limit", "2"], 2),
            (["--type", "product.archived"], 2),
            (["--type", "product.archived", "--partition", "0"], 1),
            (["--type", "no.such"], 0),
            (["--partition", "3"], 0),
        ]:
            with self.subTest(" ".join(arguments)):
                self.assertEqual(len(self.lines(*arguments)), count)

    def test_what_cannot_be_decoded_is_shown_as_bytes(self):
        self.assertEqual(self.lines("--after", "1")[0]["data"]["hex"], "ff")

    def test_people_get_columns_and_no_colour(self):
        ended = self.ends(0, self.store.run("events", "read"), "PARTITION", "product-B")
        self.assertEqual(len(ended.out.splitlines()), 4)
        self.assertNotIn("\x1b", ended.out)

    def test_partition_that_is_none(self):
        self.ends(2, self.store.run("events", "read", "--partition", "4"), "0 to 3")

    def test_stream_that_is_none(self):
        self.ends(
            1,
            self.store.run("streams", "show", "stock-nothing"),
            "there is no stream stock-nothing",
        )

    def test_full_disk_or_closed_pipe_is_a_failure(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run(
                [BINARY, "events", "read"],
                env=self.store.environment,
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        self.assertEqual(done.returncode, 1)
        self.assertIn("standard output", done.stderr)

    def test_tail_prints_what_comes(self):
        tail = subprocess.Popen(
            [BINARY, "events", "tail", "--json", "--limit", "1", "--partition", "2"],
            env=self.store.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            position = 0
            # It begins at the head it finds, so events go on coming until it has begun.
            while tail.poll() is None and position < 100:
                position += 1
                self.store.sql(
                    EVENT.format(
                        partition=2,
                        position=position,
                        stream=f"product-T{position}",
                        version=1,
                        type="product.archived",
                        data="",
                    )
                )
                select.select([tail.stdout], [], [], 0.3)
            self.assertEqual(json.loads(tail.communicate(timeout=10)[0])["partition"], 2)
            self.assertEqual(tail.returncode, 0)
        finally:
            if tail.poll() is None:
                tail.kill()
                tail.wait()


if __name__ == "__main__":
    main()
