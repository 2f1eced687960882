#include "sagas/orders/rest_cancellation.h"

#include <algorithm>

#include "commands/aggregate.h"
#include "commands/bindings.h"
#include "commands/orders.h"
#include "commands/payments.h"
#include "sagas/checkout/checkout.h"
#include "sagas/orders/fulfilment.h"
#include "sagas/orders/refund.h"
#include "sagas/shop/parts.h"
#include "sagas/shop/shop_companions.h"
#include "sagas/shop/stock_sends.h"

namespace skald::sagas {
namespace {

using namespace std::chrono_literals;

constexpr Resources rest_goods = 1;  // the stock of what is not going to ship

constexpr Step steps[] = {
    // The order says already that the rest is cancelled: that is not taken back.
    {.name = "look",
     .kind = StepKind::local,
     .then = "shipment_over",
     .otherwise = Otherwise::stick,
     .pivot = true,
     .acquires = rest_goods},
    {.name = "shipment_over",
     .kind = StepKind::wait,
     .then = "settle",
     .otherwise = Otherwise::stick,
     .skippable = true,
     .deadline = 7 * 24h,
     .signal = "shipment_over"},
    {.name = "settle",
     .kind = StepKind::local,
     .then = "free_goods",
     .otherwise = Otherwise::stick},
    // First, since nobody outside can keep it up.
    {.name = "free_goods",
     .kind = StepKind::commands,
     .then = "give_up",
     .otherwise = Otherwise::stick,
     .deadline = 24h,
     .settles = rest_goods},
    {.name = "give_up",
     .kind = StepKind::call,
     .then = "refund",
     .otherwise = Otherwise::stick,
     .skippable = true,
     .deadline = 24h,
     .attempt = 5s},
    {.name = "refund",
     .kind = StepKind::child,
     .then = "close",
     .otherwise = Otherwise::stick,
     .skippable = true,
     .deadline = 10 * 24h,
     .signal = "refund"},
    {.name = "close", .kind = StepKind::local, .last = true, .otherwise = Otherwise::stick},
};
constexpr Definition version_1 = verified<steps>("rest_cancellation", 1, 30 * 24h);

constexpr const char* shipment_is_over = "over";
constexpr const char* refund_reason = "rest of the order cancelled";

struct Goods {
    std::int32_t line = 0;  // of the order, from 0
    kernel::Portion units;
};

// What `settle` found.
struct Found {
    MoneyNote money;       // promised and not taken; of amount 0: nothing
    kernel::Money refund;  // of what was taken for the rest
    std::vector<Goods> goods;
};

std::string encode(const Found& found) {
    nlohmann::ordered_json json;
    json["money"] = encode(found.money);
    put(json["refund"], found.refund);
    json["goods"] = nlohmann::ordered_json::array();
    for (const auto& [line, units] : found.goods) {
        json["goods"].push_back(
            {{"line", line}, {"sku", units.sku.value()}, {"quantity", units.quantity.value()}});
    }
    return json.dump();
}

Found found_by(const saga::State& saga) {
    const auto json = nlohmann::json::parse(saga.find("settle")->reference);
    Found found{
        decode_money_note(json.at("money").get<std::string>()), money_of(json.at("refund")), {}};
    const auto units = portions_of(json.at("goods"));
    for (std::size_t i = 0; i < units.size(); ++i)
        found.goods.push_back({json.at("goods").at(i).at("line").get<std::int32_t>(), units[i]});
    return found;
}

class RestCompanions : public ShopCompanions {
  public:
    // `shipments`: their sagas, of all that the order had.
    RestCompanions(order::State order_now, payment::State payment_now, saga::State refund,
                   std::vector<saga::State> shipments)
        : ShopCompanions(std::move(order_now), std::move(payment_now)),
          refund_(std::move(refund)),
          shipments_(std::move(shipments)) {}

    Taken take(const saga::State&, const Happening& what) override {
        if (what.step == "give_up") {
            if (auto told = void_rest(what); !told) return told;
        }
        const bool nobody_asks = what.moment == Moment::abandoned ||
                                 (what.moment == Moment::skipped && what.step == "refund");
        if (nobody_asks && !refund_.exists) {
            if (auto told = ask_for_refund(); !told) return told;
        }
        // The customer is not left waiting.
        if (what.moment == Moment::abandoned) return complete_if_over();
        if (what.moment != Moment::act) return {};
        if (what.step == "look") return over(shipments_.back()) ? shipment_is_over : "";
        if (what.step == "settle") return settle();
        return complete_if_over();
    }

    std::vector<std::vector<eventstore::NewEvent>> events(const std::string& meta) const override {
        auto events = ShopCompanions::events(meta);
        events.resize(events.size() + 1 + shipments_.size());  // the other sagas are only read
        return events;
    }

  private:
    static bool over(const saga::State& saga) { return saga.exists && saga::ended(saga.phase); }

