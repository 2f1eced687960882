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

using testing::maybe;

// Mostly good, but anything at all may come.
rc::Gen<std::string> mostly(const rc::Gen<std::string>& good) {
    const auto odd = rc::gen::oneOf(
        rc::gen::string<std::string>(),
        rc::gen::element<std::string>("", std::string("a\0b", 3), "\xC3", "\x7F", "\xED\xA0\x80",
                                      "a b", std::string(201, 'x'), std::string(501, 'x')));
    return rc::gen::weightedOneOf<std::string>({{9, good}, {1, odd}});
}

rc::Gen<std::string> anything() { return mostly(testing::words()); }

rc::Gen<kernel::Money> any_money() {
    return rc::gen::construct<kernel::Money>(
        rc::gen::weightedOneOf<std::int64_t>({{9, rc::gen::inRange<std::int64_t>(1, 100'000)},
                                              {1, rc::gen::arbitrary<std::int64_t>()}}),
        rc::gen::just(kernel::Currency()));
}

rc::Gen<kernel::Quantity> any_quantity() {
    return rc::gen::map(rc::gen::arbitrary<std::int64_t>(),
                        [](std::int64_t n) { return kernel::Quantity::of(n); });
}

template <class Id>
rc::Gen<Id> any_id() {
    const auto texts = rc::gen::map(testing::ids<Id>(), [](const Id& id) { return id.value(); });
    return rc::gen::construct<Id>(mostly(texts));
}

rc::Gen<kernel::Quantity> mostly_few(const rc::Gen<std::int64_t>& few) {
    return rc::gen::map(
        rc::gen::weightedOneOf<std::int64_t>({{9, few}, {1, rc::gen::arbitrary<std::int64_t>()}}),
        [](std::int64_t n) { return kernel::Quantity::of(n); });
}

template <class Id>
rc::Gen<Id> any_numbered_id() {
    return rc::gen::oneOf(testing::numbered_ids<Id>(), any_id<Id>());
}

void assert_written(const auto& decision, auto encode, auto decode) {
    RC_CLASSIFY(decision.has_value(), "accepted");
    if (!decision) return;
    for (const auto& event : *decision) testing::assert_round_trip(event, encode, decode);
}

RC_GTEST_PROP(Agreement, WhatAProductAcceptsIsReadAgain, ()) {
    namespace domain = skald::product;
    domain::State state;
    const domain::Create create{*any_id<kernel::Sku>(),     *anything(),        *maybe(anything()),
                                *maybe(anything()),         *maybe(anything()), *any_money(),
                                *rc::gen::arbitrary<bool>()};
    const auto created = decide(state, domain::Command(create));
    assert_written(created, &product::encode, &product::decode);
    state = created ? kernel::fold(state, *created)
                    : evolve(state, domain::Created{kernel::Sku("a"), "A", {}, {}, {}, {1, {}}});
    const domain::Change change{
        {*maybe(anything()), *maybe(anything()), *maybe(anything()), *maybe(anything())},
        *maybe(any_money()),
        *maybe(rc::gen::arbitrary<bool>())};
    assert_written(decide(state, domain::Command(change)), &product::encode, &product::decode);
}

RC_GTEST_PROP(Agreement, WhatStockAcceptsIsReadAgain, ()) {
    namespace domain = skald::stock;
    using kernel::HoldId, kernel::OrderId;
    domain::State state = evolve({}, domain::Received{1000, {}});
    const auto hold = *any_id<HoldId>();
    const auto order = *any_id<OrderId>();
    const auto count = kernel::Quantity::of(*rc::gen::inRange<std::int64_t>(1, 20));
    const domain::Command commands[] = {
        domain::Receive{*any_quantity(), *maybe(anything())},
        domain::Adjust{count, *anything()},
        domain::Reserve{hold, count},
        domain::Allocate{hold, order, count},
        domain::Unallocate{order, 1},
        domain::Ship{order, count - kernel::Quantity(1)},
        domain::Return{order, 1},
        domain::Reserve{hold, count},
        domain::Release{hold, *anything()},
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
    const domain::Register command{
        EmailAddress(*mostly(rc::gen::element<std::string>("a@b", "x.y@z"))),
        PersonName(*anything())};
    assert_written(decide(domain::State{}, domain::Command(command)), &account::encode,
                   &account::decode);
    const auto claim = skald::email::Claim{*any_id<kernel::AccountId>()};
    assert_written(decide(skald::email::State{}, skald::email::Command(claim)), &email::encode,
                   &email::decode);
}

RC_GTEST_PROP(Agreement, WhatAnOrderAcceptsIsReadAgain, ()) {
    namespace domain = skald::order;
    domain::Place place{kernel::AccountId("ada"),
                        {},
                        *anything(),
                        kernel::Timestamp(*rc::gen::arbitrary<std::int64_t>())};
    if (*rc::gen::inRange(0, 4) > 0) place.payment_method = "card-ok";
    const auto count = *rc::gen::inRange(1, 4);
    for (int i = 0; i < count; ++i)
        place.lines.push_back({*any_id<kernel::Sku>(), *anything(), *maybe(anything()),
                               kernel::Quantity::of(*rc::gen::inRange<std::int64_t>(1, 9)),
                               *any_money()});
    assert_written(decide(domain::State{}, domain::Command(place)), &order::encode, &order::decode);
}

RC_GTEST_PROP(Agreement, WhatAPlacedOrderAcceptsIsReadAgain, ()) {
    namespace domain = skald::order;
    using kernel::Sku, kernel::Timestamp;
    const Sku tea("tea");
    domain::State state = evolve(
        {}, domain::Placed{
                kernel::AccountId("a"), {{tea, "T", {}, 5, {1, {}}, {5, {}}}}, {5, {}}, "m", {}});
    const auto few = [] { return mostly_few(rc::gen::inRange<std::int64_t>(-1, 4)); };
    const auto portions = [&] {
        return std::vector<kernel::Portion>{{*rc::gen::element(tea, Sku("x")), *few()}};
    };
    const domain::Command commands[] = {
        domain::Reject{*anything(), *maybe(any_id<Sku>())},
        domain::RequestCancel{*anything(), Timestamp(*rc::gen::arbitrary<std::int64_t>())},
        domain::RequestCancel{*anything(), Timestamp(*rc::gen::inRange(0, 1'000'000))},
        domain::Cancel{*any_money()},
        domain::RefuseCancel{*anything()},
        domain::Confirm{*any_numbered_id<kernel::PaymentId>()},
        domain::RecordShipment{*any_numbered_id<kernel::ShipmentId>(), portions()},
        domain::RecordShipment{*any_numbered_id<kernel::ShipmentId>(), portions()},
        domain::RecordReturn{*any_id<kernel::ReturnId>(),
                             portions(),
                             {*rc::gen::inRange(-1, 7), {}},
                             *maybe(anything())},
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
    const auto refund = *any_id<RefundId>();
    const auto time = Timestamp(
        *rc::gen::oneOf(rc::gen::arbitrary<std::int64_t>(), rc::gen::inRange<std::int64_t>(-9, 9)));
    const domain::Command commands[] = {
        domain::Initiate{*any_id<kernel::OrderId>(), *any_money(), *anything()},
        domain::Initiate{kernel::OrderId("o"), money(9), "card"},
        domain::RecordUnknown{Operation::authorise, *anything()},
        domain::Reconcile{Operation::authorise, *anything(), Found::done},
        domain::RecordAuthorised{*anything(), time, money(9)},
        domain::RecordAuthorised{"a", Timestamp(1), money(9)},
        domain::RequestCapture{money(3)},
        domain::RecordUnknown{Operation::capture, *anything()},
        domain::RecordCaptured{money(3), *anything()},
        domain::RecordCaptured{money(3), "c"},
        domain::RequestVoid{},
        domain::RecordVoided{},
        domain::RequestRefund{refund, money(2), *anything()},
        domain::RecordUnknown{Operation::refund, refund.value()},
        domain::RecordRefunded{refund, money(2)},
        domain::RequestRefund{RefundId("another"), money(1), "why"},
        domain::RecordRefundFailed{RefundId("another"), *anything()},
        domain::RecordDeclined{*anything()},
    };
    for (const auto& command : commands) {
        const auto decision = decide(state, command);
        assert_written(decision, &payment::encode, &payment::decode);
        if (decision) state = kernel::fold(state, *decision);
    }
    const auto pending = evolve({}, domain::Initiated{kernel::OrderId("o"), money(9), "card"});
    assert_written(decide(pending, domain::RecordDeclined{*anything()}), &payment::encode,
                   &payment::decode);
}

RC_GTEST_PROP(Agreement, WhatAShipmentAcceptsIsReadAgain, ()) {
    namespace domain = skald::shipment;
    const auto few = mostly_few(rc::gen::inRange<std::int64_t>(1, 100'001));
    std::vector<kernel::Portion> lines;
    for (int count = *rc::gen::inRange(0, 3); count > 0; --count)
        lines.push_back({*any_id<kernel::Sku>(), *few});
    assert_written(
        decide({}, domain::Create{*any_id<kernel::OrderId>(), lines, *maybe(anything())}),
        &shipment::encode, &shipment::decode);
    const auto created = evolve({}, domain::Created{kernel::OrderId("o"), {{kernel::Sku("a"), 1}}});
    const auto time =
        *rc::gen::oneOf(rc::gen::arbitrary<std::int64_t>(), rc::gen::inRange<std::int64_t>(-9, 9));
    assert_written(decide(created, domain::Ship{*anything(), kernel::Timestamp(time)}),
                   &shipment::encode, &shipment::decode);
    assert_written(decide(created, domain::Fail{*anything()}), &shipment::encode,
                   &shipment::decode);
}

RC_GTEST_PROP(Agreement, WhatACartAcceptsIsReadAgain, ()) {
    namespace domain = skald::cart;
    assert_written(decide({}, domain::Create{*maybe(any_id<kernel::AccountId>())}), &cart::encode,
                   &cart::decode);
    domain::State state = evolve({}, domain::Created{{}});
    const auto sku = *any_id<kernel::Sku>();
    const domain::Command commands[] = {
        domain::SetItem{sku, *mostly_few(rc::gen::inRange<std::int64_t>(0, 100'002))},
        domain::RemoveItem{sku},
        domain::SetItem{kernel::Sku("a"), 1},
        domain::CheckOut{*any_id<kernel::OrderId>()},
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
    auto data = rc::gen::elementOf(std::vector<Encoded>(std::begin(written), std::end(written)))
                    .
                    operator*()
                    .data;
    const auto damages = *rc::gen::inRange(0, 4);
    for (int i = 0; i < damages; ++i)
        data[*rc::gen::inRange<std::size_t>(0, data.size())] = *rc::gen::arbitrary<char>();
    data.resize(
        *rc::gen::oneOf(rc::gen::just(data.size()), rc::gen::inRange<std::size_t>(0, data.size())));
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
