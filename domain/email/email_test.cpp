#include "domain/email/email.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "domain/kernel/enum_name.h"
#include "domain/kernel/impossible.h"

namespace skald::email {
namespace {

const AccountId ada{"ada"}, bob{"bob"}, none{""};
const State unclaimed;
const State adas = evolve(unclaimed, Claimed{ada});
const State free_again = evolve(adas, Released{ada});

TEST(EmailClaim, AcceptsWith) {
    struct Row {
        std::string_view what;
        State given;
        Command when;
        std::vector<Event> then;
    };
    const Row rows[] = {
        {"an address nobody has", unclaimed, Claim{ada}, {Claimed{ada}}},
        {"one's own", adas, Claim{ada}, {}},
        {"one that was given up", free_again, Claim{bob}, {Claimed{bob}}},
        {"giving it up", adas, Release{ada}, {Released{ada}}},
        {"giving up what nobody has", free_again, Release{ada}, {}},
    };
    for (const Row& row : rows) {
        const auto decision = decide(row.given, row.when);
        ASSERT_TRUE(decision) << row.what << ": " << kernel::name_of(decision.error());
        EXPECT_TRUE(*decision == row.then) << row.what;
    }
}

TEST(EmailClaim, RefusesWith) {
    struct Row {
        std::string_view what;
        State given;
        Command when;
        Refusal then;
    };
    const Row rows[] = {
        {"a claim by no account", unclaimed, Claim{none}, Refusal::account_invalid},
        {"a release by no account", adas, Release{none}, Refusal::account_invalid},
        {"another's address", adas, Claim{bob}, Refusal::taken},
        {"releasing another's", adas, Release{bob}, Refusal::not_holder},
    };
    for (const Row& row : rows) {
        const auto decision = decide(row.given, row.when);
        ASSERT_FALSE(decision) << row.what;
        EXPECT_EQ(kernel::name_of(decision.error()), kernel::name_of(row.then)) << row.what;
    }
}

TEST(EmailClaim, AStoredEventThatCannotBeIsThrownNotApplied) {
    EXPECT_THROW(evolve(adas, Claimed{bob}), kernel::ImpossibleEvent);
    EXPECT_THROW(evolve(adas, Released{bob}), kernel::ImpossibleEvent);
    EXPECT_THROW(evolve(unclaimed, Released{ada}), kernel::ImpossibleEvent);
}

RC_GTEST_PROP(EmailClaimProperty, HasOneHolderAtATimeAndNobodyLosesItToAnother, ()) {
    State state;
    const auto accounts = rc::gen::element(ada, bob);
    const auto commands =
        rc::gen::oneOf(rc::gen::construct<Command>(rc::gen::construct<Claim>(accounts)),
                       rc::gen::construct<Command>(rc::gen::construct<Release>(accounts)));
    for (const Command& command : *rc::gen::container<std::vector<Command>>(commands)) {
        const auto before = state.holder;
        const auto by = std::visit([](const auto& c) { return c.account; }, command);
        const auto first = decide(state, command);
        if (!first) continue;
        state = kernel::fold(std::move(state), *first);
        RC_ASSERT(!before || before == state.holder || *before == by);
        const auto second = decide(state, command);
        RC_ASSERT(second.has_value());
        RC_ASSERT(second->empty());
    }
}

}  // namespace
}  // namespace skald::email
