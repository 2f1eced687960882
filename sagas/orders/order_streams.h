// For tests: orders behind their checkout, and a search of a process with them, their payments and
// what else it has beside it.
#pragma once

#include <gtest/gtest.h>

#include <any>
#include <memory>
#include <string>
#include <vector>

#include "commands/payments.h"
#include "domain/kernel/enum_name.h"
#include "sagas/engine/search/search.h"
#include "sagas/shop/shop_companions.h"
#include "schemas/encoded.h"

namespace skald::sagas::testing {

using kernel::name_of;

inline constexpr kernel::Currency euro{"EUR"};
inline const kernel::Timestamp noon(1'700'000'000'000'000);
inline constexpr SearchOptions nobody_aborts{.attempts_max = 1, .repairs_max = 1, .aborts = false};

// One thing that ships, for 100, and one that does not, for 10.
inline order::State confirmed_order() {
    const order::Placed placed{kernel::AccountId("ann"),
                               {{kernel::Sku("S"), "Thing", {}, 2, {50, euro}, {100, euro}, true},
                                {kernel::Sku("D"), "Song", {}, 1, {10, euro}, {10, euro}, false}},
                               {110, euro},
                               "card-ok",
                               noon};
    return order::evolve(order::evolve({}, placed),
                         order::Confirmed{commands::payment_of(kernel::OrderId("s"))});
}

inline payment::State authorised_payment() {
    return payment::evolve(
        payment::evolve({}, payment::Initiated{kernel::OrderId("s"), {110, euro}, "card-ok"}),
        payment::Authorised{"auth", noon, {110, euro}});
}

inline payment::State captured_payment() {
    return payment::evolve(
        payment::evolve(authorised_payment(), payment::CaptureRequested{{110, euro}}),
        payment::Captured{{110, euro}, "cap"});
}

// The states of a process's companion streams, of which the first are an order and its payment.
using Streams = std::vector<std::any>;
inline const Streams& streams_of(const std::any& beside) {
    return *std::any_cast<std::shared_ptr<const Streams>>(beside);
}
inline const order::State& order_in(const std::any& beside) {
    return *std::any_cast<order::State>(&streams_of(beside)[0]);
}
inline const payment::State& payment_in(const std::any& beside) {
    return *std::any_cast<payment::State>(&streams_of(beside)[1]);
}

inline std::string key_of_streams(const std::any& beside) {
    const auto& payment = payment_in(beside);
    return std::string(name_of(order_in(beside).status)) + "/" +
           std::string(name_of(payment.authorisation)) + "/" +
           std::to_string(payment.captured.amount) + "," + std::to_string(payment.refunded.amount) +
           "," + std::to_string(payment.refunding.amount) + std::to_string(payment.voiding) +
           std::to_string(payment.capturing.has_value()) + std::to_string(payment.unknown.size()) +
           ";";
}

inline eventstore::States states_of(const Streams& streams) {
    std::vector<eventstore::States::Entry> entries;
    for (const auto& state : streams) entries.push_back({&state, eventstore::Version(1)});
    return eventstore::States(std::move(entries));
}
inline void keep(Streams& streams, const Companions& companions) {
    const auto& real = dynamic_cast<const ShopCompanions&>(companions);
    streams[0] = real.order;
    streams[1] = real.payment;
}

// One saga and what is beside it, step by step.
struct Walk {
    std::shared_ptr<const Process> process;
    Streams streams;
    saga::State saga = {};

    // Empty, or the code of the refusal.
    std::string hear(const Input& input, kernel::Timestamp now = noon) {
        const auto companions = process->companions(states_of(streams), 0);
        const auto events = react(*process, saga, input, *companions, now);
        if (!events) return events.error();
        for (const auto& event : *events) saga::apply(saga, event);
        if (dynamic_cast<const ShopCompanions*>(companions.get()) != nullptr)
            keep(streams, *companions);
        return {};
    }
    std::string hear_due() { return hear(Due{}, *next_due(*process, saga)); }
    std::string at() const {
        return std::string(name_of(saga.phase)) +
               (saga.current ? " " + saga.current->step : std::string());
    }
    const order::State& order() const { return *std::any_cast<order::State>(&streams[0]); }
    const payment::State& payment() const { return *std::any_cast<payment::State>(&streams[1]); }
};

// What is never to be of an order and its payment, by the phase of the saga.
using Never = std::function<std::string(const std::any& beside, saga::Phase phase)>;

inline Beside beside_of(const std::shared_ptr<const Process>& process, Streams streams,
                        Never fault) {
    Beside beside;
    beside.first = std::make_shared<const Streams>(std::move(streams));
    beside.open = [process](const std::any& now) {
        return process->companions(states_of(streams_of(now)), 0);
    };
    beside.close = [before = beside.first](const Companions& companions) -> std::any {
        auto after = streams_of(before);
        keep(after, companions);
        return std::make_shared<const Streams>(std::move(after));
    };
    beside.key = key_of_streams;
    // Behind a saga's end nobody is left who would hear the provider, or end the waiting. A refund
    // has a saga of its own.
    beside.fault = [fault = std::move(fault), refunds = process->definition().saga == "refund"](
                       const std::any& now, saga::Phase phase) {
        const auto& payment = payment_in(now);
        const bool in_flight = (refunds && payment.refunding.amount != 0) || payment.voiding ||
                               payment.capturing || !payment.unknown.empty();
        if (saga::ended(phase) && in_flight) return std::string("over, and money is in flight");
        if (saga::ended(phase) && order_in(now).status == order::Status::cancelling)
            return std::string("over, and the order is still cancelling");
        return fault(now, phase);
    };
    return beside;
}

inline SearchReport search(const std::shared_ptr<const Process>& process, Streams streams,
                           const std::string& subject, const std::string& input, Never fault,
                           const SearchOptions& options = nobody_aborts) {
    const auto beside = beside_of(process, std::move(streams), std::move(fault));
    const auto report = Search(*process, options, beside).run(input, subject);
    for (const auto& found : report.faults) ADD_FAILURE() << found;
    ::testing::Test::RecordProperty("places", std::to_string(report.places));
    EXPECT_TRUE(report.ends.contains(saga::Phase::completed));
    EXPECT_TRUE(report.ends.contains(saga::Phase::abandoned));
    return report;
}

inline Repair repair(RepairAction action) { return {action, "op", "why"}; }

inline eventstore::StoredEvent stored(const eventstore::StreamName& stream, std::int64_t version,
                                      const schemas::Encoded& event) {
    eventstore::StoredEvent stored;
    stored.stream = stream;
    stored.version = eventstore::Version(version);
    stored.type = event.type;
    stored.schema_version = event.schema_version;
    stored.data = event.data;
    return stored;
}

inline saga::State ended_checkout() {
    saga::State checkout;
    checkout.exists = true;
    checkout.phase = saga::Phase::completed;
    return checkout;
}

}  // namespace skald::sagas::testing
