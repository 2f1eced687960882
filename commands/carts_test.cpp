// Carts: filled while goods are sold, and made into an order with the prices of that moment, both
// or neither.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "commands/bindings.h"
#include "commands/shop_rig.h"

namespace skald::commands {
namespace {

using eventstore::Answer;
using eventstore::AnswerKind;
using eventstore::Version;
using kernel::AccountId;
using kernel::CartId;
using kernel::Sku;
using Lines = std::vector<std::pair<std::string, std::int64_t>>;

// A shop with tea (1 EUR), wine (2.50 EUR), yen (sold in JPY) and pot (archived), an account, and
// carts: ada's with tea and wine, a guest's with tea, one with nothing in it.
struct WithCarts : ShopRig {
    WithCarts() {
        for (const char* sku : {"tea", "pot"}) create(sku);
        create("wine", 250);
        executor.run(
            create_product(context(), {.sku = Sku("yen"),
                                       .title = "Yen",
                                       .department = std::nullopt,
                                       .category = std::nullopt,
                                       .brand = std::nullopt,
                                       .price = {5, kernel::Currency::make("JPY").value()}}));
        account = AccountId(std::string(enroll("ada@example.org").stream.id()));
        adas = filled(account, {{"wine", 2}, {"tea", 3}});
        guests = filled(std::nullopt, {{"tea", 1}});
        bare = filled(account, {});
        archive("pot");
    }

    Answer begin(const std::optional<AccountId>& whose) {
        return executor.run(create_cart(context(), whose));
    }
    CartId filled(const std::optional<AccountId>& whose, const Lines& lines) {
        const CartId cart(std::string(begin(whose).stream.id()));
        for (const auto& [sku, units] : lines)
            EXPECT_EQ(set(cart, sku, units).kind, AnswerKind::done) << sku;
        return cart;
    }
    Answer set(const CartId& cart, const std::string& sku, std::int64_t units) {
        return executor.run(set_cart_item(context(), cart, Sku(sku), kernel::Quantity::of(units)));
    }
    Answer take_out(const CartId& cart, const std::string& sku) {
        return executor.run(remove_cart_item(context(), cart, Sku(sku)));
    }
    Answer pay(const CartId& cart, std::int64_t cents) {
        std::promise<Answer> promise;
        check_out_cart(executor, context(), cart,
                       {.account = std::nullopt, .payment_method = "card-ok", .total = euro(cents)},
                       [&](const Answer& answer) { promise.set_value(answer); });
        return promise.get_future().get();
    }
    std::future<Answer> check_out_later(eventstore::Executor& by, const CommandContext& context,
                                        const CartId& cart,
                                        const std::optional<AccountId>& whose) const {
        auto promise = std::make_shared<std::promise<Answer>>();
        check_out_cart(by, context, cart, {.account = whose, .payment_method = "card-ok"},
                       [promise](const Answer& answer) { promise->set_value(answer); });
        return promise->get_future();
    }
    Answer check_out(const CartId& cart, const std::optional<AccountId>& whose = std::nullopt,
                     const CommandContext& context = ShopRig::context()) {
        return check_out_later(executor, context, cart, whose).get();
    }
    cart::State now(const CartId& cart) { return state<CartBinding>(cart_stream(cart)); }

