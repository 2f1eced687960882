// For tests: a shop with orders in several places of their lives, and words for what is asked of
// them.
#pragma once

#include <gtest/gtest.h>

#include "commands/bindings.h"
#include "commands/shop_rig.h"

namespace skald::commands {

using eventstore::Answer;
using eventstore::AnswerKind;
using eventstore::Version;
using kernel::Portion;
using kernel::Sku;

inline std::vector<Portion> portions(
    const std::vector<std::pair<std::string, std::int64_t>>& units) {
    std::vector<Portion> portions;
    for (const auto& [sku, quantity] : units)
        portions.push_back({Sku(sku), kernel::Quantity::of(quantity)});
    return portions;
}

// A shop with an order of 2 x tea at 1 EUR, 3 x pot at 2.50 EUR and 1 x song at 5 EUR, which is
// nothing to carry: confirmed, authorised and captured, 14.50 EUR. `song` is another order, of one
// song; `fresh` is one of tea that is only placed; `gone` is one of tea that has shipped.
class Sold : public ShopRig {
  public:
    Sold() {
        create("tea", 100);
        create("pot", 250);
        executor.run(create_product(context(), {.sku = Sku("song"),
                                                .title = "Song",
                                                .department = std::nullopt,
                                                .category = std::nullopt,
                                                .brand = std::nullopt,
                                                .price = euro(500),
                                                .ships = false}));
        account = std::string(enroll("ada@example.org").stream.id());
        order = placed({{"tea", 2}, {"pot", 3}, {"song", 1}});
        payment = kernel::numbered_id<kernel::PaymentId>(order, 1);
        confirm(order);
        pay(payment::Initiate{order, euro(1450), "card-ok"});
        pay(payment::RecordAuthorised{"ref", kernel::Timestamp(4'000'000'000'000'000), euro(1450)});
        pay(payment::RequestCapture{euro(1450)});
        pay(payment::RecordCaptured{euro(1450), "captured"});
        song = placed({{"song", 1}});
        confirm(song);
        fresh = placed({{"tea", 1}});
        gone = placed({{"tea", 1}});
        confirm(gone);
        ship_of(gone);
    }

    kernel::OrderId placed(const std::vector<std::pair<std::string, std::int64_t>>& lines) {
        return kernel::OrderId(std::string(place(account, lines).stream.id()));
    }
    template <class Binding, class Wanted>
    void decide_on(const eventstore::StreamName& stream, const Wanted& wanted) {
        const auto context = ShopRig::context();
        auto command = command_of(context);
        command.streams = {stream};
        command.decide = [context, wanted](const eventstore::States& states) {
            return decided<Binding>(decide(states.get<typename Binding::State>(0), wanted), context,
                                    [](const auto& refusal) { return explain(refusal); });
        };
        const auto answer = executor.run(command);
        EXPECT_EQ(answer.kind, AnswerKind::done) << answer.refusal.code;
    }
    void confirm(const kernel::OrderId& id) {
        decide_on<OrderBinding>(
            order_stream(id),
            order::Command(order::Confirm{kernel::numbered_id<kernel::PaymentId>(id, 1)}));
    }
    void pay(const payment::Command& wanted) {
        decide_on<PaymentBinding>(payment_stream(payment), wanted);
    }

    std::future<Answer> ship_later(eventstore::Executor& by, const CommandContext& context,
                                   ShipmentRequest request) const {
        auto promise = std::make_shared<std::promise<Answer>>();
        create_shipment(by, context, order, std::move(request),
                        [promise](const Answer& answer) { promise->set_value(answer); });
        return promise->get_future();
    }
    Answer ship(ShipmentRequest request = {}, const CommandContext& context = ShopRig::context()) {
        return ship_later(executor, context, std::move(request)).get();
    }
    Answer ship_of(const kernel::OrderId& other, const ShipmentRequest& request = {}) {
        const auto kept = std::exchange(order, other);
        auto answer = ship(request);
        order = kept;
        return answer;
    }
    Answer cancel(const kernel::OrderId& id, const std::string& reason = "changed my mind") {
        return executor.run(request_cancellation(context(), id, reason));
    }
    Answer take_back(const std::vector<std::pair<std::string, std::int64_t>>& units,
                     const std::string& idempotency_key = {}) {
        return executor.run(
            record_return(context(idempotency_key), order, portions(units), std::nullopt));
    }
    Answer refund(kernel::Money amount, const std::string& reason = "kindness",
                  const std::string& idempotency_key = {}) {
        return executor.run(request_refund(context(idempotency_key), payment, amount, reason));
    }
    order::State order_now() { return state<OrderBinding>(order_stream(order)); }
    std::string shipment(int n) const { return order.value() + "." + std::to_string(n); }

    std::string account;
    kernel::OrderId order, song, fresh, gone;
    kernel::PaymentId payment;
};

}  // namespace skald::commands