    Taken settle() const {
        // An operator may have had a shipment go ahead of the one before it, whose money is still
        // to come.
        if (!std::all_of(shipments_.begin(), shipments_.end() - 1, over))
            return unexpected(std::string("earlier_shipment_open"));
        const kernel::Money none{0, order.total.currency};
        Found found{{{}, none}, order.refund_due.value_or(none), {}};
        if (auto promise = authorisation()) {
            found.money = {*std::move(promise), payment.authorised};
            found.money.amount.amount -= payment.captured.amount;
        }
        for (std::size_t i = 0; i < order.lines.size(); ++i) {
            const auto units = order.progress[i].cancelled;
            if (units > 0)
                found.goods.push_back({static_cast<std::int32_t>(i), {order.lines[i].sku, units}});
        }
        return encode(found);
    }

    // Where an operator went past the waiting, the money of a shipment may be on its way in. One
    // that is stuck has been looked at.
    Taken void_rest(const Happening& what) {
        const auto& last = shipments_.back();
        const bool goes_on = !over(last) && last.phase != saga::Phase::stuck;
        if (what.moment == Moment::attempt_started && (payment.capturing || goes_on))
            return unexpected(std::string(not_now));
        return give_up(what);
    }

    // The order says that it is due. Asked for here, it has a saga of its own.
    Taken ask_for_refund() {
        auto due = order.refund_due.value_or(kernel::Money{0, order.total.currency});
        due.amount = std::min(due.amount, payment.captured.amount - payment.refunding.amount -
                                              payment.refunded.amount);
        if (due.amount <= 0 || payment.refunds.contains(commands::rest_refund)) return {};
        return tell(payment::RequestRefund{commands::rest_refund, due, refund_reason});
    }

    const saga::State refund_;
    const std::vector<saga::State> shipments_;  // the last one is waited for
};

class RestCancellation : public Process {
  public:
    const Definition& definition() const override { return version_1; }
    std::vector<eventstore::StreamName> companion_streams(
        const std::string& subject) const override {
        const auto order = order_of(subject);
        std::vector streams{commands::order_stream(order),
                            commands::payment_stream(commands::payment_of(order)),
                            saga_stream("refund", refund_subject(order, commands::rest_refund))};
        std::ranges::move(shipments_up_to(subject), std::back_inserter(streams));
        return streams;
    }
    std::unique_ptr<Companions> companions(const eventstore::States& states,
                                           std::size_t first) const override {
        std::vector shipments{states.get<saga::State>(first + 3)};
        for (auto i = first + 4; i < states.size(); ++i)
            shipments.push_back(states.get<saga::State>(i));
        return std::make_unique<RestCompanions>(
            states.get<order::State>(first), states.get<payment::State>(first + 1),
            states.get<saga::State>(first + 2), std::move(shipments));
    }
    bool skips(const saga::State& saga, std::string_view step) const override {
        if (step == "shipment_over") return saga.find("look")->reference == shipment_is_over;
        const auto found = found_by(saga);
        return (step == "give_up" ? found.money.amount : found.refund).amount == 0;
    }
    std::int32_t items(const saga::State& saga, std::string_view) const override {
        return static_cast<std::int32_t>(found_by(saga).goods.size());
    }
    Child child(const saga::State& saga, std::string_view) const override {
        return refund_child(
            {order_of(saga.subject), commands::rest_refund, found_by(saga).refund, refund_reason});
    }
    Send send(const saga::State& saga, std::string_view, std::int32_t item, bool,
              const std::string& meta) const override {
        const auto goods = found_by(saga).goods.at(static_cast<std::size_t>(item));
        const auto order = order_of(saga.subject);
        return to_stock(
            goods.units.sku,
            stock::Free{checkout_hold(order, goods.line), order, goods.units.quantity, "cancelled"},
            meta);
    }
};

}  // namespace

std::shared_ptr<const Process> rest_cancellation() { return std::make_shared<RestCancellation>(); }

std::vector<Hearing> rest_cancellation_ears(const eventstore::StoredEvent& event) {
    if (event.type == "order.rest_cancelled") {
        const auto read = commands::event_of<commands::OrderBinding>(event);
        const auto subject = std::string(event.stream.id()) + "." +
                             std::to_string(std::get<order::RestCancelled>(read).shipments);
        return {{"rest_cancellation", subject, Start{subject, {}, {}}}};
    }
    if (is_awaited_end(event, "fulfilment"))
        return {{"rest_cancellation", std::string(event.stream.id()), Signal{"shipment_over"}}};
    return {};
}

PaymentCall rest_cancellation_call(const saga::State& saga, std::string_view, bool) {
    auto money = found_by(saga).money;
    return {.operation = PaymentOperation::void_authorisation,
            .key = {},
            .order = order_of(saga.subject),
            .amount = money.amount,
            .method = {},
            .authorisation = std::move(money.authorisation)};
}

}  // namespace skald::sagas
