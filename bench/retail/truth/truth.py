"""What the shop must answer after the first N baskets, computed in SQL straight from the raw data.

Shares nothing with shop.py or drive.py, so that a mistake there cannot hide here. Used from one
thread.
"""

import pathlib
from dataclasses import dataclass

import duckdb

HERE = pathlib.Path(__file__).resolve().parent


@dataclass(frozen=True)
class Truth:
    """Money in cents. Sales are (orders, units, cents)."""

    baskets: dict[int, int]  # what each order costs
    household_orders: dict[int, int]
    household_revenue: dict[int, int]
    skus: dict[str, tuple[int, int, int]]
    departments: dict[str | None, tuple[int, int, int]]
    total: tuple[int, int, int]
    methods: dict[int, str]  # how each order is paid
    outcomes: dict[int, frozenset[str]]  # confirmed, or reasons to reject it; any of them is right
    pieces: dict[int, dict[str, int]]  # of each order, by sku
    supply: dict[str, int]  # pieces delivered of each sku
    bad_lines: int
    empty_baskets: int


def compute(folder: pathlib.Path, count: int) -> Truth:
    """`folder` holds transactions.parquet and products.parquet."""
    with duckdb.connect() as db:
        for table in ("transactions", "products"):
            path = str(folder / f"{table}.parquet").replace("'", "''")
            db.execute(f"CREATE VIEW {table} AS FROM read_parquet('{path}')")
        db.execute(_sql("prices"))
        db.execute(_sql("pieces"), [count])
        db.execute(_sql("sold"))
        db.execute(_sql("methods"))
        db.execute(_sql("supply"))

        def rows(name: str) -> list[tuple]:
            return db.execute(_sql(name)).fetchall()

        orders, units, cents, bad_lines, empty_baskets = rows("totals")[0]
        households = rows("households")
        pieces: dict[int, dict[str, int]] = {}
        for basket, sku, count_of in db.execute(
            "SELECT basket_id, product_id::VARCHAR, pieces FROM sold"
        ).fetchall():
            pieces.setdefault(basket, {})[sku] = count_of
        return Truth(
            baskets=dict(rows("orders")),
            household_orders={household: orders for household, orders, _ in households},
            household_revenue={household: revenue for household, _, revenue in households},
            skus={sku: tuple(sales) for sku, *sales in rows("skus")},
            departments={name: tuple(sales) for name, *sales in rows("departments")},
            total=(orders, units, cents),
            methods=dict(db.execute("SELECT basket_id, method FROM methods").fetchall()),
            outcomes={basket: frozenset(any_of) for basket, any_of in rows("outcomes")},
            pieces=pieces,
            supply=dict(
                db.execute("SELECT product_id::VARCHAR, pieces FROM supply").fetchall()
            ),
            bad_lines=bad_lines,
            empty_baskets=empty_baskets,
        )


def _sql(name: str) -> str:
    return (HERE / f"{name}.sql").read_text()
