#include "sagas/orders/fulfilment.h"

#include <charconv>

#include "commands/aggregate.h"
#include "commands/bindings.h"
#include "commands/orders.h"
#include "commands/payments.h"
#include "domain/kernel/enum_name.h"
#include "sagas/checkout/checkout.h"
#include "sagas/engine/saga_command.h"
#include "sagas/shop/parts.h"
#include "sagas/shop/shop_companions.h"
#include "sagas/shop/stock_sends.h"

namespace skald::sagas {
namespace {

using namespace std::chrono_literals;

constexpr Step steps[] = {
    // The order says already that it has shipped: nothing of it is taken back.
    {.name = "look",
     .kind = StepKind::local,
     .then = "previous",
     .otherwise = Otherwise::stick,
     .pivot = true},
    {.name = "previous",
     .kind = StepKind::wait,
     .then = "prepare",
     .otherwise = Otherwise::stick,
     .skippable = true,
     .deadline = 96h,
     .signal = "previous"},
    {.name = "prepare", .kind = StepKind::local, .then = "capture", .otherwise = Otherwise::stick},
    {.name = "capture",
     .kind = StepKind::call,
     .then = "take_out",
     .otherwise = Otherwise::stick,
     .deadline = 24h,
     .attempt = 5s},
    {.name = "take_out",
     .kind = StepKind::commands,
     .then = "dispatch",
     .otherwise = Otherwise::stick,
     .deadline = 24h},
    {.name = "dispatch", .kind = StepKind::local, .last = true, .otherwise = Otherwise::stick},
};
constexpr Definition version_1 = verified<steps>("fulfilment", 1, 30 * 24h);

constexpr const char* previous_is_over = "over";

int number_of(std::string_view subject) {
    const auto digits = subject.substr(subject.find('.') + 1);
    int number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

std::string numbered(std::string_view subject, int number) {
    return order_of(subject).value() + "." + std::to_string(number);
}

// What has to be over first: the shipment before it; of the first one, the checkout.
eventstore::StreamName previous_of(std::string_view subject) {
    const int number = number_of(subject);
    return number == 1 ? saga_stream("checkout", order_of(subject).value())
                       : saga_stream("fulfilment", numbered(subject, number - 1));
}

// What is charged for a shipment: its units, and with the first one whatever needs no carrying.
kernel::Money charge(const order::State& order, const shipment::State& shipment, int number) {
    kernel::Money sum{0, order.total.currency};
    for (const auto& [sku, quantity] : shipment.contents.lines) {
        if (const auto line = order::find_line(order, sku))
            sum.amount += order.lines[*line].unit_price.amount * quantity.value();
    }
    for (const auto& line : order.lines)
        if (number == 1 && !line.ships) sum.amount += line.total.amount;
    return sum;
}

std::vector<kernel::Portion> lines_of(const saga::State& saga) {
    return portions_of(nlohmann::json::parse(saga.input));
}

// What `prepare` found: the money, and beside what is carried the goods that leave the stock with
// it, as they are charged with it.
struct Prepared {
    MoneyNote money;
    std::vector<kernel::Portion> uncarried = {};
};

std::string encode(const Prepared& prepared) {
    auto json = nlohmann::ordered_json::parse(encode(prepared.money));
    json["uncarried"] = to_json(prepared.uncarried);
    return json.dump();
}

Prepared prepared_by(const saga::State& saga) {
    const auto& text = saga.find("prepare")->reference;
    Prepared prepared{decode_money_note(text)};
    const auto json = nlohmann::json::parse(text);
    // It was not always noted.
    if (json.contains("uncarried")) prepared.uncarried = portions_of(json.at("uncarried"));
    return prepared;
}

class FulfilmentCompanions : public ShopCompanions {
  public:
    FulfilmentCompanions(order::State order_now, payment::State payment_now,
                         shipment::State shipment_now, saga::State previous)
        : ShopCompanions(std::move(order_now), std::move(payment_now)),
          shipment(std::move(shipment_now)),
          previous_(std::move(previous)) {}

    Taken take(const saga::State& saga, const Happening& what) override {
        const int number = number_of(saga.subject);
        if (by_operator(what.moment)) return given_up(what);
        if (what.step == "look") {
            const bool over = previous_.exists && saga::ended(previous_.phase);
            return over ? previous_is_over : "";
        }
        if (what.step == "prepare") {
            auto promise = authorisation();
            if (!promise) return promise;
            Prepared prepared{{*std::move(promise), charge(order, shipment, number)}};
            for (const auto& line : order.lines)
                if (number == 1 && !line.ships)
                    prepared.uncarried.push_back({line.sku, line.quantity});
            return encode(prepared);
        }
        if (what.step == "capture") return capture(what, prepared_by(saga).money.amount);
        return dispatch(saga, what);
    }

    std::vector<std::vector<eventstore::NewEvent>> events(const std::string& meta) const override {
        auto events = ShopCompanions::events(meta);
        events.push_back(commands::encoded<commands::ShipmentBinding>(shipment_events_, meta));
        events.emplace_back();  // the previous one is only read
        return events;
    }

    shipment::State shipment;

  private:
    // It is not going to leave the house, if it has not.
    Taken given_up(const Happening& what) {
        if (what.step == "capture") {
            if (auto told = capture(what, payment.amount); !told) return told;
        }
        const bool goes_on = what.moment == Moment::skipped && what.step != "dispatch";
        if (goes_on || shipment.status != shipment::Status::created) return {};
        const auto decision = shipment::decide(shipment, shipment::Fail{what.code});
        if (!decision)
            return unexpected("shipment_" + std::string(kernel::name_of(decision.error())));
        shipment_events_ = *decision;
        return {};
    }

    Taken dispatch(const saga::State& saga, const Happening& what) {
        const auto decision = shipment::decide(
            shipment, shipment::Ship{shipment.contents.tracking.value_or(saga.subject), what.at});
        if (!decision)
            return unexpected("shipment_" + std::string(kernel::name_of(decision.error())));
        if (auto told = complete_if_over(); !told) return told;
        shipment_events_ = *decision;
        const bool last = std::cmp_equal(order.shipments.size(), number_of(saga.subject));
        return order.rest_cancelled && last ? noted_awaited : "";
    }

    const saga::State previous_;
    std::vector<shipment::Event> shipment_events_;
};

class Fulfilment : public Process {
  public:
    const Definition& definition() const override { return version_1; }
    std::vector<eventstore::StreamName> companion_streams(
        const std::string& subject) const override {
        const auto order = order_of(subject);
        return {commands::order_stream(order),
                commands::payment_stream(commands::payment_of(order)),
                commands::shipment_stream(kernel::ShipmentId(subject)), previous_of(subject)};
    }
    std::unique_ptr<Companions> companions(const eventstore::States& states,
                                           std::size_t first) const override {
        return std::make_unique<FulfilmentCompanions>(
            states.get<order::State>(first), states.get<payment::State>(first + 1),
            states.get<shipment::State>(first + 2), states.get<saga::State>(first + 3));
    }
    bool skips(const saga::State& saga, std::string_view) const override {
        return saga.find("look")->reference == previous_is_over;
    }
    std::int32_t items(const saga::State& saga, std::string_view) const override {
        return static_cast<std::int32_t>(lines_of(saga).size() +
                                         prepared_by(saga).uncarried.size());
    }
    Send send(const saga::State& saga, std::string_view, std::int32_t item, bool,
              const std::string& meta) const override {
        const auto carried = lines_of(saga);
        const auto i = static_cast<std::size_t>(item);
        const auto line =
            i < carried.size() ? carried[i] : prepared_by(saga).uncarried.at(i - carried.size());
        return to_stock(line.sku, stock::Ship{order_of(saga.subject), line.quantity}, meta);
    }
};

bool is_end(const saga::Event& event) {
    const auto* move = saga::move_of(event);
    return move != nullptr && saga::ended(move->phase);
}

}  // namespace

std::shared_ptr<const Process> fulfilment() { return std::make_shared<Fulfilment>(); }

std::vector<Hearing> fulfilment_ears(const eventstore::StoredEvent& event) {
    const std::string subject(event.stream.id());
    if (event.type == "shipment.created") {
        const auto read = commands::event_of<commands::ShipmentBinding>(event);
        const auto& created = std::get<shipment::Created>(read);
        return {{"fulfilment", subject, Start{subject, to_json(created.lines).dump(), {}}}};
    }
    if (is_awaited_end(event)) return {{"fulfilment", numbered(subject, 1), Signal{"previous"}}};
    if (event.stream.category() == "fulfilment" && is_end(decoded(event))) {
        const auto next = numbered(subject, number_of(subject) + 1);
        return {{"fulfilment", next, Signal{"previous"}}};
    }
    return {};
}

std::vector<eventstore::StreamName> shipments_up_to(std::string_view subject) {
    std::vector<eventstore::StreamName> sagas;
    for (int number = 1; number <= number_of(subject); ++number)
        sagas.push_back(saga_stream("fulfilment", numbered(subject, number)));
    return sagas;
}

PaymentCall fulfilment_call(const saga::State& saga, std::string_view, bool) {
    auto note = prepared_by(saga).money;
    return {.operation = PaymentOperation::capture,
            .key = {},
            .order = order_of(saga.subject),
            .amount = note.amount,
            .method = {},
            .authorisation = std::move(note.authorisation)};
}

}  // namespace skald::sagas
