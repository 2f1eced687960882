#!/usr/bin/env python3
"""`skald serve` from the outside: what stops its start, how it ends, and what survives kill -9."""

import json
import os
import signal
import socket
import subprocess
import tempfile
import unittest

from cli_harness import ROOT, CliTest, Server, Store, eventually, free_port, free_ports, main, psql

AWAY = "127.0.0.1:1"
EUR = {"amount": 1999, "currency": "EUR"}


def product(sku):
    return {"sku": sku, "title": "Thing " + sku, "price": EUR}


class Start(CliTest):
    """Each row: one clear sentence with the remedy, and exit code 1."""

    def starts_not(self, *parts, code=1, **settings):
        listen, ops_listen = free_ports(2)
        settings = {
            "SKALD_LISTEN": f"127.0.0.1:{listen}",
            "SKALD_OPS_LISTEN": f"127.0.0.1:{ops_listen}",
            **settings,
        }
        return self.ends(code, self.store.run("serve", **settings), *parts)

    def test_wrong_settings_are_told_all_at_once(self):
        self.starts_not(
            "3 settings are wrong",
            "SKALD_ROLES",
            "SKALD_KAFKA is not set",
            "SKALD_WORKERS",
            code=2,
            SKALD_ROLES="relay,saga",
            SKALD_KAFKA=None,
            SKALD_WORKERS="0",
        )

    def test_sagas_asked_for_without_a_payment_provider(self):
        self.starts_not("SKALD_PAYMENT_URL is not set", code=2, SKALD_ROLES="api,sagas")

    def test_calls_to_the_payment_provider_that_outlast_their_attempts(self):
        self.starts_not(
            "SKALD_PAYMENT_CALL_MS is 4501",
            "Set it to 4500 at most",
            SKALD_ROLES="api,sagas",
            SKALD_PAYMENT_URL="sandbox:ledger",
            SKALD_PAYMENT_CALL_MS="4501",
        )

    def test_postgresql_away(self):
        self.starts_not("SKALD_PG.", "./dev up", SKALD_PG=f"postgresql://{AWAY}/x")

    def test_redis_away(self):
        self.starts_not("SKALD_REDIS", "./dev up", "SKALD_ALLOW_DEGRADED", SKALD_REDIS=AWAY)

    def test_kafka_away(self):
        self.starts_not("SKALD_KAFKA", "./dev up", "SKALD_ALLOW_DEGRADED", SKALD_KAFKA=AWAY)

    def test_other_number_of_partitions(self):
        self.starts_not("SKALD_PARTITIONS is 8", "4 partitions", SKALD_PARTITIONS="8")

    def test_topic_with_another_number_of_partitions(self):
        other = Store()
        self.addCleanup(other.wipe)
        other.environment["SKALD_PARTITIONS"] = "3"
        self.ends(0, other.run("migrate", "up"))
        topic = self.store.environment["SKALD_TOPIC"] + ".of.another"
        self.assertEqual(Server(other, SKALD_TOPIC=topic).end()[0], 0)
        self.starts_not(topic, "3 partitions", "4", SKALD_TOPIC=topic)

    def test_port_in_use(self):
        for setting in ("SKALD_LISTEN", "SKALD_OPS_LISTEN"):
            with self.subTest(setting), socket.socket() as taken:
                taken.bind(("127.0.0.1", 0))
                taken.listen()
                address = "127.0.0.1:%d" % taken.getsockname()[1]
                self.starts_not(setting, address, **{setting: address})

    def test_redis_that_evicts(self):
        port = free_port()
        redis = subprocess.Popen(
            ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
            + ["--maxmemory", "10mb", "--maxmemory-policy", "allkeys-lru"],
            stdout=subprocess.DEVNULL,
            cwd=self.store.folder.name,
        )
        self.addCleanup(redis.wait)
        self.addCleanup(redis.terminate)
        address = f"127.0.0.1:{port}"
        self.assertTrue(eventually(lambda: answers(port)))
        self.starts_not("noeviction", SKALD_REDIS=address)

    def test_missing_old_and_newer_schema(self):
        fresh = Store()
        self.addCleanup(fresh.wipe)
        self.ends(1, fresh.run("serve"), "Run `skald migrate up`")
        self.ends(0, fresh.run("migrate", "up"))
        self.ends(0, fresh.run("migrate", "down", "--yes"))
        self.ends(1, fresh.run("serve"), "old schema", "Run `skald migrate up`")
        self.ends(0, fresh.run("migrate", "up"))
        fresh.sql("INSERT INTO skald.migrations (number, name, checksum) VALUES (9999, 'x', '')")
        self.ends(1, fresh.run("serve"), "newer schema", "9999 x")


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Life(CliTest):
    def serve(self, *arguments, **settings):
        server = Server(self.store, *arguments, **settings)
        self.addCleanup(server.end, signal.SIGKILL)
        return server

    def ends_well(self, server, with_signal=signal.SIGTERM, seconds=6):
        code, took = server.end(with_signal)
        self.assertEqual(code, 0, server.log())
        self.assertLess(took, seconds, server.log())
        self.assertIn('"message":"stopped"', server.log())

    def created(self, server, sku, **headers):
        return server.send("/v1/products", product(sku), headers=headers)

    def reads(self, server, sku, token):
        return server.send(f"/v1/products/{sku}", headers={"Skald-Token": token})

    def test_serves_says_where_and_ends_on_either_signal(self):
        for with_signal in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(with_signal):
                server = self.serve()
                self.assertIn(f"http://127.0.0.1:{server.port}", server.ready_line)
                self.assertIn(f"http://127.0.0.1:{server.ops_port}", server.ready_line)
                for ops in (False, True):
                    for path in ("/health/live", "/health/ready"):
                        self.assertEqual(server.send(path, ops=ops)[0], 200)
                self.assertIn("skald_", server.send("/metrics", ops=True)[1])
                self.ends_well(server, with_signal)
                self.assertFalse(answers(server.port))

    def test_kill_9_loses_nothing_and_the_key_gives_the_first_answer(self):
        server = self.serve()
        status, first, headers = self.created(server, "K9", **{"Idempotency-Key": "one"})
        self.assertEqual(status, 201, first)
        server.end(signal.SIGKILL)
        server = self.serve()
        status, again, answered = self.created(server, "K9", **{"Idempotency-Key": "one"})
        self.assertEqual((status, again), (201, first))
        self.assertEqual(answered["Idempotency-Replayed"], "true")
        # The dead process's leases run out first.
        token = headers["Skald-Token"]
        self.assertTrue(eventually(lambda: self.reads(server, "K9", token)[0] == 200))
        self.ends(0, self.store.run("verify"))
        self.ends_well(server)

    def test_roles_can_be_served_apart(self):
        api = self.serve("--roles=api", SKALD_KAFKA=AWAY)
        token = self.created(api, "R1")[2]["Skald-Token"]
        late = api.send("/v1/products/R1", headers={"Skald-Token": token, "Skald-Wait": "200"})
        self.assertEqual((late[0], late[1]["retryable"]), (503, True))
        relay = self.serve("--roles", "relay", SKALD_REDIS=AWAY)
        self.assertFalse(answers(relay.port))
        self.assertEqual(relay.send("/health/ready", ops=True)[0], 200)
        projector = self.serve(SKALD_ROLES="projector")
        self.assertTrue(eventually(lambda: self.reads(api, "R1", token)[0] == 200))
        for server in (api, projector, relay):
            self.ends_well(server)

    def test_by_default_orders_are_driven_where_somebody_moves_the_money(self):
        for ledger, roles, warning in (
            (None, ["api", "relay", "projector"], "orders stay pending: set SKALD_PAYMENT_URL"),
            ("l", ["api", "relay", "projector", "sagas"], "payments go to a sandbox"),
        ):
            with self.subTest(ledger):
                url = f"sandbox:{self.store.folder.name}/{ledger}" if ledger else None
                server = self.serve(SKALD_ROLES=None, SKALD_PAYMENT_URL=url)
                lines = [json.loads(line) for line in server.log().splitlines()]
                self.assertEqual([x["roles"] for x in lines if "roles" in x], [roles])
                warnings = [x["message"] for x in lines if x["level"] == "warning"]
                self.assertEqual(len(warnings), 1, warnings)
                self.assertIn(warning, warnings[0])
                self.ends_well(server)

    def test_kafka_and_redis_away_stop_neither_commands_nor_read_models(self):
        server = self.serve(SKALD_ALLOW_DEGRADED="true", SKALD_KAFKA=AWAY, SKALD_REDIS=AWAY)
        status, body, headers = self.created(server, "D1")
        self.assertEqual(status, 201, body)
        self.assertTrue(
            eventually(lambda: self.reads(server, "D1", headers["Skald-Token"])[0] == 200)
        )
        self.assertEqual(server.send("/health/ready")[0], 200)
        self.ends_well(server)
        server = self.serve()
        self.ends(0, self.store.run("verify"))
        self.ends_well(server)

    def test_second_signal_ends_at_once(self):
        server = self.serve(SKALD_DRAIN_MS="60000")
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            # A request that is not whole yet is in flight.
            client.sendall(b"POST /v1/products HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n")
            client.sendall(b"Content-Type: application/json\r\n\r\n{")
            server.process.send_signal(signal.SIGTERM)
            self.assertTrue(eventually(lambda: "stopping" in server.log()))
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(server.process.wait(5), 128 + signal.SIGTERM)


