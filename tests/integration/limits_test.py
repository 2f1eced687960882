#!/usr/bin/env python3
"""What a running `skald` holds out against: forged tokens, read models that stand still, waits at
its end, and too few descriptors."""

import base64
import json
import signal
import socket
import subprocess
import threading
import time

from cli_harness import BINARY, CliTest, Server, eventually, main

PRICE = {"amount": 1999, "currency": "EUR"}
PATIENT = {"Skald-Wait": "20000"}


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(0x80 | number & 0x7F)
        number >>= 7
    out.append(number)
    return bytes(out)


def forged(token):
    """The token with its last head raised beyond all there will ever be."""
    data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    end = len(data) - 1
    while data[end - 1] & 0x80:
        end -= 1
    return base64.urlsafe_b64encode(data[:end] + varint(2**62)).decode().rstrip("=")


class InBackground:
    """Requests that are under way at once; `answers` in any order."""

    def __init__(self, count, send):
        self.answers = []
        self.threads = [
            threading.Thread(target=lambda: self.answers.append(send())) for _ in range(count)
        ]
        for thread in self.threads:
            thread.start()

    def end(self):
        for thread in self.threads:
            thread.join()
        return self.answers


class Serving(CliTest):
    def serve(self, *arguments, **settings):
        server = Server(self.store, *arguments, **settings)
        self.addCleanup(server.end, signal.SIGKILL)
        return server

    def created(self, server, sku):
        body = {"sku": sku, "title": "Thing " + sku, "price": PRICE}
        status, answer, headers = server.send("/v1/products", body)
        self.assertEqual(status, 201, answer)
        return headers["Skald-Token"]

    def answers_at_once(self, server, path, status):
        began = time.monotonic()
        self.assertEqual(server.send(path)[0], status)
        self.assertLess(time.monotonic() - began, 1)


class Tokens(Serving):
    def test_a_token_of_what_never_happened_is_refused_at_once(self):
        """Eight such tokens held all workers for 20 s."""
        server = self.serve()
        token = self.created(server, "T1")
        headers = {"Skald-Token": forged(token), **PATIENT}
        waiting = InBackground(8, lambda: server.send("/v1/products", headers=headers))
        time.sleep(0.2)  # sleep: they have to be there first
        self.answers_at_once(server, "/v1/products", 200)
        for status, body, _ in waiting.end():
            self.assertEqual((status, body["code"]), (400, "token_ahead"), body)
            self.assertEqual(body["errors"][0]["pointer"], "/header/Skald-Token")
        status, body, _ = server.send("/v1/products/T1?token=" + forged(token))
        self.assertEqual((status, body["errors"][0]["pointer"]), (400, "/query/token"), body)
        # Another process's append is not known here before it is asked for.
        other = self.serve(SKALD_POLL_MS="10000")
        later = self.created(server, "T2")
        status, body, _ = other.send("/v1/products/T2", headers={"Skald-Token": later, **PATIENT})
        self.assertEqual(status, 200, body)

    def test_queries_that_wait_hold_up_no_others(self):
        """A read model that stood still took one worker per waiting query."""
        api = self.serve("--roles=api")
        headers = {"Skald-Token": self.created(api, "W1"), **PATIENT}
        waiting = InBackground(40, lambda: api.send("/v1/products/W1", headers=headers))
        time.sleep(0.5)  # sleep: they have to be there first
        for _ in range(5):
            self.answers_at_once(api, "/v1/accounts", 200)
        for path in "products/W1", "products", "accounts", "orders", "reports/sales?by=sku":
            status, body, answered = api.send(
                "/v1/" + path, headers={**headers, "Skald-Wait": "50"}
            )
            self.assertEqual((status, body["code"]), (503, "read_model_lagging"), body)
            self.assertIs(body["retryable"], True)
            self.assertTrue(answered["Retry-After"])
            self.assertIn("behind", body["detail"])
        self.serve("--roles=projector")
        self.assertEqual([answer[0] for answer in waiting.end()], [200] * 40)


