"""Baskets as people buy them: the first of bench/retail's year, or, where that cannot be fetched,
made ones with as many lines. What is dirty in the data is left out, so that each of them can be
checked out.
"""

import pathlib
import random
import sys
from dataclasses import dataclass

QUANTITY_MAX = 100_000  # that a line may have
MADE_PRODUCTS = 6_000
# How many lines the baskets of the year have: the middle of each fortieth of them, but for the
# last, which makes the mean right (9.4).
MADE_LINES = (
    1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4,
    5, 5, 6, 6, 7, 8, 8, 9, 10, 11, 12, 14, 15, 17, 20, 23, 26, 32, 39, 62,
)  # fmt: skip


@dataclass(frozen=True)
class Baskets:
    kind: str
    products: list[dict]  # as they are posted
    lines: list[list[dict]]  # of each basket


def take(root: pathlib.Path, count: int) -> Baskets:
    try:
        return real(root, count)
    except (ImportError, OSError, RuntimeError) as failure:
        print(f"made baskets instead of real ones: {failure}", file=sys.stderr, flush=True)
        return made(count)


def real(root: pathlib.Path, count: int) -> Baskets:
    from bench.retail import raw, shop  # here: they need a package that may be missing

    goods = shop.build(raw.Raw(raw.fetch(root / "build" / "retail-data")), count)
    lines = [
        [
            {"sku": sku, "quantity": quantity}
            for sku, quantity in basket.lines
            if 0 < quantity <= QUANTITY_MAX
        ]
        for basket in goods.baskets
    ]
    products = [product.body() for product in goods.products]
    return Baskets("real", products, [some for some in lines if some])


def made(count: int) -> Baskets:
    chance = random.Random(4)
    skus = [f"made-{number}" for number in range(MADE_PRODUCTS)]
    price = {"amount": 250, "currency": "EUR"}
    return Baskets(
        "made",
        [{"sku": sku, "title": sku, "price": price} for sku in skus],
        [
            [{"sku": sku, "quantity": 1} for sku in chance.sample(skus, chance.choice(MADE_LINES))]
            for _ in range(count)
        ],
    )
