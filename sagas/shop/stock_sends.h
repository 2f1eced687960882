// Commands that a saga sends to stock items.
#pragma once

#include <string>

#include "domain/stock/stock.h"
#include "sagas/engine/process.h"

namespace skald::sagas {

// Refusals carry the stock's own code behind "stock_".
Send to_stock(const kernel::Sku& sku, stock::Command command, const std::string& meta);

}  // namespace skald::sagas
