#include "sagas/orders/cancellation.h"

#include "commands/orders.h"
#include "commands/payments.h"
#include "sagas/checkout/checkout.h"
#include "sagas/orders/refund.h"
#include "sagas/shop/parts.h"
#include "sagas/shop/shop_companions.h"
#include "sagas/shop/stock_sends.h"

namespace skald::sagas {
namespace {

using namespace std::chrono_literals;

constexpr Step steps[] = {
    {.name = "look",
     .kind = StepKind::local,
     .then = "checkout_over",
     .undo = Undo::nothing,
     .otherwise = Otherwise::stick},
    {.name = "checkout_over",
     .kind = StepKind::wait,
     .then = "settle",
     .undo = Undo::nothing,
     .otherwise = Otherwise::stick,
     .skippable = true,
     .deadline = 96h,
     .signal = "checkout_over"},
    // Complete behind it where the checkout undid itself.
    {.name = "settle",
     .kind = StepKind::local,
     .then = "give_up",
     .or_then = "refund",
     .last = true,
     .otherwise = Otherwise::stick,
     .pivot = true},
    {.name = "give_up",
     .kind = StepKind::call,
     .then = "free_goods",
     .otherwise = Otherwise::stick,
     .deadline = 24h,
     .attempt = 5s},
    {.name = "refund",
     .kind = StepKind::child,
     .then = "free_goods",
     .otherwise = Otherwise::stick,
     .deadline = 10 * 24h,
     .signal = "refund"},
    {.name = "free_goods",
     .kind = StepKind::commands,
     .then = "cancel",
     .otherwise = Otherwise::stick,
     .deadline = 24h},
    {.name = "cancel", .kind = StepKind::local, .last = true, .otherwise = Otherwise::stick},
};
constexpr Definition version_1 = verified<steps>("cancellation", 1, 30 * 24h);

constexpr const char* checkout_is_over = "over";

// What `settle` found: the money, and the goods.
struct Found {
    bool nothing = false;  // the order is not to be cancelled any more
    bool captured = false;
    MoneyNote money = {};  // captured, or promised
    std::vector<kernel::Portion> goods = {};
};

std::string encode(const Found& found) {
    nlohmann::ordered_json json;
    json["nothing"] = found.nothing;
    if (!found.nothing) {
        json["captured"] = found.captured;
        json["money"] = encode(found.money);
        json["goods"] = to_json(found.goods);
    }
    return json.dump();
}

Found found_by(const saga::State& saga) {
    const auto json = nlohmann::json::parse(saga.find("settle")->reference);
    if (json.at("nothing").get<bool>()) return {.nothing = true};
    return {.captured = json.at("captured").get<bool>(),
            .money = decode_money_note(json.at("money").get<std::string>()),
            .goods = portions_of(json.at("goods"))};
}

class CancellationCompanions : public ShopCompanions {
  public:
    CancellationCompanions(order::State order_now, payment::State payment_now,
                           saga::State checkout_now)
        : ShopCompanions(std::move(order_now), std::move(payment_now)),
          checkout_(std::move(checkout_now)) {}

    Taken take(const saga::State& saga, const Happening& what) override {
        if (what.step == "look")
            return checkout_.exists && saga::ended(checkout_.phase) ? checkout_is_over : "";
        if (what.step == "settle") return settle();
        if (what.step == "give_up") return give_up(what);
        const auto found = found_by(saga);  // cancel
        auto due = found.money.amount;
        if (!found.captured) due.amount = 0;
        return tell(order::Cancel{due});
    }

    std::vector<std::vector<eventstore::NewEvent>> events(const std::string& meta) const override {
        auto events = ShopCompanions::events(meta);
        events.emplace_back();  // the checkout is only read
        return events;
    }

  private:
    Taken settle() const {
        if (order.status != order::Status::cancelling) return encode(Found{.nothing = true});
        auto promise = authorisation();
        if (!promise) return promise;
        Found found{.captured = payment.captured.amount > 0,
                    .money = {*std::move(promise), payment.authorised}};
        if (found.captured) {
            found.money.amount = payment.captured;
            found.money.amount.amount -= payment.refunded.amount + payment.refunding.amount;
        }
        for (std::size_t i = 0; i < order.lines.size(); ++i) {
            if (const auto allocated = order.progress[i].allocated; allocated > 0)
                found.goods.push_back({order.lines[i].sku, allocated});
        }
        return encode(found);
    }

    const saga::State checkout_;
};

class Cancellation : public Process {
  public:
    const Definition& definition() const override { return version_1; }
    std::vector<eventstore::StreamName> companion_streams(
        const std::string& subject) const override {
        const kernel::OrderId order(subject);
        return {commands::order_stream(order),
                commands::payment_stream(commands::payment_of(order)),
                saga_stream("checkout", subject)};
    }
    std::unique_ptr<Companions> companions(const eventstore::States& states,
                                           std::size_t first) const override {
        return std::make_unique<CancellationCompanions>(states.get<order::State>(first),
                                                        states.get<payment::State>(first + 1),
                                                        states.get<saga::State>(first + 2));
    }
    bool skips(const saga::State& saga, std::string_view) const override {
        return saga.find("look")->reference == checkout_is_over;
    }
    std::size_t next(const saga::State& saga, std::string_view step) const override {
        if (step != "settle") return 0;
        const auto found = found_by(saga);
        if (found.nothing) return 2;
        return found.captured ? 1 : 0;
    }
    std::int32_t items(const saga::State& saga, std::string_view) const override {
        return static_cast<std::int32_t>(found_by(saga).goods.size());
    }
    Child child(const saga::State& saga, std::string_view) const override {
        return refund_child({kernel::OrderId(saga.subject), kernel::RefundId("cancellation"),
                             found_by(saga).money.amount, "order cancelled"});
    }
    Send send(const saga::State& saga, std::string_view, std::int32_t item, bool,
              const std::string& meta) const override {
        const auto line = found_by(saga).goods.at(static_cast<std::size_t>(item));
        return to_stock(line.sku, stock::Unallocate{kernel::OrderId(saga.subject), line.quantity},
                        meta);
    }
};

}  // namespace

std::shared_ptr<const Process> cancellation() { return std::make_shared<Cancellation>(); }

std::vector<Hearing> cancellation_ears(const eventstore::StoredEvent& event) {
    const std::string subject(event.stream.id());
    if (event.type == "order.cancel_requested")
        return {{"cancellation", subject, Start{subject, {}, {}}}};
    if (is_awaited_end(event)) return {{"cancellation", subject, Signal{"checkout_over"}}};
    return {};
}

PaymentCall cancellation_call(const saga::State& saga, std::string_view, bool) {
    const auto found = found_by(saga);
    return {.operation = PaymentOperation::void_authorisation,
            .key = {},
            .order = kernel::OrderId(saga.subject),
            .amount = found.money.amount,
            .method = {},
            .authorisation = found.money.authorisation};
}

}  // namespace skald::sagas
