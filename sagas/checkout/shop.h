// For tests of the checkout: an order and its payment, as a search or a course keeps them, and what
// must never be of them.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "domain/kernel/enum_name.h"
#include "sagas/checkout/companions.h"
#include "sagas/engine/search/moves.h"

namespace skald::sagas::testing {

using kernel::name_of;

inline constexpr kernel::Currency euro{"EUR"};

struct Shop {
    order::State order;
    payment::State payment;
};

inline order::Placed placed(int lines, bool ships) {
    order::Placed order{kernel::AccountId("ann"),
                        {},
                        {0, euro},
                        "card-ok",
                        kernel::Timestamp(1'700'000'000'000'000)};
    for (int i = 0; i < lines; ++i) {
        order.lines.push_back({kernel::Sku("S" + std::to_string(i)),
                               "Thing",
                               {},
                               1,
                               {100, euro},
                               {100, euro},
                               ships});
        order.total.amount += 100;
    }
    return order;
}

inline std::string shop_key(const std::any& beside) {
    const auto& shop = *std::any_cast<std::shared_ptr<const Shop>>(beside);
    return std::string(name_of(shop.order.status)) + "/" +
           std::string(name_of(shop.payment.authorisation)) + "/" +
           std::to_string(shop.payment.captured.amount) + std::to_string(shop.payment.voiding) +
           std::to_string(shop.payment.capturing.has_value()) +
           std::to_string(shop.payment.unknown.size()) + ";";
}

// An order never says what its money and its saga do not bear out.
inline std::string shop_fault(const std::any& beside, saga::Phase phase) {
    const auto& shop = *std::any_cast<std::shared_ptr<const Shop>>(beside);
    using order::Status;
    using payment::Authorisation;
    const auto status = shop.order.status;
    if ((status == Status::confirmed || status == Status::completed) &&
        shop.payment.authorisation != Authorisation::authorised)
        return "confirmed without money";
    if (phase == saga::Phase::undone && status != Status::rejected && status != Status::cancelled)
        return "undone, and the order is " + std::string(name_of(status));
    if (phase == saga::Phase::undone && shop.payment.authorisation == Authorisation::authorised)
        return "undone, and the payment is authorised";
    if (phase == saga::Phase::completed && status != Status::confirmed &&
        status != Status::completed && status != Status::cancelling)
        return "complete, and the order is " + std::string(name_of(status));
    if (status == Status::completed && shop.payment.captured != shop.order.total)
        return "completed, and the money is not taken";
    return {};
}

inline Beside shop_of(const order::Placed& placed) {
    Beside beside;
    beside.first = std::make_shared<const Shop>(Shop{order::evolve({}, placed), payment::State{}});
    beside.open = [](const std::any& now) -> std::unique_ptr<Companions> {
        const auto& shop = *std::any_cast<std::shared_ptr<const Shop>>(now);
        return std::make_unique<CheckoutCompanions>(shop.order, shop.payment);
    };
    beside.close = [](const Companions& companions) -> std::any {
        const auto& real = dynamic_cast<const CheckoutCompanions&>(companions);
        return std::make_shared<const Shop>(Shop{real.order, real.payment});
    };
    beside.key = shop_key;
    beside.fault = shop_fault;
    // A customer asks for the order to be cancelled; the saga hears of it later, or never.
    beside.outside = [](const std::any& now) {
        const auto& shop = *std::any_cast<std::shared_ptr<const Shop>>(now);
        std::vector<std::pair<std::string, std::any>> steps;
        const auto decision = order::decide(
            shop.order, order::RequestCancel{"changed my mind", shop.order.placed_at});
        if (decision && !decision->empty() && shop.order.status == order::Status::pending) {
            auto next = shop;
            for (const auto& event : *decision) order::apply(next.order, event);
            steps.emplace_back("customer_cancels", std::make_shared<const Shop>(std::move(next)));
        }
        return steps;
    };
    return beside;
}

}  // namespace skald::sagas::testing