class Waiting(Serving):
    def test_orders_that_are_waited_for_keep_nothing_else_out(self):
        """Each held a place of those for all requests: 20 that had gone away kept everybody out for
        30 s, and so did 20 that were there."""
        server = self.serve(SKALD_HTTP_QUEUE_MAX="20", SKALD_WAITING_MAX="30")
        self.created(server, "P1")
        account = server.send("/v1/accounts", {"email": "a@example.org", "name": "A"})[1]["id"]
        body = {"account_id": account, "lines": [{"sku": "P1", "quantity": 1}],
                "payment": {"method": "card-ok"}}
        place = lambda: server.send("/v1/orders", body, headers={"Prefer": "wait=30"})
        text = json.dumps(body)
        request = (f"POST /v1/orders HTTP/1.1\r\nHost: x\r\nPrefer: wait=30\r\n"
                   f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n{text}")
        placed = "SELECT count(*) FROM skald.events WHERE type = 'order.placed'"

        def come(count):
            clients = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(count)]
            for client in clients:
                self.addCleanup(client.close)
            before = int(self.store.sql(placed))
            for client in clients:
                client.sendall(request.encode())
            self.assertTrue(eventually(lambda: int(self.store.sql(placed)) == before + count))
            return clients

        there = come(15) + come(15)
        began = time.monotonic()
        self.answers_at_once(server, "/v1/products", 200)
        status, answer, headers = place()  # there are as many as may wait
        self.assertEqual((status, set(answer)), (202, {"id", "version"}), answer)
        self.assertIsNone(headers["Preference-Applied"])
        for client in there:
            client.close()
        gone = lambda: (
            'skald_http_waiting{server="public"} 0\n' in server.send("/metrics", ops=True)[1]
        )
        self.assertTrue(eventually(gone, 10))
        self.assertLess(time.monotonic() - began, 20)
        self.assertEqual([len(come(10)) for _ in range(2)], [10, 10])


class Descriptors(Serving):
    def test_idle_connections_leave_descriptors_for_what_serves(self):
        """300 of them took all there were: nothing was answered, and nothing could be read."""
        server = self.serve(prefix=["bash", "-c", 'ulimit -n 256; exec "$0" "$@"'])
        idle = [socket.create_connection(("127.0.0.1", server.port), 5) for _ in range(20)]
        self.addCleanup(lambda: [client.close() for client in idle])
        token = self.created(server, "F1")
        headers = {"Skald-Token": token, **PATIENT}
        self.assertEqual(server.send("/v1/products/F1", headers=headers)[0], 200)
        idle += [socket.create_connection(("127.0.0.1", server.port), 5) for _ in range(280)]
        answers = [self.first_line(client) for client in idle]
        self.assertIn("HTTP/1.1 503 Service Unavailable", answers)
        held = answers.count("held")
        self.assertGreaterEqual(held, 20)
        self.assertLess(held, 256)
        self.assertEqual(server.send("/health/ready", ops=True)[0], 200)
        self.assertNotIn("cannot accept", server.log())
        for client in idle[:30]:
            client.close()
        self.assertTrue(eventually(lambda: self.answers(server, "/v1/products/F1")))
        # What is made on demand can still be made: all workers at once.
        self.assertEqual(
            [answer[0] for answer in InBackground(8, lambda: server.send("/v1/products")).end()],
            [200] * 8,
        )

    @staticmethod
    def answers(server, path):
        try:
            return server.send(path)[0] == 200
        except OSError:
            return False

    @staticmethod
    def first_line(client):
        client.settimeout(0.05)
        try:
            return client.recv(4096).decode().split("\r\n")[0]
        except TimeoutError:
            return "held"
        except OSError:
            return "closed"

    def test_far_too_few_descriptors_are_told(self):
        done = subprocess.run(
            ["bash", "-c", f"ulimit -n 100; exec {BINARY} serve"],
            env=self.store.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("ulimit -n", done.stderr)


class Stale(Serving):
    def test_a_restart_of_postgresql_costs_no_answer(self):
        """Each connection that had gone stale in the pool cost one 503."""
        server = self.serve()
        self.store.sql(f'GRANT "{self.store.name}" TO CURRENT_USER')
        ready = lambda ops: server.send("/health/ready", ops=ops)[0]
        paths = "projections", "parked", "relay", "leases"
        for _ in range(3):  # so that there are connections in the pool
            InBackground(8, lambda: ready(ops=False)).end()
            for path in paths:
                self.assertEqual(server.send("/ops/" + path, ops=True)[0], 200)
        for ask in [lambda: ready(True), lambda: ready(False)] + [
            lambda path=path: server.send("/ops/" + path, ops=True)[0] for path in paths
        ]:
            self.store.sql(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                f" WHERE usename = '{self.store.name}'"
            )
            self.assertEqual([ask() for _ in range(3)], [200] * 3)


class End(Serving):
    def test_waits_end_with_the_process(self):
        """A query that waited 20 s kept the process from ending in order: its leases stayed."""
        server = self.serve("--roles=api,relay")
        leases = "SELECT count(*) FROM skald.lease_owners"
        self.assertTrue(eventually(lambda: self.store.sql(leases) != "0"))
        headers = {"Skald-Token": self.created(server, "E1"), **PATIENT}
        waiting = InBackground(12, lambda: server.send("/v1/products/E1", headers=headers))
        time.sleep(0.5)  # sleep: they have to be there first
        code, took = server.end()
        self.assertEqual(code, 0, server.log())
        self.assertLess(took, 4, server.log())
        self.assertIn('"message":"stopped"', server.log())
        self.assertEqual(self.store.sql(leases), "0")
        self.assertEqual({answer[0] for answer in waiting.end()}, {503})


if __name__ == "__main__":
    main()
