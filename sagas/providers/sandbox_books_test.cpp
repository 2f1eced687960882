#include "sagas/providers/sandbox_books.h"

#include <gtest/gtest.h>

#include <sstream>

namespace skald::sagas {
namespace {

// A story in words, one call a line: OPERATION AMOUNT[CURRENCY] [of ENTRY] [order NAME] [with
// METHOD] [at HOUR] -> what comes of it. ENTRY is the number of the authorisation's entry;
// authorisations live 24 hours; EUR, order o and card-ok unless said otherwise.
struct LedgerStory {
    std::string name;
    std::vector<std::string> lines;
    std::string balance;  // of order o: authorised captured voided refunded
};
std::ostream& operator<<(std::ostream& out, const LedgerStory& story) { return out << story.name; }

struct LedgerStep {
    PaymentCall call;
    kernel::Timestamp at{0};
    std::string expected;
};

LedgerStep parse(const std::string& line, int number) {
    std::istringstream words(line);
    LedgerStep step;
    step.call.key = "k" + std::to_string(number);
    step.call.order = kernel::OrderId("o");
    step.call.method = "card-ok";
    step.call.amount.currency = kernel::Currency("EUR");
    std::string word;
    words >> word;
    using enum PaymentOperation;
    step.call.operation = word == "authorise" ? authorise
                          : word == "capture" ? capture
                          : word == "void"    ? void_authorisation
                                              : refund;
    while (words >> word && word != "->") {
        if (word == "of") {
            words >> word;
            step.call.authorisation = "auth_" + word;
        } else if (word == "order") {
            words >> word;
            step.call.order = kernel::OrderId(word);
        } else if (word == "with") {
            words >> step.call.method;
        } else if (word == "at") {
            words >> word;
            step.at = kernel::Timestamp(std::stoll(word) * 3'600'000'000);
        } else {
            std::size_t digits = 0;
            step.call.amount.amount = std::stoll(word, &digits);
            if (digits < word.size()) {
                step.call.amount.currency = *kernel::Currency::make(word.substr(digits));
            }
        }
    }
    words >> step.expected;
    return step;
}

class LedgerStories : public testing::TestWithParam<LedgerStory> {};

TEST_P(LedgerStories, AreBookedAsTold) {
    SandboxBooks books(std::chrono::hours(24));
    int number = 0;
    for (const auto& line : GetParam().lines) {
        const auto step = parse(line, ++number);
        const auto entry = books.decide(step.call, step.at);
        const bool done = entry.outcome == CallOutcome::succeeded;
        EXPECT_EQ(done ? "done" : entry.code, step.expected) << line;
        EXPECT_NE(done, entry.reference.empty()) << line;
        books.apply(entry);
    }
    const auto balance = books.balance(kernel::OrderId("o")).value_or(OrderBalance{});
    std::ostringstream said;
    said << balance.authorised << ' ' << balance.captured << ' ' << balance.voided << ' '
         << balance.refunded;
    EXPECT_EQ(said.str(), GetParam().balance);

    SandboxBooks replayed(std::chrono::hours(24));
    for (const auto& entry : books.entries()) replayed.apply(*entry_of(to_json(entry)));
    EXPECT_EQ(replayed.entries(), books.entries());
    EXPECT_EQ(replayed.balance(kernel::OrderId("o")), books.balance(kernel::OrderId("o")));
}

INSTANTIATE_TEST_SUITE_P(
    SandboxBooks, LedgerStories,
    testing::Values(
        LedgerStory{"whole_life",
                    {"authorise 10 -> done", "capture 10 of 1 -> done", "refund 10 of 1 -> done"},
                    "10 10 0 10"},
        LedgerStory{"captured_in_parts_up_to_what_was_authorised",
                    {"authorise 10 -> done", "capture 4 of 1 -> done",
                     "capture 7 of 1 -> amount_exceeds_authorised", "capture 6 of 1 -> done",
                     "capture 1 of 1 -> amount_exceeds_authorised"},
                    "10 10 0 0"},
        LedgerStory{"refunded_in_parts_up_to_what_was_captured",
                    {"authorise 10 -> done", "refund 1 of 1 -> amount_exceeds_captured",
                     "capture 6 of 1 -> done", "refund 4 of 1 -> done",
                     "refund 3 of 1 -> amount_exceeds_captured", "refund 2 of 1 -> done"},
                    "10 6 0 6"},
        LedgerStory{
            "voided_it_can_neither_be_captured_nor_voided",
            {"authorise 10 -> done", "void 0 of 1 -> done",
             "capture 1 of 1 -> authorisation_voided", "void 0 of 1 -> authorisation_voided"},
            "10 0 10 0"},
        LedgerStory{"the_rest_of_a_partial_capture_can_be_voided_and_the_part_refunded",
                    {"authorise 10 -> done", "capture 4 of 1 -> done", "void 0 of 1 -> done",
                     "capture 1 of 1 -> authorisation_voided", "refund 4 of 1 -> done"},
                    "10 4 6 4"},
        LedgerStory{
            "what_was_captured_wholly_cannot_be_voided",
            {"authorise 10 -> done", "capture 10 of 1 -> done", "void 0 of 1 -> already_captured"},
            "10 10 0 0"},
        LedgerStory{"it_expires_for_captures_only",
                    {"authorise 10 at 0 -> done", "capture 1 of 1 at 23 -> done",
                     "capture 1 of 1 at 24 -> authorisation_expired", "refund 1 of 1 at 99 -> done",
                     "void 0 of 1 at 99 -> done"},
                    "10 1 9 1"},
        LedgerStory{"methods",
                    {"authorise 1 with card-declined -> card_declined",
                     "authorise 1 with card-nonsense -> unknown_method",
                     "authorise 1 with card-slow -> done", "authorise 1 with card-timeout -> done",
                     "authorise 1 with card-flaky -> done"},
                    "3 0 0 0"},
        LedgerStory{"amounts",
                    {"authorise 0 -> amount_not_positive", "authorise -1 -> amount_not_positive",
                     "authorise 5 -> done", "capture 0 of 3 -> amount_not_positive",
                     "capture -9223372036854775808 of 3 -> amount_not_positive",
                     "capture 9223372036854775807 of 3 -> amount_exceeds_authorised",
                     "authorise 9223372036854775807 -> amount_too_large",
                     "refund 0 of 3 -> amount_not_positive"},
                    "5 0 0 0"},
        LedgerStory{"currencies",
                    {"authorise 5 -> done", "capture 5USD of 1 -> currency_differs",
                     "refund 5USD of 1 -> currency_differs", "authorise 5USD -> currency_differs",
                     "authorise 5USD order other -> done"},
                    "5 0 0 0"},
        LedgerStory{
            "authorisations_of_other_orders_and_of_nobody",
            {"authorise 5 order other -> done", "capture 5 of 1 -> unknown_authorisation",
             "void 0 of 1 -> unknown_authorisation", "refund 5 of 1 -> unknown_authorisation",
             "capture 5 of 9 -> unknown_authorisation", "capture 5 -> unknown_authorisation"},
            "0 0 0 0"},
        LedgerStory{"two_authorisations_of_one_order_are_two",
                    {"authorise 5 -> done", "authorise 7 -> done", "capture 6 of 2 -> done",
                     "capture 6 of 1 -> amount_exceeds_authorised", "void 0 of 1 -> done"},
                    "12 6 5 0"}),
    [](const auto& story) { return story.param.name; });

TEST(SandboxBooks, EntriesThatDoNotFitAreRefused) {
    SandboxBooks books(std::chrono::hours(24));
    auto entry = books.decide(parse("authorise 5", 1).call, kernel::Timestamp(0));
    auto gap = entry;
    gap.number = 2;
    EXPECT_THROW(books.apply(gap), std::runtime_error);
    books.apply(entry);
    entry.number = 2;
    EXPECT_THROW(books.apply(entry), std::runtime_error) << "the key occurs twice";
    auto orphan = books.decide(parse("capture 5 of 1", 2).call, kernel::Timestamp(0));
    orphan.authorisation = "auth_7";
    EXPECT_THROW(books.apply(orphan), std::runtime_error);
}

}  // namespace
}  // namespace skald::sagas
