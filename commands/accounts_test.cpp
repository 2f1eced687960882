#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "commands/bindings.h"
#include "commands/shop_rig.h"

namespace skald::commands {
namespace {

using eventstore::Answer;
using eventstore::AnswerKind;

// Who holds the claim on an address.
std::string holder(ShopRig& shop, const std::string& email) {
    const auto hash = shop.key.hash(kernel::EmailAddress(email));
    const auto held = shop.state<EmailBinding>(email_stream(hash)).holder;
    return held ? held->value() : "";
}

TEST(EmailKey, TellsSecretsAndAddressesApartButNotTheirCase) {
    const EmailKey one("0123456789abcdef");
    const EmailKey two("0123456789abcdeg");
    const kernel::EmailAddress ada("ada@example.org");
    EXPECT_EQ(one.hash(ada), one.hash(kernel::EmailAddress("ADA@Example.Org")));
    EXPECT_NE(one.hash(ada), two.hash(ada));
    EXPECT_NE(one.hash(ada), one.hash(kernel::EmailAddress("adb@example.org")));
    EXPECT_TRUE(kernel::is_id(one.hash(ada)));
    // openssl dgst -sha256 -hmac 0123456789abcdef <<< (without line end) ada@example.org
    EXPECT_EQ(one.hash(ada).value(),
              "48eef52843ab78cd641876afd0f93ce36cd8f1140d12da77c82ac27f919a849d");
}

TEST(Accounts, RegistrationClaimsTheAddressInTheSameGroup) {
    ShopRig shop;
    const auto answer = shop.enroll("ada@example.org");
    const std::string id(answer.stream.id());
    EXPECT_EQ(id, eventstore::to_text(answer.id.value()));
    EXPECT_EQ(holder(shop, "ada@example.org"), id);
    const auto hash = shop.key.hash(kernel::EmailAddress("ada@example.org"));
    EXPECT_EQ(shop.stream(email_stream(hash)).at(0).command, answer.id);
}

TEST(Accounts, ChangeOfAddressMovesTheClaim) {
    ShopRig shop;
    const std::string id(shop.enroll("old@example.org").stream.id());
    EXPECT_EQ(shop.change(id, ShopRig::email("new@example.org")).version, eventstore::Version(2));
    EXPECT_EQ(holder(shop, "new@example.org"), id);
    EXPECT_EQ(holder(shop, "old@example.org"), "");
    EXPECT_EQ(shop.enroll("old@example.org").kind, AnswerKind::done);
}

TEST(Accounts, ChangeOfCaseAloneKeepsTheClaim) {
    ShopRig shop;
    const std::string id(shop.enroll("ada@example.org").stream.id());
    EXPECT_EQ(shop.change(id, ShopRig::email("Ada@Example.org")).version, eventstore::Version(2));
    EXPECT_EQ(holder(shop, "ada@example.org"), id);
    const auto hash = shop.key.hash(kernel::EmailAddress("ada@example.org"));
    EXPECT_EQ(shop.stream(email_stream(hash)).size(), 1U);
}

TEST(Accounts, ChangeOfBothIsOneCommandAndOfNothingIsNone) {
    ShopRig shop;
    const std::string id(shop.enroll("old@example.org").stream.id());
    auto both = ShopRig::email("new@example.org");
    both.name = kernel::PersonName("Both");
    EXPECT_EQ(shop.change(id, both).version, eventstore::Version(3));
    for (const auto& same :
         {both, ShopRig::name("Both"), ShopRig::email("new@example.org"), AccountChange{}}) {
        const auto answer = shop.change(id, same);
        EXPECT_EQ(answer.kind, AnswerKind::done);
        EXPECT_EQ(answer.version, eventstore::Version(3));
    }
}

TEST(Accounts, RefusedChangeOfBothChangesNeither) {
    ShopRig shop;
    shop.enroll("taken@example.org");
    const auto account = shop.enroll("ada@example.org");
    auto both = ShopRig::email("taken@example.org");
    both.name = kernel::PersonName("After");
    EXPECT_EQ(shop.change(std::string(account.stream.id()), both).refusal.code, "email_taken");
    EXPECT_EQ(shop.stream(account.stream).size(), 1U);
}

TEST(Accounts, IfMatchIsTheVersionOfTheAccount) {
    ShopRig shop;
    const auto account = shop.enroll("ada@example.org");
    auto context = ShopRig::context();
    context.if_match = eventstore::Version(7);
    std::promise<Answer> answered;
    change_account(shop.executor, context, shop.key,
                   kernel::AccountId(std::string(account.stream.id())),
                   ShopRig::email("new@example.org"),
                   [&](const Answer& answer) { answered.set_value(answer); });
    const auto answer = answered.get_future().get();
    EXPECT_EQ(answer.kind, AnswerKind::version_mismatch);
    EXPECT_EQ(answer.version, eventstore::Version(1));
    EXPECT_EQ(answer.id, context.id);
}

TEST(Races, ForOneAddressHaveOneWinner) {
    ShopRig shop;
    std::vector<std::thread> threads;
    std::vector<Answer> answers(16);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        threads.emplace_back([&, i] { answers[i] = shop.enroll("ada@example.org"); });
    }
    for (auto& thread : threads) thread.join();
    std::string winner;
    for (const auto& answer : answers) {
        if (answer.kind == AnswerKind::done) {
            EXPECT_EQ(winner, "");
            winner = answer.stream.id();
        } else {
            EXPECT_EQ(answer.refusal.code, "email_taken");
        }
    }
    EXPECT_EQ(holder(shop, "ada@example.org"), winner);
}

// Two processes on one log, each sure of what its cache holds, send one account here and there.
TEST(Races, OfOneAccountsChangesLeaveExactlyItsAddressClaimed) {
    ShopRig shop;
    const auto account = shop.enroll("a0@example.org");
    const kernel::AccountId id{std::string(account.stream.id())};
    eventstore::Executor other([&] { return std::make_unique<eventstore::MemoryLog>(shop.store); },
                               folds(), {});
    std::vector<std::future<Answer>> answers;
    for (int i = 0; i < 60; ++i) {
        auto promise = std::make_shared<std::promise<Answer>>();
        answers.push_back(promise->get_future());
        change_account(i % 2 == 0 ? shop.executor : other, ShopRig::context(), shop.key, id,
                       ShopRig::email("a" + std::to_string(i % 7) + "@example.org"),
                       [promise](const Answer& answer) { promise->set_value(answer); });
    }
    for (auto& answer : answers) EXPECT_EQ(answer.get().kind, AnswerKind::done);
    const auto present = shop.state<AccountBinding>(account.stream).email.value();
    for (int i = 0; i < 7; ++i) {
        const auto email = "a" + std::to_string(i) + "@example.org";
        EXPECT_EQ(holder(shop, email), email == present ? id.value() : "") << email;
    }
}

// Two accounts that swap addresses through a third, from two processes.
TEST(Races, OfSeveralAccountsNeverShareAnAddress) {
    ShopRig shop;
    std::vector<kernel::AccountId> ids;
    for (int i = 0; i < 4; ++i) {
        const auto answer = shop.enroll("b" + std::to_string(i) + "@example.org");
        ids.emplace_back(std::string(answer.stream.id()));
    }
    eventstore::Executor other([&] { return std::make_unique<eventstore::MemoryLog>(shop.store); },
                               folds(), {});
    std::vector<std::future<Answer>> answers;
    for (int i = 0; i < 120; ++i) {
        auto promise = std::make_shared<std::promise<Answer>>();
        answers.push_back(promise->get_future());
        change_account(i % 3 == 0 ? other : shop.executor, ShopRig::context(), shop.key,
                       ids[static_cast<std::size_t>(i) % 4],
                       ShopRig::email("b" + std::to_string((i * 5) % 6) + "@example.org"),
                       [promise](const Answer& answer) { promise->set_value(answer); });
    }
    for (auto& answer : answers) {
        const auto got = answer.get();
        EXPECT_TRUE(got.kind == AnswerKind::done || got.refusal.code == "email_taken");
    }
    std::set<std::string> held;
    for (const auto& id : ids) {
        const auto email = shop.state<AccountBinding>(account_stream(id)).email.value();
        EXPECT_TRUE(held.insert(email).second) << email;
        EXPECT_EQ(holder(shop, email), id.value());
    }
    for (int i = 0; i < 6; ++i) {
        const auto email = "b" + std::to_string(i) + "@example.org";
        if (held.contains(email)) continue;
        EXPECT_EQ(holder(shop, email), "") << email;
    }
}

// A price that changes in another process between deciding and appending: the order is decided
// again, on the new price.
TEST(Races, BetweenAPriceAndAnOrderLeaveNoOrderWithAPriceThatHadGone) {
    ShopRig shop;
    shop.create("tea", 1);
    const std::string account(shop.enroll("ada@example.org").stream.id());
    eventstore::Executor other([&] { return std::make_unique<eventstore::MemoryLog>(shop.store); },
                               folds(), {});
    std::vector<eventstore::StreamName> orders;
    for (int cents = 2; cents < 40; ++cents) {
        other.run(change_product(ShopRig::context(), kernel::Sku("tea"),
                                 {.description = {}, .price = ShopRig::euro(cents)}));
        const auto placed = shop.place(account, {{"tea", 1}});
        EXPECT_EQ(shop.state<OrderBinding>(placed.stream).total, ShopRig::euro(cents));
    }
}

}  // namespace
}  // namespace skald::commands
