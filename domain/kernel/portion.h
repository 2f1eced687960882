// So many units of one sku: the lines of a shipment, a return or a cart. Pure.
#pragma once

#include <cstddef>
#include <ostream>

#include "domain/kernel/ids.h"
#include "domain/kernel/quantity.h"

namespace skald::kernel {

struct Portion {
    Sku sku;
    Quantity quantity;

    friend bool operator==(const Portion&, const Portion&) = default;
    friend std::ostream& operator<<(std::ostream& out, const Portion& portion) {
        return out << portion.quantity << " x " << portion.sku;
    }
};

// Of an order, and so of whatever becomes one or is a part of one.
inline constexpr std::size_t portions_max = 1000;
inline constexpr Quantity portion_quantity_max = 100'000;

}  // namespace skald::kernel
