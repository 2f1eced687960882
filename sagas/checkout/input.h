// What a checkout needs to know of its order, frozen when it starts: JSON in the saga's first
// event.
#pragma once

#include <string>
#include <vector>

#include "domain/kernel/money.h"
#include "domain/kernel/portion.h"
#include "domain/order/order.h"

namespace skald::sagas {

struct CheckoutInput {
    std::vector<kernel::Portion> lines;
    kernel::Money amount;
    std::string method;
    bool ships = true;  // something has to be carried to the customer
};

std::string encode(const CheckoutInput& input);
// Throws std::runtime_error when it is none.
CheckoutInput decode_checkout_input(const std::string& text);
CheckoutInput input_of(const order::Placed& placed);

}  // namespace skald::sagas
