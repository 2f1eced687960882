#include <gtest/gtest.h>

#include <set>

#include "commands/bindings.h"
#include "commands/shop_rig.h"
#include "schemas/meta.h"

namespace skald::commands {
namespace {

using eventstore::Answer;
using eventstore::AnswerKind;

struct RefusalRow {
    const char* what;
    std::function<Answer(ShopRig&, const std::string& account)> command;
    const char* code;
    const char* pointer;
};
std::ostream& operator<<(std::ostream& out, const RefusalRow& row) { return out << row.what; }

// In a shop with the product tea (1 EUR, 5 in stock), pot (archived), yen (sold in JPY), dear
// (10^12), an account of ada@example.org and one of bob@example.org.
class EveryRefusal : public testing::TestWithParam<RefusalRow> {};

TEST_P(EveryRefusal, IsAnsweredWithCodeRemedyAndPlaceAndHasNoEffect) {
    ShopRig shop;
    for (const char* sku : {"tea", "pot"}) shop.create(sku);
    shop.create("dear", 9'000'000'000'000'000'000);
    shop.executor.run(
        create_product(ShopRig::context(), {.sku = kernel::Sku("yen"),
                                            .title = "Yen",
                                            .department = std::nullopt,
                                            .category = std::nullopt,
                                            .brand = std::nullopt,
                                            .price = {5, kernel::Currency::make("JPY").value()}}));
    shop.archive("pot");
    shop.receive("tea", 5);
    shop.enroll("bob@example.org");
    const std::string account(shop.enroll("ada@example.org").stream.id());
    eventstore::MemoryLog log(shop.store);
    const auto before = log.heads();

    const auto answer = GetParam().command(shop, account);

    EXPECT_EQ(answer.kind, AnswerKind::refused);
    EXPECT_EQ(answer.refusal.code, GetParam().code);
    EXPECT_EQ(answer.refusal.pointer, GetParam().pointer);
    EXPECT_TRUE(answer.refusal.detail.ends_with('.')) << answer.refusal.detail;
    EXPECT_EQ(log.heads(), before);
    EXPECT_FALSE(log.receipt(answer.id)) << "a client's refusal leaves no receipt";
}

INSTANTIATE_TEST_SUITE_P(
    Commands, EveryRefusal,
    testing::Values(
        RefusalRow{"a sku twice", [](auto& s, auto&) { return s.create("tea"); },
                   "product_already_exists", "/sku"},
        RefusalRow{"an archived sku again", [](auto& s, auto&) { return s.create("pot"); },
                   "product_already_exists", "/sku"},
        RefusalRow{"a product without title",
                   [](auto& s, auto&) {
                       return s.executor.run(
                           create_product(ShopRig::context(), {.sku = kernel::Sku("new"),
                                                               .title = "",
                                                               .department = std::nullopt,
                                                               .category = std::nullopt,
                                                               .brand = std::nullopt,
                                                               .price = ShopRig::euro(1)}));
                   },
                   "product_title_empty", "/title"},
        RefusalRow{"a price of an unknown product",
                   [](auto& s, auto&) { return s.set_price("no", ShopRig::euro(2)); },
                   "product_not_found", ""},
        RefusalRow{"a price of an archived product",
                   [](auto& s, auto&) { return s.set_price("pot", ShopRig::euro(2)); },
                   "product_archived", ""},
        RefusalRow{"a price in another currency",
                   [](auto& s, auto&) { return s.set_price("yen", ShopRig::euro(2)); },
                   "product_currency_mismatch", "/price/currency"},
        RefusalRow{"a price of nothing",
                   [](auto& s, auto&) { return s.set_price("tea", ShopRig::euro(0)); },
                   "product_price_not_positive", "/price/amount"},
        RefusalRow{"archiving an unknown product", [](auto& s, auto&) { return s.archive("no"); },
                   "product_not_found", ""},
        RefusalRow{"receiving an unknown product",
                   [](auto& s, auto&) { return s.receive("no", 1); }, "product_not_found", ""},
        RefusalRow{"receiving nothing", [](auto& s, auto&) { return s.receive("tea", 0); },
                   "stock_quantity_not_positive", "/quantity"},
        RefusalRow{"receiving beyond all bounds",
                   [](auto& s, auto&) { return s.receive("tea", 1'000'000'000'000); },
                   "stock_too_much", ""},
        RefusalRow{"adjusting an unknown product", [](auto& s, auto&) { return s.adjust("no", 1); },
                   "product_not_found", ""},
        RefusalRow{"adjusting what never came in",
                   [](auto& s, auto&) { return s.adjust("yen", 1); }, "stock_never_received", ""},
        RefusalRow{"adjusting by nothing", [](auto& s, auto&) { return s.adjust("tea", 0); },
                   "stock_delta_zero", "/delta"},
        RefusalRow{"adjusting below zero", [](auto& s, auto&) { return s.adjust("tea", -6); },
                   "stock_not_enough", "/delta"},
        RefusalRow{"an address of another",
                   [](auto& s, auto&) { return s.enroll("bob@example.org"); }, "email_taken",
                   "/email"},
        RefusalRow{"an address of another in capitals",
                   [](auto& s, auto&) { return s.enroll("BOB@Example.ORG"); }, "email_taken",
                   "/email"},
        RefusalRow{"an address that is none", [](auto& s, auto&) { return s.enroll("bob"); },
                   "account_email_invalid", "/email"},
        RefusalRow{"a change to an address of another",
                   [](auto& s, auto& account) {
                       return s.change(account, ShopRig::email("bob@example.org"));
                   },
                   "email_taken", "/email"},
        RefusalRow{"a change of address of an unknown account",
                   [](auto& s, auto&) { return s.change("no", ShopRig::email("c@example.org")); },
                   "account_not_found", ""},
        RefusalRow{"a change of name of an unknown account",
                   [](auto& s, auto&) { return s.change("no", ShopRig::name("C")); },
                   "account_not_found", ""},
        RefusalRow{"no change of an unknown account",
                   [](auto& s, auto&) { return s.change("no", AccountChange{}); },
                   "account_not_found", ""},
        RefusalRow{"an empty name",
                   [](auto& s, auto& account) { return s.change(account, ShopRig::name("")); },
                   "account_name_empty", "/name"},
        RefusalRow{"a good address and an empty name",
                   [](auto& s, auto& account) {
                       auto change = ShopRig::email("new@example.org");
                       change.name = kernel::PersonName("");
                       return s.change(account, change);
                   },
                   "account_name_empty", "/name"},
        RefusalRow{"an order of an unknown account",
                   [](auto& s, auto&) {
                       return s.place("no", {{"tea", 1}});
                   },
                   "unknown_account", "/account_id"},
        RefusalRow{"an order of an unknown product",
                   [](auto& s, auto& account) {
                       return s.place(account, {{"tea", 1}, {"no", 1}});
                   },
                   "unknown_product", "/lines/1/sku"},
        RefusalRow{"an order of an archived product",
                   [](auto& s, auto& account) {
                       return s.place(account, {{"pot", 1}});
                   },
                   "unknown_product", "/lines/0/sku"},
        RefusalRow{"an order without lines",
                   [](auto& s, auto& account) { return s.place(account, {}); }, "order_no_lines",
                   "/lines"},
        RefusalRow{"an order of no units",
                   [](auto& s, auto& account) {
                       return s.place(account, {{"tea", 0}});
                   },
                   "order_quantity_out_of_range", "/lines/0/quantity"},
        RefusalRow{"an order in two currencies",
                   [](auto& s, auto& account) {
                       return s.place(account, {{"tea", 1}, {"yen", 1}});
                   },
                   "order_mixed_currencies", "/lines/1/sku"},
        RefusalRow{"an order beyond all bounds",
                   [](auto& s, auto& account) {
                       return s.place(account, {{"dear", 100}});
                   },
                   "order_total_overflow", "/lines/0/quantity"}));

template <class Refusal, class Explain>
void every_word_is_said_once(Explain explain) {
    std::set<std::string> codes;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<Refusal>>([&](auto enumerator) {
        const auto told = explain(enumerator.value);
        EXPECT_TRUE(codes.insert(told.code).second) << told.code;
        EXPECT_FALSE(told.code.empty());
        EXPECT_TRUE(told.detail.ends_with('.')) << told.code << ": " << told.detail;
        EXPECT_TRUE(told.pointer.empty() || told.pointer.starts_with('/')) << told.code;
    });
}

TEST(Refusals, OfEveryAggregateHaveACodeOfTheirOwnAndASentence) {
    const kernel::Sku sku("x");
    every_word_is_said_once<product::Refusal>([&](auto r) { return explain(r, sku); });
    every_word_is_said_once<stock::Refusal>([&](auto r) { return explain(r, sku); });
    every_word_is_said_once<account::Refusal>(
        [&](auto r) { return explain(r, kernel::AccountId("x")); });
    every_word_is_said_once<email::Refusal>([&](auto r) { return explain(r); });
    every_word_is_said_once<payment::Refusal>([](auto r) { return explain(r); });
    every_word_is_said_once<shipment::Refusal>([](auto r) { return explain(r); });
    every_word_is_said_once<cart::Refusal>([](auto r) { return explain(r, cart::State{}); });
    every_word_is_said_once<order::RefusalCode>([&](auto r) {
        return explain(order::Refusal{r, std::size_t{3}});
    });
}

TEST(Products, ChangeIsOneCommandWithSeveralEvents) {
    ShopRig shop;
    shop.create("tea");
    const auto answer = shop.executor.run(change_product(
        ShopRig::context(), kernel::Sku("tea"),
        {.description = {.title = "New", .department = {}, .category = {}, .brand = "Own"},
         .price = ShopRig::euro(7)}));
    EXPECT_EQ(answer.version, eventstore::Version(3));
    const auto events = shop.stream(product_stream(kernel::Sku("tea")));
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[1].type, "product.described");
    EXPECT_EQ(events[2].type, "product.price_set");
    EXPECT_EQ(events[2].command, events[1].command);
}

TEST(Products, IfMatchIsTheVersionOfTheProduct) {
    ShopRig shop;
    shop.create("tea");
    auto context = ShopRig::context();
    context.if_match = eventstore::Version(2);
    const auto refused = shop.executor.run(archive_product(context, kernel::Sku("tea")));
    EXPECT_EQ(refused.kind, AnswerKind::version_mismatch);
    EXPECT_EQ(refused.version, eventstore::Version(1));
    context = ShopRig::context();
    context.if_match = eventstore::Version(1);
    EXPECT_EQ(shop.executor.run(archive_product(context, kernel::Sku("tea"))).kind,
              AnswerKind::done);
}

TEST(Stock, ReceiptReadsTheProductAndDoesNotWriteOnIt) {
    ShopRig shop;
    shop.create("tea");
    EXPECT_EQ(shop.receive("tea", 5).version, eventstore::Version(1));
    EXPECT_EQ(shop.adjust("tea", -2).version, eventstore::Version(2));
    EXPECT_EQ(shop.stream(product_stream(kernel::Sku("tea"))).size(), 1U);
    EXPECT_EQ(shop.state<StockBinding>(stock_stream(kernel::Sku("tea"))).available(),
              kernel::Quantity(3));
}

TEST(Stock, OfAnArchivedProductCanStillComeIn) {
    ShopRig shop;
    shop.create("tea");
    shop.archive("tea");
    EXPECT_EQ(shop.receive("tea", 5).kind, AnswerKind::done);
}

TEST(Orders, FreezeWhatTheProductSaysAndWriteOnNothingElse) {
    ShopRig shop;
    shop.create("tea", 100);
    shop.create("pot", 250);
    const std::string account(shop.enroll("ada@example.org").stream.id());
    shop.set_price("tea", ShopRig::euro(300));
    const auto placed = shop.place(account, {{"tea", 2}, {"pot", 1}});
    ASSERT_EQ(placed.kind, AnswerKind::done);
    EXPECT_EQ(placed.stream.id(), eventstore::to_text(placed.id.value()));
    shop.set_price("tea", ShopRig::euro(999));

    const auto order = shop.state<OrderBinding>(placed.stream);
    EXPECT_EQ(order.account, kernel::AccountId(account));
    EXPECT_EQ(order.total, ShopRig::euro(850));
    ASSERT_EQ(order.lines.size(), 2U);
    EXPECT_EQ(order.lines[0].unit_price, ShopRig::euro(300));
    EXPECT_EQ(order.lines[0].title, "Title of tea");
    EXPECT_EQ(order.lines[0].department, "Food");
    EXPECT_EQ(order.placed_at, ShopRig::context().at);
    EXPECT_EQ(shop.stream(product_stream(kernel::Sku("pot"))).size(), 1U);
    EXPECT_EQ(shop.stream(account_stream(kernel::AccountId(account))).size(), 1U);
}

TEST(Orders, OfAnErasedAccountAreRefused) {
    ShopRig shop;
    shop.create("tea");
    const kernel::AccountId id("gone");
    eventstore::MemoryLog log(shop.store);
    const std::vector<account::Event> life{
        account::Registered{kernel::EmailAddress("x@example.org"), kernel::PersonName("X")},
        account::Erased{}};
    const auto command = eventstore::fresh_command_id();
    const std::vector<eventstore::AppendCommand> batch{
        {.id = command,
         .uses = {{account_stream(id), eventstore::Version(0),
                   encoded<AccountBinding>(life, ShopRig::context())}}}};
    log.append(batch);
    const auto answer = shop.place("gone", {{"tea", 1}});
    EXPECT_EQ(answer.refusal.code, "account_erased");
    EXPECT_EQ(answer.refusal.pointer, "/account_id");
    EXPECT_EQ(shop.change("gone", ShopRig::name("Y")).refusal.code, "account_erased");
}

TEST(Orders, ThatNoEventCanHoldAreRefused) {
    ShopRig shop;
    const std::string account(shop.enroll("ada@example.org").stream.id());
    std::vector<std::pair<std::string, std::int64_t>> lines;
    for (int i = 0; i < 600; ++i) {
        lines.emplace_back("p" + std::to_string(i), 1);
        shop.executor.run(create_product(ShopRig::context(), {.sku = kernel::Sku(lines[i].first),
                                                              .title = std::string(500, 't'),
                                                              .department = std::nullopt,
                                                              .category = std::nullopt,
                                                              .brand = std::nullopt,
                                                              .price = ShopRig::euro(1)}));
    }
    EXPECT_EQ(shop.place(account, lines).refusal.code, "order_too_large");
    lines.resize(300);
    EXPECT_EQ(shop.place(account, lines).kind, AnswerKind::done);
}

TEST(Retries, AnswerAsTheFirstTimeThoughTheWorldMovedOn) {
    ShopRig shop;
    shop.create("tea");
    const auto account = shop.enroll("ada@example.org", "register");
    const std::string id(account.stream.id());
    const auto moved = shop.change(id, ShopRig::email("new@example.org"), "change");
    const auto placed = shop.place(id, {{"tea", 1}}, "place");
    shop.change(id, ShopRig::email("newer@example.org"));
    shop.archive("tea");

    const std::pair<Answer, Answer> pairs[] = {
        {account, shop.enroll("ada@example.org", "register")},
        {moved, shop.change(id, ShopRig::email("new@example.org"), "change")},
        {placed, shop.place(id, {{"tea", 1}}, "place")}};
    for (const auto& [first, again] : pairs) {
        EXPECT_FALSE(first.replayed);
        EXPECT_TRUE(again.replayed);
        EXPECT_EQ(again.kind, AnswerKind::done);
        EXPECT_EQ(again.id, first.id);
        EXPECT_EQ(again.stream, first.stream);
        EXPECT_EQ(again.version, first.version);
    }
    EXPECT_EQ(shop.state<AccountBinding>(account.stream).email,
              kernel::EmailAddress("newer@example.org"));
}

TEST(Meta, NamesPrincipalTraceAndTheCommandAsTheBeginning) {
    ShopRig shop;
    const auto answer = shop.create("tea");
    const auto meta =
        schemas::decode_meta(shop.stream(product_stream(kernel::Sku("tea"))).at(0).meta);
    ASSERT_TRUE(meta);
    const auto id = eventstore::to_text(answer.id.value());
    EXPECT_EQ(*meta, (schemas::Meta{.principal = "anonymous",
                                    .correlation_id = id,
                                    .causation_id = id,
                                    .traceparent = ShopRig::context().traceparent}));
}

struct BrokenEvent {
    const char* what;
    eventstore::NewEvent event;
};

TEST(CorruptStreams, AreAnsweredAsSuchAndOthersGoOn) {
    const product::Created created{.sku = kernel::Sku("tea"),
                                   .title = "Tea",
                                   .department = std::nullopt,
                                   .category = std::nullopt,
                                   .brand = std::nullopt,
                                   .price = ShopRig::euro(1)};
    const auto again = encoded<ProductBinding>({created}, ShopRig::context()).at(0);
    const BrokenEvent rows[] = {
        {"undecodable", {.type = "product.price_set", .schema_version = 1, .data = "\xff"}},
        {"unknown type", {.type = "product.blessed", .schema_version = 1}},
        {"of another category", {.type = "order.placed", .schema_version = 1}},
        {"a version from the future", {.type = "product.archived", .schema_version = 99}},
        {"created twice", again}};
    for (const auto& row : rows) {
        ShopRig shop;
        shop.create("tea");
        shop.create("pot");
        eventstore::MemoryLog log(shop.store);
        const auto name = product_stream(kernel::Sku("tea"));
        const auto version = shop.stream(name).back().version;
        const std::vector<eventstore::AppendCommand> batch{
            {.id = eventstore::fresh_command_id(), .uses = {{name, version, {row.event}}}}};
        ASSERT_EQ(log.append(batch).outcomes.at(0).kind, eventstore::OutcomeKind::accepted);
        eventstore::Executor fresh(
            [&] { return std::make_unique<eventstore::MemoryLog>(shop.store); }, folds(), {});
        EXPECT_EQ(fresh.run(archive_product(ShopRig::context(), kernel::Sku("tea"))).kind,
                  AnswerKind::corrupt)
            << row.what;
        EXPECT_EQ(fresh.run(archive_product(ShopRig::context(), kernel::Sku("pot"))).kind,
                  AnswerKind::done)
            << row.what;
    }
}

}  // namespace
}  // namespace skald::commands
