"""Turns the raw data into what a shop is told: accounts, products, stock receipts and orders.

Everything here is decided by the data set alone, never by how many baskets are driven (only which
of it is driven), so that a second run, longer or shorter, sends the same bodies under the same
keys. Pure; used from one thread.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from statistics import median_high, median_low

from bench.retail.raw import Raw

CURRENCY = "EUR"  # the shop's; the data's amounts are dollars, and only the digits are taken over


@dataclass(frozen=True)
class Account:
    household: int

    def body(self) -> dict:
        return {
            "email": f"household-{self.household}@example.org",
            "name": f"Household {self.household}",
        }


@dataclass(frozen=True)
class Product:
    sku: str
    title: str
    labels: tuple[tuple[str, str], ...]  # department, category, brand: those that are known
    price: int  # cents

    def body(self) -> dict:
        return {
            "sku": self.sku,
            "title": self.title,
            **dict(self.labels),
            "price": {"amount": self.price, "currency": CURRENCY},
        }


@dataclass(frozen=True)
class Receipt:
    sku: str
    quantity: int

    def body(self) -> dict:
        return {"quantity": self.quantity, "reference": "the year's delivery"}


@dataclass(frozen=True)
class Basket:
    basket: int
    household: int
    lines: tuple[tuple[str, int], ...]  # (sku, quantity), one per sku, as dirty as they came

    def body(self, account_id: str, without: frozenset[int] = frozenset()) -> dict:
        lines = [
            {"sku": sku, "quantity": quantity}
            for index, (sku, quantity) in enumerate(self.lines)
            if index not in without
        ]
        payment = {"method": method_of(self.basket)}
        return {"account_id": account_id, "lines": lines, "payment": payment}


@dataclass
class Shop:
    accounts: list[Account] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    baskets: list[Basket] = field(default_factory=list)


def build(raw: Raw, count: int) -> Shop:
    """The first `count` baskets by time, and the accounts, products and receipts that they need."""
    baskets = baskets_of(raw.first_baskets(count))
    ids = sorted({int(sku) for basket in baskets for sku, _ in basket.lines})
    prices, units = prices_and_units(raw.lines_of(ids))
    described = {row[0]: row[1:] for row in raw.descriptions_of(ids)}
    return Shop(
        accounts=[Account(household) for household in sorted({b.household for b in baskets})],
        products=[product(number, described.get(number), prices[number]) for number in ids],
        receipts=[Receipt(str(number), supply_of(number, units[number])) for number in ids],
        baskets=baskets,
    )


def baskets_of(lines: list[tuple]) -> list[Basket]:
    """One basket per basket id, in the order given; the lines of one sku are added up."""
    households: dict[int, int] = {}
    quantities: dict[int, dict[str, int]] = {}
    for basket, household, number, quantity in lines:
        households[basket] = household
        of_basket = quantities.setdefault(basket, {})
        of_basket[str(number)] = of_basket.get(str(number), 0) + quantity
    return [
        Basket(basket, households[basket], tuple(by_sku.items()))
        for basket, by_sku in quantities.items()
    ]


def prices_and_units(lines: list[tuple]) -> tuple[dict[int, int], dict[int, int]]:
    """Per product: its price in cents, and how many were bought in the year."""
    seen: dict[int, list[int]] = defaultdict(list)
    units: dict[int, int] = defaultdict(int)
    for number, quantity, value in lines:
        units[number] += quantity
        seen[number]  # a product that was only ever bought zero times has a price too
        if quantity > 0:
            seen[number].append(unit_price(cents(value), quantity))
    return {number: price_of(prices) for number, prices in seen.items()}, units


def supply_of(number: int, bought: int) -> int:
    """A year's supply; of the scarce products a hundredth of it, so that orders contend for them.
    At least one piece.
    """
    scarce = number % 50 == 7
    return max(1, bought // 100 if scarce else bought)


def method_of(basket: int) -> str:
    """Most cards are good. Those that make the provider slow are so few that the others need not
    wait for them.
    """
    rare = {9: "card-slow", 33: "card-timeout", 47: "card-error"}
    now_and_then = {4: "card-declined", 11: "card-flaky"}
    return rare.get(basket % 500) or now_and_then.get(basket % 25, "card-ok")


def cents(value: float) -> int:
    """An amount such as 1.99 as the 199 cents that it stands for."""
    return int((Decimal(repr(value)) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def unit_price(value: int, quantity: int) -> int:
    """Whole cents for one piece, halves rounded up."""
    return (2 * value + quantity) // (2 * quantity)


def price_of(prices: list[int]) -> int:
    """The median (between two: their mean, half a cent rounded up), at least 1: nothing is given
    away.
    """
    if not prices:
        return 1
    return max(1, (median_low(prices) + median_high(prices) + 1) // 2)


def product(number: int, description: tuple | None, price: int) -> Product:
    """A product as the shop shows it. A label that is missing or blank is left out."""
    department, category, brand, kind, size = (
        text.strip() if text else "" for text in description or [None] * 5
    )
    title = kind or category or department or f"Product {number}"
    known = {"department": department, "category": category, "brand": brand}
    return Product(
        str(number),
        f"{title}, {size}" if size else title,
        tuple((name, text) for name, text in known.items() if text),
        price,
    )
