// A product as the statements of this folder return it. Pure.
#pragma once

#include "projections/products/queries.h"

namespace skald::projections::products {

// From a row of find_product.sql, list_products.sql or changed_products.sql.
Product product_in(const pq::Rows& rows, int row);

}  // namespace skald::projections::products
