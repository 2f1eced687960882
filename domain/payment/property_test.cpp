// What holds of every payment after any commands whatsoever, the domain's invariants 5 and 7 among
// it.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "domain/payment/examples.h"

namespace skald::payment {
namespace {

using namespace examples;

rc::Gen<Command> commands() {
    using rc::gen::construct, rc::gen::element, rc::gen::inRange, rc::gen::just;
    const auto money = construct<Money>(
        rc::gen::oneOf(inRange<std::int64_t>(-1, 55), element<std::int64_t>(10, 20)),
        rc::gen::weightedElement<kernel::Currency>({{19, eur}, {1, usd}}));
    const auto operation =
        element(Operation::authorise, Operation::capture, Operation::void_, Operation::refund);
    const auto found = element(Found::done, Found::refused, Found::absent);
    const auto refs = element<std::string>("k", "k", "l", "r1", "r2");
    const auto refunds = element(r1, r2, RefundId("r3"));
    const auto why = just(std::string("why"));
    const auto command = [](auto gen) { return rc::gen::cast<Command>(gen); };
    return rc::gen::oneOf(
        command(construct<RecordAuthorised>(just(std::string("auth-1")), just(noon), money)),
        command(construct<RecordDeclined>(why)), command(construct<RequestCapture>(money)),
        command(construct<RequestCapture>(money)),
        command(construct<RecordCaptured>(money, element<std::string>("c1", "c2", "c3"))),
        command(construct<RecordUnknown>(operation, refs)),
        command(construct<Reconcile>(operation, refs, found)),
        rc::gen::weightedElement<Command>({{1, RequestVoid{}}, {3, RecordVoided{}}}),
        command(construct<RequestRefund>(refunds, money, why)),
        command(construct<RecordRefunded>(refunds, money)),
        command(construct<RecordRefundFailed>(refunds, why)));
}

// What the partner was asked for is usually what it answers.
Command aimed(const State& state, const Command& command) {
    if (auto c = std::get_if<RecordCaptured>(&command); c && state.capturing)
        return RecordCaptured{*state.capturing, c->provider_ref};
    if (auto c = std::get_if<RecordRefunded>(&command); c && state.refunds.contains(c->refund_id))
        return RecordRefunded{c->refund_id, state.refunds.at(c->refund_id).amount};
    return command;
}

rc::Gen<State> starts() { return rc::gen::element(pending, authorised, capturing, captured); }

// The partner's books, kept from the events alone.
struct Books {
    std::int64_t authorised = 0, captured = 0, refunded = 0, refunding = 0;
    std::map<RefundId, std::int64_t> asked;
    std::set<RefundId> ended, failed;
    std::set<std::pair<Operation, std::string>> doubts;
    bool currencies_agree = true, no_fact_in_doubt = true, refunds_once = true;

    void see(const Money& money) { currencies_agree &= money.currency == eur; }
    void answer(Operation operation, const std::string& ref = {}) {
        for (const auto& [of, under] : doubts)
            no_fact_in_doubt &= of != operation || (of == Operation::refund && under != ref);
    }
    void end(const RefundId& id) {
        answer(Operation::refund, id.value());
        refunds_once &= asked.contains(id) && ended.insert(id).second;
        refunding -= asked[id];
    }

    void write(const Initiated& e) { see(e.amount); }
    void write(const Authorised& e) {
        see(e.amount), answer(Operation::authorise), authorised += e.amount.amount;
    }
    void write(const Declined&) { answer(Operation::authorise); }
    void write(const OutcomeUnknown& e) { doubts.insert({e.operation, e.ref}); }
    void write(const Reconciled& e) { doubts.erase({e.operation, e.ref}); }
    void write(const CaptureRequested& e) { see(e.amount); }
    void write(const Captured& e) {
        see(e.amount), answer(Operation::capture), captured += e.amount.amount;
    }
    void write(const VoidRequested&) {}
    void write(const Voided&) { answer(Operation::void_); }
    void write(const RefundRequested& e) {
        see(e.amount);
        refunds_once &= asked.emplace(e.refund_id, e.amount.amount).second ||
                        failed.erase(e.refund_id) > 0;  // that one may be asked for again
        asked[e.refund_id] = e.amount.amount;
        ended.erase(e.refund_id);
        refunding += e.amount.amount;
    }
    void write(const Refunded& e) { see(e.amount), end(e.refund_id), refunded += e.amount.amount; }
    void write(const RefundFailed& e) { end(e.refund_id), failed.insert(e.refund_id); }
};

RC_GTEST_PROP(PaymentProperty, CapturedIsPromisedRefundedIsCapturedInOneCurrencyRefundsOnce, ()) {
    State state;
    Books books;
    const auto happen = [&](const std::vector<Event>& events) {
        for (const Event& event : events) {
            std::visit([&](const auto& e) { books.write(e); }, event);
            state = evolve(std::move(state), event);
        }
    };
    happen({initiated});
    if (*rc::gen::inRange(0, 4) > 0) happen({promised});
    for (const Command& command : *rc::gen::container<std::vector<Command>>(100, commands())) {
        const auto events = decide(state, aimed(state, command));
        if (!events) continue;
        happen(*events);
        RC_ASSERT(books.authorised <= initiated.amount.amount);
        RC_ASSERT(books.captured <= books.authorised);
        RC_ASSERT(books.refunding >= 0);
        RC_ASSERT(books.refunded + books.refunding <= books.captured);
        RC_ASSERT(books.currencies_agree && books.no_fact_in_doubt && books.refunds_once);
        RC_ASSERT(state.authorised == euros(books.authorised));
        RC_ASSERT(state.captured == euros(books.captured));
        RC_ASSERT(state.refunded == euros(books.refunded));
        RC_ASSERT(state.refunding == euros(books.refunding));
        RC_ASSERT(state.unknown.size() == books.doubts.size());
    }
    RC_CLASSIFY(books.refunded > 0, "refunded");
    RC_CLASSIFY(state.authorisation == Authorisation::voided, "voided");
}

RC_GTEST_PROP(PaymentProperty, OnlyListedTransitionsHappen, ()) {
    using A = Authorisation;
    const std::set<std::pair<A, A>> arrows = {
        {A::pending, A::authorised}, {A::pending, A::declined}, {A::authorised, A::voided}};
    State state = *starts();
    for (const Command& command : *rc::gen::container<std::vector<Command>>(60, commands())) {
        const State before = state;
        const auto events = decide(state, aimed(state, command));
        if (!events) continue;
        state = kernel::fold(std::move(state), *events);
        if (state.authorisation != before.authorisation)
            RC_ASSERT(arrows.contains({before.authorisation, state.authorisation}));
        if (before.authorisation == A::declined) RC_ASSERT(state == before);
        RC_ASSERT(!before.promise || state.promise == before.promise);
        RC_ASSERT(state.amount == before.amount);
    }
}

RC_GTEST_PROP(PaymentProperty, ACommandDecidedTwiceHappensOnce, ()) {
    State state = *starts();
    for (const Command& generated : *rc::gen::container<std::vector<Command>>(60, commands())) {
        const Command command = aimed(state, generated);
        const auto first = decide(state, command);
        if (!first) continue;
        state = kernel::fold(std::move(state), *first);
        const auto second = decide(state, command);
        RC_ASSERT(!second || second->empty());
        // Only a withdrawn request does not know any more that it was one.
        RC_ASSERT(second || std::holds_alternative<Reconcile>(command));
    }
}

}  // namespace
}  // namespace skald::payment
