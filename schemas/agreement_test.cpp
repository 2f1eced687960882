// Whatever a command carries, an event that the domain accepts can be written and read again:
// otherwise a client could make a stream corrupt. And whatever bytes are stored, reading them ends
// in an event or an error.
#include <gtest/gtest.h>

#include "schemas/account/codec.h"
#include "schemas/cart/codec.h"
#include "schemas/email/codec.h"
#include "schemas/order/codec.h"
#include "schemas/payment/codec.h"
#include "schemas/product/codec.h"
#include "schemas/shipment/codec.h"
#include "schemas/stock/codec.h"
#include "schemas/testing/arbitrary.h"

namespace skald::schemas {
namespace {

using testing::maybe, testing::number, testing::pick;

// Mostly good, but anything at all may come.
std::string mostly(const std::string& good) { return pick(10) == 0 ? testing::odd_text() : good; }
std::int64_t mostly(std::int64_t good) { return pick(10) == 0 ? testing::any_number() : good; }

std::string anything() { return mostly(testing::words()); }

kernel::Money any_money() { return {mostly(number(1, 99'999)), {}}; }

kernel::Timestamp any_time() {
    return kernel::Timestamp(testing::coin() ? testing::any_number() : number(-9, 8));
}

template <class Id>
Id any_id() {
    return Id(mostly(testing::id_text()));
}

kernel::Quantity mostly_few(std::int64_t least, std::int64_t most) {
    return kernel::Quantity::of(mostly(number(least, most)));
}

template <class Id>
Id any_numbered_id() {
    return testing::coin() ? testing::numbered_id<Id>() : any_id<Id>();
}

void assert_written(const auto& decision, auto encode, auto decode) {
    RC_CLASSIFY(decision.has_value(), "accepted");
    if (!decision) return;
    for (const auto& event : *decision) testing::assert_round_trip(event, encode, decode);
}

RC_GTEST_PROP(Agreement, WhatAProductAcceptsIsReadAgain, ()) {
    namespace domain = skald::product;
    domain::State state;
    const domain::Create create{any_id<kernel::Sku>(), anything(),      maybe(anything),
                                maybe(anything),       maybe(anything), any_money(),
                                testing::coin()};
    const auto created = decide(state, domain::Command(create));
    assert_written(created, &product::encode, &product::decode);
    state = created ? kernel::fold(state, *created)
                    : evolve(state, domain::Created{kernel::Sku("a"), "A", {}, {}, {}, {1, {}}});
    const domain::Change change{
        {maybe(anything), maybe(anything), maybe(anything), maybe(anything)},
        maybe(any_money),
        maybe(testing::coin)};
    assert_written(decide(state, domain::Command(change)), &product::encode, &product::decode);
}

RC_GTEST_PROP(Agreement, WhatStockAcceptsIsReadAgain, ()) {
    namespace domain = skald::stock;
    using kernel::HoldId, kernel::OrderId;
    domain::State state = evolve({}, domain::Received{1000, {}});
    const auto hold = any_id<HoldId>();
    const auto order = any_id<OrderId>();
    const auto count = kernel::Quantity::of(number(1, 19));
    const domain::Command commands[] = {
        domain::Receive{kernel::Quantity::of(testing::any_number()), maybe(anything)},
        domain::Adjust{count, anything()},
        domain::Reserve{hold, count},
        domain::Allocate{hold, order, count},
        domain::Unallocate{order, 1},
        domain::Ship{order, count - kernel::Quantity(1)},
        domain::Return{order, 1},
        domain::Reserve{hold, count},
        domain::Release{hold, anything()},
    };
    for (const auto& command : commands) {
        const auto decision = decide(state, command);
        assert_written(decision, &stock::encode, &stock::decode);
        if (decision) state = kernel::fold(state, *decision);
    }
}

RC_GTEST_PROP(Agreement, WhatAnAccountAndAClaimAcceptIsReadAgain, ()) {
    namespace domain = skald::account;
    using kernel::EmailAddress, kernel::PersonName;
    const domain::Register command{EmailAddress(mostly(testing::coin() ? "a@b" : "x.y@z")),
                                   PersonName(anything())};
    assert_written(decide(domain::State{}, domain::Command(command)), &account::encode,
                   &account::decode);
    const auto claim = skald::email::Claim{any_id<kernel::AccountId>()};
    assert_written(decide(skald::email::State{}, skald::email::Command(claim)), &email::encode,
                   &email::decode);
}

RC_GTEST_PROP(Agreement, WhatAnOrderAcceptsIsReadAgain, ()) {
    namespace domain = skald::order;
    domain::Place place{
        kernel::AccountId("ada"), {}, anything(), kernel::Timestamp(testing::any_number())};
    if (pick(4) > 0) place.payment_method = "card-ok";
    const auto count = number(1, 3);
    for (int i = 0; i < count; ++i)
        place.lines.push_back({any_id<kernel::Sku>(), anything(), maybe(anything),
                               kernel::Quantity::of(number(1, 8)), any_money()});
    assert_written(decide(domain::State{}, domain::Command(place)), &order::encode, &order::decode);
}

RC_GTEST_PROP(Agreement, WhatAPlacedOrderAcceptsIsReadAgain, ()) {
    namespace domain = skald::order;
    using kernel::Sku, kernel::Timestamp;
    const Sku tea("tea");
    domain::State state = evolve(
        {}, domain::Placed{
                kernel::AccountId("a"), {{tea, "T", {}, 5, {1, {}}, {5, {}}}}, {5, {}}, "m", {}});
    const auto portions = [&] {
        return std::vector<kernel::Portion>{{testing::coin() ? tea : Sku("x"), mostly_few(-1, 3)}};
    };
    const domain::Command commands[] = {
        domain::Reject{anything(), maybe(any_id<Sku>)},
        domain::RequestCancel{anything(), Timestamp(testing::any_number())},
        domain::RequestCancel{anything(), Timestamp(number(0, 999'999))},
        domain::Cancel{any_money()},
        domain::RefuseCancel{anything()},
        domain::Confirm{any_numbered_id<kernel::PaymentId>()},
        domain::RecordShipment{any_numbered_id<kernel::ShipmentId>(), portions()},
        domain::RecordShipment{any_numbered_id<kernel::ShipmentId>(), portions()},
        domain::RecordReturn{
            any_id<kernel::ReturnId>(), portions(), {number(-1, 6), {}}, maybe(anything)},
        domain::Complete{},
    };
    for (const auto& command : commands) {
        const auto decision = decide(state, command);
        assert_written(decision, &order::encode, &order::decode);
        if (decision) state = kernel::fold(state, *decision);
    }
}

RC_GTEST_PROP(Agreement, WhatAPaymentAcceptsIsReadAgain, ()) {
    namespace domain = skald::payment;
    using domain::Found, domain::Operation;
    using kernel::RefundId, kernel::Timestamp;
    domain::State state;
    const auto money = [](std::int64_t amount) { return kernel::Money{amount, {}}; };
    const auto refund = any_id<RefundId>();
    const auto time = any_time();
    const domain::Command commands[] = {
        domain::Initiate{any_id<kernel::OrderId>(), any_money(), anything()},
        domain::Initiate{kernel::OrderId("o"), money(9), "card"},
        domain::RecordUnknown{Operation::authorise, anything()},
        domain::Reconcile{Operation::authorise, anything(), Found::done},
        domain::RecordAuthorised{anything(), time, money(9)},
        domain::RecordAuthorised{"a", Timestamp(1), money(9)},
        domain::RequestCapture{money(3)},
        domain::RecordUnknown{Operation::capture, anything()},
        domain::RecordCaptured{money(3), anything()},
        domain::RecordCaptured{money(3), "c"},
        domain::RequestVoid{},
        domain::RecordVoided{},
        domain::RequestRefund{refund, money(2), anything()},
        domain::RecordUnknown{Operation::refund, refund.value()},
        domain::RecordRefunded{refund, money(2)},
        domain::RequestRefund{RefundId("another"), money(1), "why"},
        domain::RecordRefundFailed{RefundId("another"), anything()},
        domain::RecordDeclined{anything()},
    };
    for (const auto& command : commands) {
        const auto decision = decide(state, command);
        assert_written(decision, &payment::encode, &payment::decode);
        if (decision) state = kernel::fold(state, *decision);
    }
    const auto pending = evolve({}, domain::Initiated{kernel::OrderId("o"), money(9), "card"});
    assert_written(decide(pending, domain::RecordDeclined{anything()}), &payment::encode,
                   &payment::decode);
}

RC_GTEST_PROP(Agreement, WhatAShipmentAcceptsIsReadAgain, ()) {
    namespace domain = skald::shipment;
    std::vector<kernel::Portion> lines;
    for (auto count = number(0, 2); count > 0; --count)
        lines.push_back({any_id<kernel::Sku>(), mostly_few(1, 100'000)});
    assert_written(decide({}, domain::Create{any_id<kernel::OrderId>(), lines, maybe(anything)}),
                   &shipment::encode, &shipment::decode);
    const auto created = evolve({}, domain::Created{kernel::OrderId("o"), {{kernel::Sku("a"), 1}}});
    assert_written(decide(created, domain::Ship{anything(), any_time()}), &shipment::encode,
                   &shipment::decode);
    assert_written(decide(created, domain::Fail{anything()}), &shipment::encode, &shipment::decode);
}

RC_GTEST_PROP(Agreement, WhatACartAcceptsIsReadAgain, ()) {
    namespace domain = skald::cart;
    assert_written(decide({}, domain::Create{maybe(any_id<kernel::AccountId>)}), &cart::encode,
                   &cart::decode);
    domain::State state = evolve({}, domain::Created{{}});
    const auto sku = any_id<kernel::Sku>();
    const domain::Command commands[] = {
        domain::SetItem{sku, mostly_few(0, 100'001)},
        domain::RemoveItem{sku},
        domain::SetItem{kernel::Sku("a"), 1},
        domain::CheckOut{any_id<kernel::OrderId>()},
    };
    for (const auto& command : commands) {
        const auto decision = decide(state, command);
        assert_written(decision, &cart::encode, &cart::decode);
        if (decision) state = kernel::fold(state, *decision);
    }
}

// Reads `data` as every type and version there is; what can be read is written and read again as
// itself.
template <class Event>
void assert_no_surprise(const std::string& data, Encoded (*encode)(const Event&),
                        Result<Event, DecodeError> (*decode)(std::string_view, int,
                                                             std::string_view)) {
    for (const auto& type : catalogue()) {
        for (int version = 1; version <= type.schema_version; ++version) {
            const auto event = decode(type.name, version, data);
            if (event) testing::assert_round_trip(*event, encode, decode);
            (void)to_json(type.name, version, data);
        }
    }
}

RC_GTEST_PROP(Agreement, DamagedBytesAreAnErrorOrAnEvent, ()) {
    using kernel::Sku;
    const Encoded written[] = {
        product::encode(skald::product::Created{Sku("a-1"), "Title", "D", {}, "B", {5, {}}}),
        stock::encode(skald::stock::Released{kernel::HoldId("h"), 5, "why"}),
        account::encode(
            skald::account::Registered{kernel::EmailAddress("a@b"), kernel::PersonName("Ada")}),
        order::encode(skald::order::Placed{kernel::AccountId("a"),
                                           {{Sku("s"), "T", "D", 2, {3, {}}, {6, {}}}},
                                           {6, {}},
                                           "card-ok",
                                           kernel::Timestamp(1)}),
        order::encode(skald::order::ReturnRecorded{
            kernel::ReturnId("r"), {{Sku("s"), 2}, {Sku("t"), 1}}, {6, {}}}),
        order::encode(skald::order::Shipped{kernel::ShipmentId("a.1"), {{Sku("s"), 2}}}),
        payment::encode(skald::payment::Authorised{"p", kernel::Timestamp(1), {6, {}}}),
        payment::encode(skald::payment::Reconciled{skald::payment::Operation::refund, "r",
                                                   skald::payment::Found::absent}),
        cart::encode(skald::cart::ItemSet{Sku("s"), 2}),
    };
    auto data = written[pick(std::size(written))].data;
    for (auto damages = pick(4); damages > 0; --damages)
        data[pick(data.size())] = static_cast<char>(pick(256));
    if (testing::coin()) data.resize(pick(data.size()));
    assert_no_surprise<skald::product::Event>(data, &product::encode, &product::decode);
    assert_no_surprise<skald::stock::Event>(data, &stock::encode, &stock::decode);
    assert_no_surprise<skald::account::Event>(data, &account::encode, &account::decode);
    assert_no_surprise<skald::email::Event>(data, &email::encode, &email::decode);
    assert_no_surprise<skald::order::Event>(data, &order::encode, &order::decode);
    assert_no_surprise<skald::payment::Event>(data, &payment::encode, &payment::decode);
    assert_no_surprise<skald::shipment::Event>(data, &shipment::encode, &shipment::decode);
    assert_no_surprise<skald::cart::Event>(data, &cart::encode, &cart::decode);
}

}  // namespace
}  // namespace skald::schemas
