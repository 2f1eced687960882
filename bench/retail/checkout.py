"""Waits until every order's checkout has ended, and holds what came of it against the truth: how
each order ended, where every piece of stock is, and what the payment provider's own books say.
"""

import json
import pathlib
import time
from collections import Counter, defaultdict
from dataclasses import dataclass

from bench.retail.client import Session, Target
from bench.retail.compare import Comparison, Orders, compare, pages
from bench.retail.drive import Driver, Unexpected
from bench.retail.progress import Progress
from bench.retail.truth.truth import Truth

LOOK_EVERY_S = 0.5
STANDSTILL_S = 300  # longer than any step of a checkout may take
SETTLED_S = 60  # how long stock may go on moving once all orders have ended

# Why a checkout is given up that was not driven for longer than its steps may take.
GIVEN_UP = frozenset({"stock_unavailable", "payment_unavailable"})


def wait_for_outcomes(driver: Driver, target: Target) -> None:
    """Until no order is pending. The read model has seen every order that was placed."""
    session = driver.sessions[0]
    left = pending(session)
    progress = Progress("checkouts", left)
    progress.begin()
    moved = time.monotonic()
    while left and not target.stop.wait(LOOK_EVERY_S):
        now = pending(session)
        if now < left:
            moved = time.monotonic()
        elif time.monotonic() - moved > STANDSTILL_S:
            raise Unexpected(f"{left} orders are pending, and none has ended for {STANDSTILL_S} s")
        for _ in range(left - now):
            progress.step()
        left = min(left, now)
    progress.end()


def pending(session: Session) -> int:
    return sum(1 for _ in pages(session, "/v1/orders", status="pending"))


def compare_all(
    driver: Driver,
    target: Target,
    orders: Orders,
    truth: Truth,
    ledger: pathlib.Path,
    was_cut_off: bool,
) -> list[Comparison]:
    """`was_cut_off`: a run ended before its checkouts did, so some may have been given up since."""
    return [
        compare("payment method of each order", truth.methods, orders.methods),
        compare_outcomes(orders.outcomes, truth.outcomes, GIVEN_UP if was_cut_off else frozenset()),
        compare_stock(driver, target, truth, orders.outcomes),
        compare_money(orders, driver.driven.order_ids, balances(ledger)),
    ]


def compare_outcomes(
    answered: dict, allowed: dict[int, frozenset[str]], always: frozenset[str]
) -> Comparison:
    """An order that ended in one of the allowed ways has ended rightly."""
    right = {basket: " or ".join(sorted(ways)) for basket, ways in allowed.items()}
    told = dict(answered)
    for basket, ways in allowed.items():
        if answered.get(basket) in ways | always:
            told[basket] = right[basket]
    return compare("outcome of each order", right, told)


def compare_stock(driver: Driver, target: Target, truth: Truth, outcomes: dict) -> Comparison:
    """Per sku: delivered, held, allocated, available. Nothing is held once all orders have ended,
    and allocated is what the confirmed orders ordered. Goods are allocated after the order is
    confirmed, so what differs is looked at again for a while.
    """
    allocated: Counter = Counter()
    for basket, outcome in outcomes.items():
        if outcome == "confirmed":
            allocated.update(truth.pieces.get(basket, {}))
    right = {
        sku: (pieces, 0, allocated[sku], pieces - allocated[sku])
        for sku, pieces in truth.supply.items()
    }
    told: dict = {}
    deadline = time.monotonic() + SETTLED_S

    def read(session: Session, sku: str) -> None:
        answer = session.get(f"/v1/stock/{sku}")
        if answer.status != 200:
            raise Unexpected(f"GET /v1/stock/{sku} was answered {answer.status}: {answer.body}")
        told[sku] = tuple(answer.body[f] for f in ("on_hand", "held", "allocated", "available"))

    unlike = sorted(right)
    while unlike:
        driver.phase("stock", unlike, read)
        unlike = [sku for sku in unlike if told[sku] != right[sku]]
        if time.monotonic() > deadline or unlike and target.stop.wait(LOOK_EVERY_S):
            break
    return compare("stock: delivered, held, allocated, available", right, told)


@dataclass
class Balance:
    """What the provider did for one order, in cents."""

    charges: int = 0
    authorised: int = 0
    captured: int = 0
    voided: int = 0
    refunded: int = 0

    def __str__(self) -> str:
        if self.charges == 1 and self.voided == self.refunded == 0:
            return f"charged {self.authorised} once"
        kept = self.authorised - self.voided - self.refunded
        if kept == 0 and self.charges <= 1:
            return "nothing kept"
        return (
            f"charged {self.charges} times: {self.authorised} authorised, {self.captured} captured,"
            f" {self.voided} voided, {self.refunded} refunded"
        )


def balances(ledger: pathlib.Path) -> dict[str, Balance]:
    """By order, from the provider's books themselves: a line of JSON per operation."""
    amounts = {
        "authorise": "authorised",
        "capture": "captured",
        "void_authorisation": "voided",
        "refund": "refunded",
    }
    found: dict[str, Balance] = defaultdict(Balance)
    with open(ledger, encoding="utf-8") as books:
        for line in books:
            entry = json.loads(line)
            if entry["outcome"] != "succeeded":
                continue
            balance = found[entry["order"]]
            kind = amounts[entry["operation"]]
            setattr(balance, kind, getattr(balance, kind) + entry["amount"]["amount"])
            balance.charges += kind == "authorised"
    return found


def compare_money(
    orders: Orders, basket_of: dict[str, int], books: dict[str, Balance]
) -> Comparison:
    """A confirmed order's total was promised exactly once; of any other nothing is kept. Entries of
    orders that nobody placed stand under their own ids.
    """
    right = {
        basket: f"charged {orders.totals[basket]} once"
        if outcome == "confirmed"
        else "nothing kept"
        for basket, outcome in orders.outcomes.items()
    }
    told = {basket: str(Balance()) for basket in right}
    told |= {basket_of.get(order, order): str(balance) for order, balance in books.items()}
    return compare("money by the provider's ledger", right, told)


def fact(orders: Orders) -> tuple[str, bool]:
    """How the orders ended, for people; and whether all have."""
    counts = Counter(orders.outcomes.values())
    rejected = ", ".join(f"{why} {n}" for why, n in sorted(counts.items()) if why != "confirmed")
    text = f"orders: {counts['confirmed']} confirmed; rejected: {rejected or 'none'}"
    return text, counts["pending"] == 0