class OwnPostgres(unittest.TestCase):
    """What can only be tried on a PostgreSQL of one's own."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="skald-serve-")
        cls.addClassCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755)
        cls.dev_environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
        cls.dev_environment["SKALD_VAR"] = os.path.join(folder.name, "var")
        cls.dev("up", "pg")
        cls.addClassCleanup(cls.dev, "reset")
        env = os.path.join(cls.dev_environment["SKALD_VAR"], "env")
        with open(env, encoding="utf-8") as lines:
            exports = dict(line.split()[1].split("=", 1) for line in lines)
        cls.owner = exports["SKALD_PG_OWNER"].strip("'")
        server = os.environ["SKALD_TEST_PG"]
        os.environ["SKALD_TEST_PG"] = cls.owner
        try:
            cls.store = Store()
        finally:
            os.environ["SKALD_TEST_PG"] = server
        cls.addClassCleanup(cls.store.folder.cleanup)
        done = cls.store.run("migrate", "up")
        assert done.code == 0, done

    @classmethod
    def dev(cls, *arguments):
        subprocess.run(
            ["./dev", *arguments],
            cwd=ROOT,
            env=cls.dev_environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def test_fsync_off_is_refused(self):
        superuser = self.owner.replace("skald_owner@", "postgres@")
        fsync = lambda: psql(superuser, "SHOW fsync")
        self.addCleanup(eventually, lambda: fsync() == "on")
        self.addCleanup(psql, superuser, "SELECT pg_reload_conf()")
        self.addCleanup(psql, superuser, "ALTER SYSTEM RESET fsync")
        psql(superuser, "ALTER SYSTEM SET fsync = off")
        psql(superuser, "SELECT pg_reload_conf()")
        self.assertTrue(eventually(lambda: fsync() == "off"))
        done = self.store.run("serve")
        self.assertEqual(done.code, 1, done)
        self.assertIn("fsync=on", done.err)

    def test_ends_in_seconds_when_postgresql_is_gone(self):
        server = Server(self.store)
        self.addCleanup(server.end, signal.SIGKILL)
        self.dev("kill", "pg")
        self.addCleanup(self.dev, "up", "pg")
        self.assertTrue(eventually(lambda: server.send("/health/ready")[0] == 503))
        self.assertEqual(server.send("/health/live")[0], 200)
        status, body, _ = server.send("/v1/products", product("G1"))
        self.assertEqual((status, body["retryable"]), (503, True))
        code, took = server.end()
        self.assertEqual(code, 0, server.log())
        self.assertLess(took, 12)


if __name__ == "__main__":
    main()