    AccountId account;
    CartId adas, guests, bare;
};

struct CartRefusal {
    const char* what;
    std::function<Answer(WithCarts&)> command;
    const char* code;
    const char* pointer = "";
};
std::ostream& operator<<(std::ostream& out, const CartRefusal& row) { return out << row.what; }

class RefusalsOfCarts : public testing::TestWithParam<CartRefusal> {};

TEST_P(RefusalsOfCarts, AreAnsweredWithCodeRemedyAndPlaceAndHaveNoEffect) {
    WithCarts shop;
    eventstore::MemoryLog log(shop.store);
    const auto before = log.heads();

    const auto answer = GetParam().command(shop);

    EXPECT_EQ(answer.kind, AnswerKind::refused);
    EXPECT_EQ(answer.refusal.code, GetParam().code);
    EXPECT_EQ(answer.refusal.pointer, GetParam().pointer);
    EXPECT_TRUE(answer.refusal.detail.ends_with('.')) << answer.refusal.detail;
    EXPECT_EQ(log.heads(), before);
    EXPECT_FALSE(log.receipt(answer.id)) << "a client's refusal leaves no receipt";
}

const AccountId stranger{"stranger"};
const CartId no_cart{"no_cart"};

INSTANTIATE_TEST_SUITE_P(
    Commands, RefusalsOfCarts,
    testing::Values(
        CartRefusal{"a cart of an unknown account", [](auto& s) { return s.begin(stranger); },
                    "unknown_account", "/account_id"},
        CartRefusal{"into no cart", [](auto& s) { return s.set(no_cart, "tea", 1); },
                    "cart_not_found"},
        CartRefusal{"an unknown product", [](auto& s) { return s.set(s.adas, "no", 1); },
                    "unknown_product", "/path/sku"},
        CartRefusal{"an archived product", [](auto& s) { return s.set(s.adas, "pot", 1); },
                    "unknown_product", "/path/sku"},
        CartRefusal{"none of it", [](auto& s) { return s.set(s.adas, "tea", 0); },
                    "cart_quantity_out_of_range", "/quantity"},
        CartRefusal{"out of no cart", [](auto& s) { return s.take_out(no_cart, "tea"); },
                    "cart_not_found"},
        CartRefusal{"no cart checked out", [](auto& s) { return s.check_out(no_cart, stranger); },
                    "cart_not_found"},
        CartRefusal{"an empty cart checked out", [](auto& s) { return s.check_out(s.bare); },
                    "cart_empty"},
        CartRefusal{"for nobody", [](auto& s) { return s.check_out(s.guests); },
                    "cart_account_missing", "/account_id"},
        CartRefusal{"for an unknown account",
                    [](auto& s) { return s.check_out(s.guests, stranger); }, "unknown_account",
                    "/account_id"},
        CartRefusal{"for another account", [](auto& s) { return s.check_out(s.adas, stranger); },
                    "cart_account_differs", "/account_id"},
        CartRefusal{"for less than it costs now", [](auto& s) { return s.pay(s.adas, 799); },
                    "cart_total_differs", "/total"}));

// What a customer was shown is not what was looked up when the cart was checked out.
TEST(Carts, AreCheckedOutForTheTotalThatWasShownOrNotAtAll) {
    WithCarts shop;
    const auto shown = ShopRig::euro(800);
    shop.set_price("tea", ShopRig::euro(150));
    const auto differs = shop.pay(shop.adas, shown.amount).refusal;
    EXPECT_EQ(differs.code, "cart_total_differs");
    EXPECT_TRUE(differs.detail.starts_with("The cart comes to 950 EUR now, not to 800 EUR"))
        << differs.detail;
    EXPECT_EQ(shop.now(shop.adas).order, std::nullopt);
    const auto answer = shop.pay(shop.adas, 950);
    ASSERT_EQ(answer.kind, AnswerKind::done) << answer.refusal.detail;
    EXPECT_EQ(shop.state<OrderBinding>(answer.stream).total, ShopRig::euro(950));
}

// One after the other they took a request each to be found.
TEST(Carts, AllThatStandsAgainstAnOrderIsToldAtOnce) {
    WithCarts shop;
    for (const char* sku : {"tea", "wine"}) shop.archive(sku);
    const auto all = [](const eventstore::Refusal& refusal) {
        auto text = refusal.code + refusal.pointer;
        for (const auto& other : refusal.others) text += " " + other.code + other.pointer;
        return text;
    };
    const std::string lines = " unknown_product/lines/0/sku unknown_product/lines/1/sku";
    EXPECT_EQ(all(shop.check_out(shop.adas, stranger).refusal),
              "cart_account_differs/account_id" + lines);
    EXPECT_EQ(all(shop.check_out(shop.guests).refusal),
              "cart_account_missing/account_id unknown_product/lines/0/sku");
    EXPECT_EQ(all(shop.check_out(shop.guests, stranger).refusal),
              "unknown_account/account_id unknown_product/lines/0/sku");
    EXPECT_EQ(all(shop.check_out(shop.bare, stranger).refusal),
              "cart_empty cart_account_differs/account_id");
    const auto ordered = shop.executor.run(place_order(
        ShopRig::context(),
        {.account = stranger, .lines = {{Sku("tea"), 1}, {Sku("no"), 1}}, .payment_method = "x"}));
    EXPECT_EQ(all(ordered.refusal), "unknown_account/account_id" + lines);
}

// Counts what is appended for the cart of `meddled`, and changes how much tea is in it just before
// it is checked out.
class MeddlingLog : public eventstore::MemoryLog {
  public:
    MeddlingLog(std::shared_ptr<eventstore::MemoryStore> store, CartId cart,
                std::atomic<int>& rounds)
        : MemoryLog(std::move(store)), cart_(std::move(cart)), rounds_(rounds) {}
    eventstore::AppendResult append(std::span<const eventstore::AppendCommand> batch) override {
        for (const auto& command : batch) {
            const auto use =
                std::ranges::find(command.uses, cart_stream(cart_), &eventstore::StreamUse::stream);
            if (use == command.uses.end()) continue;
            ++rounds_;
            if (!use->events.empty() && !std::exchange(meddled_, true)) change(use->expected);
        }
        return MemoryLog::append(batch);
    }

