#include "sagas/orders/cancellation.h"

#include <algorithm>
#include <set>

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
    // Nothing undoes itself here: it is an operator who has the order put back.
    {.name = "look",
     .kind = StepKind::local,
     .then = "checkout_over",
     .undo = Undo::by_itself,
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
     .undo = Undo::nothing,
     .otherwise = Otherwise::stick},
    // What was refused is not to be undone; once it is done, the order is not put back any more.
    {.name = "give_up",
     .kind = StepKind::call,
     .then = "free_goods",
     .undo = Undo::nothing,
     .otherwise = Otherwise::stick,
     .skippable = true,
     .deadline = 24h,
     .attempt = 5s},
    {.name = "refund",
     .kind = StepKind::child,
     .then = "free_goods",
     .undo = Undo::nothing,
     .otherwise = Otherwise::stick,
     .deadline = 10 * 24h,
     .signal = "refund"},
    {.name = "free_goods",
     .kind = StepKind::commands,
     .then = "cancel",
     .otherwise = Otherwise::stick,
     .pivot = true,
     .deadline = 24h},
    {.name = "cancel", .kind = StepKind::local, .last = true, .otherwise = Otherwise::stick},
};
constexpr Definition version_1 = verified<steps>("cancellation", 1, 30 * 24h);

constexpr const char* refund_reason = "order cancelled";
constexpr const char* checkout_is_over = "over";
constexpr const char* checkout_is_under_way = "checkout_under_way";

// What `settle` found: the money, and the goods.
struct Found {
    bool nothing = false;  // the order is not to be cancelled any more
    bool captured = false;
    MoneyNote money = {};  // captured, or promised; of amount 0: none that is still the shop's
    std::vector<kernel::Portion> goods = {};  // of each line of the order
    std::set<std::int32_t> out = {};          // lines that left the stock, as they do not ship
};

// The order's second or third event is the first request to cancel it, and its saga has the order's
// id. That of a later one, behind a refusal, adds the request's version.
std::string subject_of(const eventstore::StoredEvent& request) {
    constexpr eventstore::Version first_max(3);
    const std::string order(request.stream.id());
    if (request.version <= first_max) return order;
    return order + "." + std::to_string(request.version.value());
}

kernel::RefundId refund_id(const std::string& subject) {
    const auto dot = subject.find('.');
    return kernel::RefundId(dot == std::string::npos ? "cancellation"
                                                     : "cancellation-" + subject.substr(dot + 1));
}

std::string encode(const Found& found) {
    nlohmann::ordered_json json;
    json["nothing"] = found.nothing;
    if (!found.nothing) {
        json["captured"] = found.captured;
        json["money"] = encode(found.money);
        json["goods"] = to_json(found.goods);
        json["out"] = found.out;
    }
    return json.dump();
}

Found found_by(const saga::State& saga) {
    const auto json = nlohmann::json::parse(saga.find("settle")->reference);
    if (json.at("nothing").get<bool>()) return {.nothing = true};
    return {.captured = json.at("captured").get<bool>(),
            .money = decode_money_note(json.at("money").get<std::string>()),
            .goods = portions_of(json.at("goods")),
            .out = json.value("out", std::set<std::int32_t>())};  // was not always noted
}

class CancellationCompanions : public ShopCompanions {
  public:
    CancellationCompanions(order::State order_now, payment::State payment_now,
                           saga::State checkout_now, saga::State refund_now)
        : ShopCompanions(std::move(order_now), std::move(payment_now)),
          checkout_(std::move(checkout_now)),
          refund_(std::move(refund_now)) {}

    Taken take(const saga::State& saga, const Happening& what) override {
        if (by_operator(what.moment)) return given_up(saga, what);
        if (what.step == "look" && what.undo) return put_back(saga, what.code);
        if (what.step == "look") return checkout_over() ? checkout_is_over : "";
        if (what.step == "settle") return settle();
        if (what.step == "give_up") return give_up(what);
        return cancel(saga);
    }

    std::vector<std::vector<eventstore::NewEvent>> events(const std::string& meta) const override {
        auto events = ShopCompanions::events(meta);
        events.resize(events.size() + 2);  // the checkout and the refund are only read
        return events;
    }

  private:
    static bool over(const saga::State& saga) { return saga.exists && saga::ended(saga.phase); }
    bool checkout_over() const { return over(checkout_); }

    // By what the payment really is: a checkout that was given up may have left anything.
    Taken settle() const {
        if (order.status != order::Status::cancelling) return encode(Found{.nothing = true});
        Found found{.captured = payment.captured.amount > 0,
                    .money = {{}, {0, order.total.currency}}};
        if (auto promise = authorisation()) found.money = {*std::move(promise), payment.authorised};
        if (found.captured) {
            found.money.amount = payment.captured;
            found.money.amount.amount -= payment.refunded.amount + payment.refunding.amount;
        }
        for (std::size_t i = 0; i < order.lines.size(); ++i)
            found.goods.push_back({order.lines[i].sku, order.progress[i].allocated});
        if (const auto* taken = checkout_.find("take_out")) {
            for (std::size_t i = 0; i < taken->items.size(); ++i)
                if (taken->items[i] == saga::ItemStatus::done)
                    found.out.insert(static_cast<std::int32_t>(i));
        }
        return encode(found);
    }

    Taken cancel(const saga::State& saga) {
        const auto found = found_by(saga);
        auto due = found.money.amount;
        if (!found.captured) due.amount = 0;
        return tell(order::Cancel{due});
    }

