"""Asks the shop what it sold and holds the answers against the truth.

Two tables of keys and values are compared key by key; any key on one side only, or with another
value, is a difference.
"""

import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.retail.client import Session
from bench.retail.drive import Driver, Unexpected
from bench.retail.shop import CURRENCY
from bench.retail.truth.truth import Truth

NOTHING = (0, 0, 0)


@dataclass(frozen=True)
class Comparison:
    name: str
    compared: int
    differences: int
    first: str  # the first difference in words, or nothing


def compare(name: str, truth: dict, answer: dict) -> Comparison:
    keys = sorted(truth.keys() | answer.keys(), key=lambda key: (key is None, str(key)))
    wrong = [
        key
        for key in keys
        if truth.get(key) != answer.get(key) or (key in truth) != (key in answer)
    ]
    first = ""
    if wrong:
        first = (
            f"{wrong[0]}: truth {truth.get(wrong[0], 'nothing')}, "
            f"shop {answer.get(wrong[0], 'nothing')}"
        )
    return Comparison(name, len(keys), len(wrong), first)


def pages(session: Session, path: str, **parameters: str) -> Iterator[dict]:
    """Every row of a list, page by page."""
    query = {**parameters, "limit": "100"}
    while True:
        answer = session.get(f"{path}?{urllib.parse.urlencode(query)}")
        if answer.status != 200:
            raise Unexpected(f"GET {path} {query} was answered {answer.status}: {answer.body}")
        yield from answer.body["data"]
        cursor = answer.body["pagination"]["next"]
        if cursor is None:
            return
        query["cursor"] = cursor


def wait_for_read_models(driver: Driver) -> None:
    """Read models never go back, so once each connection's last token is reached in each of them,
    all reads see all.
    """
    for session in driver.sessions:
        for path in (
            "/v1/orders",
            "/v1/reports/sales?by=sku",
            "/v1/reports/sales?by=department",
            "/v1/reports/sales?by=day",
        ):
            answer = session.get(path)
            if answer.status != 200:
                raise Unexpected(f"GET {path} was answered {answer.status}: {answer.body}")


@dataclass
class Orders:
    """All orders of all households, as the shop lists them. By basket; an order that we never
    placed stands under its own id, and one that is listed twice has a list of totals, so both are
    differences.
    """

    totals: dict = field(default_factory=dict)  # cents
    methods: dict = field(default_factory=dict)
    outcomes: dict = field(default_factory=dict)  # the status, or why it was rejected
    of_household: dict[int, int] = field(default_factory=dict)
    revenue: dict[int, int] = field(default_factory=dict)  # cents, by household


def compare_all(driver: Driver, orders: Orders, truth: Truth) -> list[Comparison]:
    driven = driver.driven
    skus, departments, days = (
        read_sales(driver.sessions[0], by) for by in ("sku", "department", "day")
    )
    return [
        compare(
            "refused: lines and whole baskets",
            {"lines": truth.bad_lines, "baskets": truth.empty_baskets},
            {"lines": driven.bad_lines, "baskets": driven.empty_baskets},
        ),
        compare("total of each order", truth.baskets, orders.totals),
        compare("orders per household", truth.household_orders, orders.of_household),
        compare("revenue per household", truth.household_revenue, orders.revenue),
        compare("orders, units, revenue per sku", truth.skus, skus),
        compare("orders, units, revenue per department", truth.departments, departments),
        compare(
            "all days together",
            {"all": truth.total} if truth.total != NOTHING else {},
            {"all": added(days)} if days else {},
        ),
    ]


def read_orders(driver: Driver) -> Orders:
    """From each household's list of orders."""
    driven, orders = driver.driven, Orders()

    def read(session: Session, household: int) -> None:
        totals = []
        for order in pages(session, "/v1/orders", account_id=driven.account_ids[household]):
            cents = euro_cents(order["total"])
            totals.append(cents)
            basket = driven.order_ids.get(order["id"], order["id"])
            again = basket in orders.totals
            orders.totals[basket] = [orders.totals[basket], cents] if again else cents
            orders.methods[basket] = order["payment"]["method"]
            orders.outcomes[basket] = order["reason"] or order["status"]
        orders.of_household[household] = len(totals)
        orders.revenue[household] = sum(totals)

    driver.phase("comparing", sorted(driven.account_ids), read)
    return orders


def read_sales(session: Session, by: str) -> dict:
    sales: dict = {}
    for row in pages(session, "/v1/reports/sales", by=by):
        if row[by] in sales:
            raise Unexpected(f"the report by {by} has two rows for {row[by]}")
        sales[row[by]] = (row["orders"], row["units"], euro_cents(row["revenue"]))
    return sales


def added(days: dict) -> tuple[int, int, int]:
    return tuple(sum(values) for values in zip(*days.values()))


def euro_cents(money: dict) -> int:
    if money["currency"] != CURRENCY:
        raise Unexpected(f"money in {money['currency']}, all prices were in {CURRENCY}")
    return money["amount"]


def table(comparisons: list[Comparison]) -> str:
    width = max(len(c.name) for c in comparisons)
    lines = [f"{'compared with the truth':<{width}}  {'values':>8}  {'different':>9}"]
    for c in comparisons:
        lines.append(f"{c.name:<{width}}  {c.compared:>8}  {c.differences:>9}")
        if c.first:
            lines.append(f"    first: {c.first}")
    return "\n".join(lines)
