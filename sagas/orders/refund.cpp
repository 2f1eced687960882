#include "sagas/orders/refund.h"

#include "commands/aggregate.h"
#include "commands/bindings.h"
#include "commands/orders.h"
#include "commands/payments.h"
#include "sagas/shop/parts.h"
#include "sagas/shop/shop_companions.h"

namespace skald::sagas {
namespace {

using namespace std::chrono_literals;

constexpr Step steps[] = {
    {.name = "prepare",
     .kind = StepKind::local,
     .then = "refund",
     .undo = Undo::nothing,
     .otherwise = Otherwise::stick},
    // Money owed is not given up because the provider is away for a while, or says no.
    {.name = "refund",
     .kind = StepKind::call,
     .last = true,
     .otherwise = Otherwise::stick,
     .pivot = true,
     .deadline = 7 * 24h,
     .attempt = 5s},
};
constexpr Definition version_1 = verified<steps>("refund", 1, 30 * 24h);

std::string encode(const RefundInput& input) {
    nlohmann::ordered_json json;
    json["order"] = input.order.value();
    json["refund"] = input.id.value();
    put(json, input.amount);
    json["reason"] = input.reason;
    return json.dump();
}

RefundInput decode(const std::string& text) {
    const auto json = nlohmann::json::parse(text);
    return {kernel::OrderId(json.at("order").get<std::string>()),
            kernel::RefundId(json.at("refund").get<std::string>()), money_of(json),
            json.at("reason").get<std::string>()};
}

class RefundCompanions : public ShopCompanions {
  public:
    using ShopCompanions::ShopCompanions;

    Taken take(const saga::State& saga, const Happening& what) override {
        const auto input = decode(saga.input);
        // Whoever asked for it waits for it also where it was never tried.
        const bool forgone = by_operator(what.moment) && what.moment != Moment::skipped;
        if (what.step == "prepare" && !forgone)
            return what.moment == Moment::act ? authorisation_taken() : Taken();
        return refund(what, input.id, input.amount, input.reason);
    }
};

class Refund : public Process {
  public:
    const Definition& definition() const override { return version_1; }
    std::vector<eventstore::StreamName> companion_streams(
        const std::string& subject) const override {
        const auto order = order_of(subject);
        return {commands::order_stream(order),
                commands::payment_stream(commands::payment_of(order))};
    }
    std::unique_ptr<Companions> companions(const eventstore::States& states,
                                           std::size_t first) const override {
        return std::make_unique<RefundCompanions>(states.get<order::State>(first),
                                                  states.get<payment::State>(first + 1));
    }
};

}  // namespace

std::string refund_subject(const kernel::OrderId& order, const kernel::RefundId& id) {
    return commands::payment_of(order).value() + "." + id.value();
}

Process::Child refund_child(const RefundInput& input) {
    return {"refund", refund_subject(input.order, input.id), encode(input)};
}

std::shared_ptr<const Process> refund() { return std::make_shared<Refund>(); }

std::vector<Hearing> refund_ears(const eventstore::StoredEvent& event) {
    if (event.type != "payment.refund_requested") return {};
    const auto read = commands::event_of<commands::PaymentBinding>(event);
    const auto& requested = std::get<payment::RefundRequested>(read);
    auto child = refund_child(
        {order_of(event.stream.id()), requested.refund_id, requested.amount, requested.reason});
    return {{child.saga, child.subject, Start{child.subject, child.input, {}}}};
}

PaymentCall refund_call(const saga::State& saga, std::string_view, bool) {
    const auto input = decode(saga.input);
    return {.operation = PaymentOperation::refund,
            .key = {},
            .order = input.order,
            .amount = input.amount,
            .method = {},
            .authorisation = saga.find("prepare")->reference};
}

}  // namespace skald::sagas