    // Undoing puts the order back by itself. Abandoned, it is put back where nothing of it was
    // freed yet, and is cancelled where it cannot be; the customer is not left waiting. Who no
    // longer waits for the refund does not give it up: that is done to its own saga.
    Taken given_up(const saga::State& saga, const Happening& what) {
        if (what.step == "give_up") {
            if (auto told = give_up(what); !told) return told;
        }
        if (what.step == "refund" && what.moment != Moment::called_off &&
            order.status == order::Status::cancelling && !refund_.exists) {
            if (auto told = ask_for_refund(saga); !told) return told;
        }
        if (what.moment != Moment::abandoned || order.status != order::Status::cancelling)
            return {};
        if (saga.find("free_goods") == nullptr) {
            auto back = put_back(saga, what.code);
            const auto* settled = saga.find("settle");
            const bool found = settled != nullptr && settled->status == saga::StepStatus::done;
            if (back || back.error() == checkout_is_under_way || !found) return back;
        }
        return cancel(saga);
    }

    // Nobody has begun it. Asked for here, it has a saga of its own.
    Taken ask_for_refund(const saga::State& saga) {
        const auto id = refund_id(saga.subject);
        auto due = found_by(saga).money.amount;
        due.amount = std::min(due.amount, payment.captured.amount - payment.refunding.amount -
                                              payment.refunded.amount);
        if (due.amount <= 0 || payment.refunds.contains(id)) return {};
        return tell(payment::RequestRefund{id, due, refund_reason});
    }

    // The order is what it was before the request, if it still can be.
    Taken put_back(const saga::State& saga, const std::string& why) {
        if (order.status != order::Status::cancelling) return {};
        if (!checkout_over()) return unexpected(std::string(checkout_is_under_way));
        // Asked for, it may begin at any time; stuck, it may be retried.
        if (saga.find("refund") != nullptr && !over(refund_))
            return unexpected(std::string("refund_under_way"));
        const auto refund = payment.refunds.find(refund_id(saga.subject));
        const bool refunding = refund != payment.refunds.end() &&
                               refund->second.status != payment::RefundStatus::failed;
        if (payment.voiding || refunding) return unexpected(std::string("money_on_its_way_back"));
        // Without money nothing would become of it.
        if (!order.payment || !authorisation()) return unexpected(std::string("not_paid"));
        if (auto told = tell(order::RefuseCancel{why}); !told) return told;
        return complete_if_over();
    }

    const saga::State checkout_;
    const saga::State refund_;
};

class Cancellation : public Process {
  public:
    const Definition& definition() const override { return version_1; }
    std::vector<eventstore::StreamName> companion_streams(
        const std::string& subject) const override {
        const auto order = order_of(subject);
        return {commands::order_stream(order),
                commands::payment_stream(commands::payment_of(order)),
                saga_stream("checkout", order.value()),
                saga_stream("refund", refund_subject(order, refund_id(subject)))};
    }
    std::unique_ptr<Companions> companions(const eventstore::States& states,
                                           std::size_t first) const override {
        return std::make_unique<CancellationCompanions>(
            states.get<order::State>(first), states.get<payment::State>(first + 1),
            states.get<saga::State>(first + 2), states.get<saga::State>(first + 3));
    }
    bool skips(const saga::State& saga, std::string_view step) const override {
        if (step == "give_up") return found_by(saga).money.amount.amount == 0;
        return saga.find("look")->reference == checkout_is_over;
    }
    std::size_t next(const saga::State& saga, std::string_view step) const override {
        if (step != "settle") return 0;
        const auto found = found_by(saga);
        if (found.nothing) return 2;
        return found.captured && found.money.amount.amount > 0 ? 1 : 0;
    }
    std::int32_t items(const saga::State& saga, std::string_view) const override {
        return static_cast<std::int32_t>(found_by(saga).goods.size());
    }
    Child child(const saga::State& saga, std::string_view) const override {
        return refund_child({order_of(saga.subject), refund_id(saga.subject),
                             found_by(saga).money.amount, refund_reason});
    }
    Send send(const saga::State& saga, std::string_view, std::int32_t item, bool,
              const std::string& meta) const override {
        const auto found = found_by(saga);
        const auto& line = found.goods.at(static_cast<std::size_t>(item));
        const auto order = order_of(saga.subject);
        if (found.out.contains(item))
            return to_stock(line.sku, stock::Return{order, line.quantity}, meta);
        return to_stock(line.sku,
                        stock::Free{checkout_hold(order, item), order, line.quantity, "cancelled"},
                        meta);
    }
};

}  // namespace

std::shared_ptr<const Process> cancellation() { return std::make_shared<Cancellation>(); }

std::vector<Hearing> cancellation_ears(const eventstore::StoredEvent& event) {
    if (event.type == "order.cancel_requested") {
        const auto subject = subject_of(event);
        return {{"cancellation", subject, Start{subject, {}, {}}}};
    }
    // A later request finds the checkout over: before that, none is put back.
    if (is_awaited_end(event))
        return {{"cancellation", std::string(event.stream.id()), Signal{"checkout_over"}}};
    return {};
}

PaymentCall cancellation_call(const saga::State& saga, std::string_view, bool) {
    const auto found = found_by(saga);
    return {.operation = PaymentOperation::void_authorisation,
            .key = {},
            .order = order_of(saga.subject),
            .amount = found.money.amount,
            .method = {},
            .authorisation = found.money.authorisation};
}

}  // namespace skald::sagas