  private:
    void change(Version present) {
        const std::vector<eventstore::AppendCommand> batch{
            {.id = eventstore::fresh_command_id(),
             .uses = {{cart_stream(cart_), present,
                       encoded<CartBinding>({cart::ItemSet{Sku("tea"), 7}}, ShopRig::context())}}}};
        ASSERT_EQ(MemoryLog::append(batch).outcomes[0].kind, eventstore::OutcomeKind::accepted);
    }

    CartId cart_;
    std::atomic<int>& rounds_;
    bool meddled_ = false;
};

// A quantity that changed meanwhile sent the checkout round again, as if another product had come.
TEST(Carts, ACheckoutTakesTheQuantitiesOfNowWithoutAnotherRound) {
    WithCarts shop;
    std::atomic<int> rounds = 0;
    eventstore::Executor other(
        [&] { return std::make_unique<MeddlingLog>(shop.store, shop.adas, rounds); }, folds(), {});
    const auto answer =
        shop.check_out_later(other, ShopRig::context(), shop.adas, std::nullopt).get();
    ASSERT_EQ(answer.kind, AnswerKind::done);
    EXPECT_EQ(shop.state<OrderBinding>(answer.stream).total, ShopRig::euro(7 * 100 + 2 * 250));
    EXPECT_EQ(rounds, 3) << "what is in it, what it costs, and that again";
}

TEST(Carts, ACheckoutPlacesTheOrderAtThePricesOfNowAndEndsTheCart) {
    WithCarts shop;
    shop.set_price("tea", ShopRig::euro(300));
    const auto answer = shop.check_out(shop.adas, shop.account);
    ASSERT_EQ(answer.kind, AnswerKind::done) << answer.refusal.detail;
    EXPECT_EQ(answer.stream.text(), "order-" + eventstore::to_text(answer.id.value()));
    EXPECT_EQ(answer.version, Version(1));

    const auto order = shop.state<OrderBinding>(answer.stream);
    EXPECT_EQ(order.account, shop.account);
    EXPECT_EQ(order.total, ShopRig::euro(3 * 300 + 2 * 250));
    ASSERT_EQ(order.lines.size(), 2U);
    EXPECT_EQ(order.lines[0].sku, Sku("tea"));
    EXPECT_EQ(order.lines[0].title, "Title of tea");
    EXPECT_EQ(order.lines[0].unit_price, ShopRig::euro(300));
    EXPECT_EQ(order.lines[1].quantity, kernel::Quantity(2));
    EXPECT_EQ(order.placed_at, ShopRig::context().at);
    EXPECT_EQ(shop.now(shop.adas).order, kernel::OrderId(std::string(answer.stream.id())));
    EXPECT_EQ(shop.stream(cart_stream(shop.adas)).back().command,
              shop.stream(answer.stream).back().command);

    for (const auto& late : {shop.set(shop.adas, "tea", 9), shop.take_out(shop.adas, "tea"),
                             shop.check_out(shop.adas)}) {
        EXPECT_EQ(late.refusal.code, "cart_checked_out");
        EXPECT_NE(late.refusal.detail.find(answer.stream.id()), std::string::npos);
    }
}

TEST(Carts, OfGuestsBecomeTheOrderOfWhoChecksThemOut) {
    WithCarts shop;
    const auto answer = shop.check_out(shop.guests, shop.account);
    ASSERT_EQ(answer.kind, AnswerKind::done);
    EXPECT_EQ(shop.state<OrderBinding>(answer.stream).account, shop.account);
    EXPECT_EQ(shop.now(shop.guests).account, std::nullopt);
}

TEST(Carts, AllThatIsNotSoldAnyMoreIsNamedAtOnceAndCanBeTakenOut) {
    WithCarts shop;
    shop.set(shop.adas, "yen", 1);
    for (const char* sku : {"wine", "yen"}) shop.archive(sku);
    const auto refused = shop.check_out(shop.adas).refusal;
    EXPECT_EQ(refused.code + " " + refused.pointer, "unknown_product /lines/1/sku");
    ASSERT_EQ(refused.others.size(), 1U);
    EXPECT_EQ(refused.others[0].pointer, "/lines/2/sku");
    EXPECT_EQ(shop.now(shop.adas).order, std::nullopt);
    for (const char* sku : {"wine", "yen", "never_there"})
        EXPECT_EQ(shop.take_out(shop.adas, sku).kind, AnswerKind::done);
    EXPECT_EQ(shop.check_out(shop.adas).kind, AnswerKind::done);
}

TEST(Carts, WhatAnOrderCannotBeIsNoOrder) {
    WithCarts shop;
    shop.set(shop.adas, "yen", 1);
    EXPECT_EQ(shop.check_out(shop.adas).refusal.code, "order_mixed_currencies");
    EXPECT_EQ(shop.check_out(shop.adas).refusal.pointer, "/lines/2/sku");
}

TEST(Carts, HoldAThousandLinesAndNotOneMore) {
    WithCarts shop;
    std::vector<cart::Event> life{cart::Created{shop.account}};
    for (int i = 0; i < 999; ++i) {
        const auto sku = "p" + std::to_string(i);
        shop.create(sku);
        life.push_back(cart::ItemSet{Sku(sku), 1});
    }
    const CartId full("full");
    const std::vector<eventstore::AppendCommand> batch{
        {.id = eventstore::fresh_command_id(),
         .uses = {
             {cart_stream(full), Version(0), encoded<CartBinding>(life, ShopRig::context())}}}};
    eventstore::MemoryLog(shop.store).append(batch);
    EXPECT_EQ(shop.set(full, "tea", 1).kind, AnswerKind::done);
    EXPECT_EQ(shop.set(full, "wine", 1).refusal.code, "cart_too_many_items");
    const auto answer = shop.check_out(full);
    ASSERT_EQ(answer.kind, AnswerKind::done) << answer.refusal.code;
    EXPECT_EQ(shop.state<OrderBinding>(answer.stream).lines.size(), 1000U);
}

TEST(Carts, IfMatchIsTheVersionOfTheCart) {
    WithCarts shop;
    const auto with = [](std::int64_t version) {
        auto context = ShopRig::context();
        context.if_match = Version(version);
        return context;
    };
    const auto early = shop.check_out(shop.adas, std::nullopt, with(2));
    EXPECT_EQ(early.kind, AnswerKind::version_mismatch);
    EXPECT_EQ(early.version, Version(3));
    EXPECT_EQ(
        shop.executor.run(set_cart_item(with(2), shop.adas, Sku("tea"), kernel::Quantity::of(1)))
            .kind,
        AnswerKind::version_mismatch);
    EXPECT_EQ(shop.check_out(shop.adas, std::nullopt, with(3)).kind, AnswerKind::done);
}

TEST(Carts, ACheckoutSentAgainIsAnsweredAsTheFirstTime) {
    WithCarts shop;
    const auto first = shop.check_out(shop.adas, std::nullopt, ShopRig::context("pay"));
    shop.archive("tea");
    const auto again = shop.check_out(shop.adas, std::nullopt, ShopRig::context("pay"));
    EXPECT_EQ(again.kind, AnswerKind::done);
    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(again.stream, first.stream);
    EXPECT_EQ(again.version, first.version);
}

// Two programs on one log: some change the cart while others check it out.
void fill_and_check_out_at_once(WithCarts& shop) {
    eventstore::Executor other([&] { return std::make_unique<eventstore::MemoryLog>(shop.store); },
                               folds(), {});
    std::vector<std::future<Answer>> checkouts;
    for (int i = 0; i < 20; ++i) {
        auto& by = i % 2 == 0 ? shop.executor : other;
        by.submit(set_cart_item(ShopRig::context(), shop.adas, Sku(i % 3 == 0 ? "wine" : "tea"),
                                kernel::Quantity::of(i + 1)),
                  [](const Answer&) {});
        checkouts.push_back(shop.check_out_later(by, ShopRig::context(), shop.adas, std::nullopt));
    }
    std::string order;
    for (auto& checkout : checkouts) {
        const auto answer = checkout.get();
        if (answer.kind == AnswerKind::done) {
            EXPECT_EQ(order, "");
            order = answer.stream.text();
        } else {
            EXPECT_EQ(answer.refusal.code, "cart_checked_out");
        }
    }
    const auto cart = shop.now(shop.adas);
    ASSERT_TRUE(cart.order.has_value());
    EXPECT_EQ("order-" + cart.order->value(), order);
    std::map<Sku, kernel::Quantity> ordered;
    for (const auto& line : shop.state<OrderBinding>(order_stream(*cart.order)).lines)
        ordered.emplace(line.sku, line.quantity);
    EXPECT_EQ(ordered, cart.items);
}

// Whoever wins, the order is what the cart held then, and there is one.
TEST(Carts, CheckedOutByManyWhileTheyAreFilledBecomeOneOrder) {
    for (int round = 0; round < 20; ++round) {
        WithCarts shop;
        fill_and_check_out_at_once(shop);
    }
}

}  // namespace
}  // namespace skald::commands
