#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "domain/kernel/decision.h"
#include "domain/kernel/enum_name.h"
#include "domain/kernel/ids.h"
#include "domain/kernel/money.h"
#include "domain/kernel/quantity.h"
#include "domain/kernel/text.h"
#include "domain/kernel/time.h"

namespace skald::kernel {
namespace {

constexpr auto highest = std::numeric_limits<std::int64_t>::max();
constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
constexpr Currency eur{"EUR"};
constexpr Currency jpy{"JPY"};

static_assert(!std::is_convertible_v<Sku, AccountId>);
static_assert(!std::is_convertible_v<std::string, Sku>);
static_assert(!std::is_convertible_v<Quantity, std::int64_t>);

TEST(Currency, TakesThreeCapitalLettersOnly) {
    struct Row {
        std::string_view code;
        bool good;
    };
    for (const Row& row : {Row{"EUR", true},
                           {"XXX", true},
                           {"eur", false},
                           {"EU", false},
                           {"EURO", false},
                           {"", false},
                           {"E1R", false},
                           {"E R", false},
                           {"\xC3\x84U", false}}) {
        const auto made = Currency::make(row.code);
        EXPECT_EQ(made.has_value(), row.good) << row.code;
        if (made) {
            EXPECT_EQ(made->code(), row.code);
        } else {
            EXPECT_EQ(made.error(), MoneyError::not_a_currency);
        }
    }
}

TEST(Money, AddsOrSaysWhyNot) {
    struct Row {
        Money a, b;
        Result<Money, MoneyError> sum;
    };
    const Row rows[] = {
        {{1999, eur}, {1, eur}, Money{2000, eur}},
        {{1999, eur}, {-2000, eur}, Money{-1, eur}},
        {{1, eur}, {1, jpy}, unexpected(MoneyError::currencies_differ)},
        {{highest, eur}, {0, eur}, Money{highest, eur}},
        {{highest, eur}, {1, eur}, unexpected(MoneyError::overflow)},
        {{lowest, eur}, {-1, eur}, unexpected(MoneyError::overflow)},
    };
    for (const Row& row : rows) EXPECT_EQ(add(row.a, row.b), row.sum) << row.a << " + " << row.b;
}

TEST(Money, MultipliesOrSaysWhyNot) {
    struct Row {
        Money price;
        std::int64_t times;
        Result<Money, MoneyError> product;
    };
    const Row rows[] = {
        {{1999, eur}, 3, Money{5997, eur}},
        {{1999, eur}, 0, Money{0, eur}},
        {{highest, eur}, 1, Money{highest, eur}},
        {{highest / 2 + 1, eur}, 2, unexpected(MoneyError::overflow)},
        {{lowest, eur}, -1, unexpected(MoneyError::overflow)},
    };
    for (const Row& row : rows)
        EXPECT_EQ(multiply(row.price, row.times), row.product) << row.price << " x " << row.times;
}

TEST(Quantity, ArithmeticBeyondInt64IsABug) {
    EXPECT_EQ(Quantity(2) + 3, Quantity(5));
    EXPECT_EQ(Quantity(2) - 3, Quantity(-1));
    EXPECT_DEATH((void)(Quantity::of(highest) + 1), "invariant");
    EXPECT_DEATH((void)(Quantity::of(lowest) - 1), "invariant");
}

TEST(Ids, AreOneTo64OfTheAlphabet) {
    struct Row {
        std::string text;
        bool good;
    };
    const Row rows[] = {
        {"SKU-1_a", true},
        {"-", true},
        {std::string(64, 'x'), true},
        {std::string(65, 'x'), false},
        {"", false},
        {"a.b", false},
        {"a b", false},
        {"a/b", false},
        {"\xC3\xA4", false},
        {std::string("a\0b", 3), false},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(parse_id<Sku>(row.text).has_value(), row.good) << row.text;
        EXPECT_EQ(is_id(AccountId(row.text)), row.good) << row.text;
    }
}

TEST(Text, IsUtf8WithoutControlCharacters) {
    struct Row {
        std::string_view bytes;
        bool good;
    };
    using namespace std::string_view_literals;
    const Row rows[] = {
        {"", true},
        {"plain", true},
        {"Gl\xC3\xBChwein", true},
        {"\xE2\x82\xAC 5", true},
        {"\xF0\x9F\x8D\xB7", true},
        {"\xF4\x8F\xBF\xBF", true},
        {"a\0b"sv, false},
        {"a\nb", false},
        {"\x7F", false},
        {"\xC2\x85", false},
        {"\xC2\xA0", true},
        {"\x80", false},
        {"\xC0\xAF", false},
        {"\xC3", false},
        {"\xC3(", false},
        {"\xE0\x80\x80", false},
        {"\xED\xA0\x80", false},
        {"\xE2\x82", false},
        {"\xF0\x80\x80\x80", false},
        {"\xF4\x90\x80\x80", false},
        {"\xF5\x80\x80\x80", false},
        {"\xFF", false},
    };
    for (const Row& row : rows)
        EXPECT_EQ(is_text(row.bytes), row.good) << testing::PrintToString(row.bytes);
}

TEST(Email, GrammarTakesOrdinaryAddressesOnly) {
    struct Row {
        std::string text;
        bool good;
    };
    const Row rows[] = {
        {"ada@example.org", true},
        {"a.b+c@mail.example.org", true},
        {"a@b", true},
        {"", false},
        {"@", false},
        {"ada", false},
        {"@example.org", false},
        {"ada@", false},
        {"a@b@c", false},
        {"a b@c", false},
        {"a..b@c", false},
        {".a@c", false},
        {"a.@c", false},
        {"a@c.", false},
        {"\"a\"@c", false},
        {"a@[127.0.0.1]", false},
        {"\xC3\xA4@c", false},
        {std::string(252, 'a') + "@b", true},
        {std::string(253, 'a') + "@b", false},
    };
    for (const Row& row : rows) EXPECT_EQ(is_email_address(row.text), row.good) << row.text;
}

TEST(Email, FoldsAsciiCase) { EXPECT_EQ(fold_case("Ada.L@Example.ORG"), "ada.l@example.org"); }

TEST(Ids, AnOrdersNthIsTheOrdersIdADotAndANumber) {
    struct Row {
        std::string text;
        bool good;
    };
    const Row rows[] = {
        {"o-1.1", true},
        {"a.999999", true},
        {"o-1", false},
        {"o-1.", false},
        {".1", false},
        {"o-1.0", false},
        {"o-1.01", false},
        {"o-1.1000000", false},
        {"o-1.x", false},
        {"o-1.1.1", false},
        {"o 1.1", false},
        {"", false},
        {"o-1.-1", false},
        {"o-1.1 ", false},
        {std::string(64, 'a') + ".7", true},
        {std::string(65, 'a') + ".7", false},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(is_id(PaymentId(row.text)), row.good) << row.text;
        EXPECT_EQ(is_id(ShipmentId(row.text)), row.good) << row.text;
        EXPECT_EQ(parse_id<ShipmentId>(row.text).has_value(), row.good) << row.text;
    }
    EXPECT_FALSE(is_id(OrderId("o-1.1")));
    EXPECT_EQ(numbered_id<PaymentId>(OrderId("o-1"), 12), PaymentId("o-1.12"));
    EXPECT_EQ(order_of(ShipmentId("o-1.12")), OrderId("o-1"));
}

TEST(Time, DaysRoundDown) {
    struct Row {
        std::int64_t micros;
        std::int64_t day;
    };
    const auto per_day = microseconds_per_day;
    for (const Row& row :
         {Row{0, 0}, {per_day - 1, 0}, {per_day, 1}, {-1, -1}, {-per_day, -1}, {-per_day - 1, -2}})
        EXPECT_EQ(days(Timestamp(row.micros)).value(), row.day) << row.micros;
}

struct Opened {
    int by;
};
struct Closed {};
using Door = std::variant<Opened, Closed>;
BOOST_DEFINE_ENUM_CLASS(Locked, bolted, chained)

TEST(Decision, HoldsEventsInOrderOrNoneOrARefusal) {
    const Decision<Door, Locked> both = accept(Opened{7}, Closed{});
    ASSERT_EQ(both->size(), 2u);
    EXPECT_EQ(std::get<Opened>(both->at(0)).by, 7);
    EXPECT_TRUE(std::holds_alternative<Closed>(both->at(1)));
    const Decision<Door, Locked> none = already_done();
    EXPECT_TRUE(none.has_value() && none->empty());
    const Decision<Door, Locked> refused = refuse(Locked::chained);
    EXPECT_EQ(name_of(refused.error()), "chained");
    EXPECT_EQ(name_of(static_cast<Locked>(9)), "?");
}

__extension__ using Wide = __int128;

RC_GTEST_PROP(MoneyProperty, SumsAgreeWithWiderArithmetic, (std::int64_t a, std::int64_t b)) {
    const Wide exact = static_cast<Wide>(a) + b;
    const auto sum = add(Money{a, eur}, Money{b, eur});
    const bool fits = exact >= lowest && exact <= highest;
    RC_ASSERT(sum.has_value() == fits);
    if (fits) RC_ASSERT(static_cast<Wide>(sum->amount) == exact);
}

}  // namespace
}  // namespace skald::kernel
