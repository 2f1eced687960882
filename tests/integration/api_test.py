#!/usr/bin/env python3
"""The REST interface from the outside: all suites against one running `skald serve`. Words on the
command line choose tests by their names; -v lists them."""

import sys

import api_accounts_suite as accounts
import api_documents_suite as documents
import api_idempotency_suite as idempotency
import api_lists_suite as lists
import api_ops_suite as ops
import api_order_life_suite as order_life
import api_orders_suite as orders
import api_processes_suite as processes
import api_products_suite as products
import api_sagas_suite as sagas
import api_validation_suite as validation
from api_harness import main

SUITES = [
    validation.Validation,
    documents.Documents,
    documents.Parameters,
    products.Products,
    products.Stock,
    products.Conditions,
    accounts.Accounts,
    orders.Orders,
    order_life.OrderLife,
    orders.Reports,
    lists.Lists,
    lists.Cursors,
    lists.Tokens,
    idempotency.Idempotency,
    idempotency.Outcomes,
    ops.Ops,
    ops.OpenApi,
    ops.Protocol,
    sagas.Sagas,
    processes.TwoProcesses,
    processes.Parked,
]

if __name__ == "__main__":
    sys.exit(main(SUITES))
