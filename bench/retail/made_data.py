"""A small data set in the published form, with every kind of dirt, for tests."""

import pathlib

import duckdb

# basket, household, time, product, quantity, sales value
LINES = [
    (11, 1, "2017-01-01 10:00:00", 100, 2, 3.98),
    (11, 1, "2017-01-01 10:00:00", 200, 1, 0.50),
    (12, 2, "2017-01-01 09:00:00", 100, 1, 2.05),
    (12, 2, "2017-01-01 09:00:00", 100, 1, 1.99),  # one sku twice
    (12, 2, "2017-01-01 09:00:00", 300, 0, 0.00),  # bought zero times, and in no other basket
    (13, 1, "2017-01-01 10:00:00", 300, 0, 0.00),  # nothing left; the same second as basket 11
    (14, 3, "2017-01-02 08:00:00", 400, 100000, 0.01),  # as many as can be sold
    (14, 3, "2017-01-02 08:00:00", 500, 100001, 5.00),  # one too many
    (15, 4, "2017-01-02 09:00:00", 600, 60000, 6.00),  # too many only when added up
    (15, 4, "2017-01-02 09:00:00", 600, 60000, 6.00),
    (15, 4, "2017-01-02 09:00:00", 200, 0, 0.00),
    (15, 4, "2017-01-02 09:00:00", 200, 3, 1.53),  # the zero goes under in the sum
    (16, 2, "2017-01-03 09:00:00", 700, 2, 0.07),  # described nowhere
]

# product, department, category, brand, type, size
PRODUCTS = [
    (100, "GROCERY", "MILK", "National", "FLUID MILK", "1 LT"),
    (200, "GROCERY", None, "Private", None, None),
    (300, "DRUG GM", "CANDY", "National", "CANDY BARS", None),
    (400, "FUEL", "GAS", "National", "GASOLINE", None),
    (500, "FUEL", "GAS", "National", "DIESEL", None),
    (600, " ", "", None, None, None),
]


def write(folder: pathlib.Path, lines: list[tuple] = LINES) -> pathlib.Path:
    """transactions.parquet and products.parquet in `folder`."""
    db = duckdb.connect()
    db.execute("""CREATE TABLE transactions (basket_id BIGINT, household_id BIGINT,
           transaction_timestamp TIMESTAMP, product_id BIGINT, quantity BIGINT,
           sales_value DOUBLE)""")
    db.execute(
        """CREATE TABLE products (product_id BIGINT, department VARCHAR, product_category VARCHAR,
           brand VARCHAR, product_type VARCHAR, package_size VARCHAR)"""
    )
    db.executemany("INSERT INTO transactions VALUES (?, ?, ?, ?, ?, ?)", lines)
    db.executemany("INSERT INTO products VALUES (?, ?, ?, ?, ?, ?)", PRODUCTS)
    for table in ("transactions", "products"):
        db.execute(f"COPY {table} TO '{folder / table}.parquet' (FORMAT parquet)")
    db.close()
    return folder
