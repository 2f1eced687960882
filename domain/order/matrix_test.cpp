// Every command in every state of an order, as one table; and stored events that no state allows.
#include <gtest/gtest.h>

#include <sstream>

#include "domain/kernel/enum_name.h"
#include "domain/kernel/impossible.h"
#include "domain/order/examples.h"

namespace skald::order {
namespace {

using namespace examples;

std::string answer_of(const State& state, const Command& command) {
    const auto decision = decide(state, command);
    if (!decision) return std::string(kernel::name_of(decision.error().code));
    return decision->empty() ? "done" : "ok";
}

// Each command is a good one, as far as the state allows any. Confirm: the payment that confirmed
// it, or a first one.
TEST(OrderMatrix, EachCommandInEachState) {
    const Place place{kernel::AccountId("ada"), {{song, "T", {}, 1, {1, eur}}}, "card-ok", noon};
    const Command commands[] = {place,
                                Confirm{p1},
                                Reject{"x", {}},
                                RequestCancel{"x", noon},
                                RefuseCancel{"x"},
                                Cancel{{36, eur}},
                                RecordShipment{s2, {{a, 1}}},
                                CancelRest{"x", noon, {0, eur}},
                                RecordReturn{r2, {{b, 1}}, {5, eur}},
                                Complete{}};
    struct Row {
        std::string_view what;
        State state;
        std::string answers;  // to the commands above; "-" is status_forbids
    };
    const std::string absent = "not_found not_found not_found not_found ";
    const Row rows[] = {
        // what                    Place          Conf Rej  ReqC RefC Canc Ship Rest Ret  Complete
        {"nothing", nothing, "ok " + absent + absent + "not_found"},
        {"pending", pending, "already_placed ok   ok   ok   -    -    -    -    -    -"},
        {"pending after a refused cancel", pending_after_refusal,
         "                    already_placed ok   ok   ok   done -    -    -    -    -"},
        {"confirmed", confirmed,
         "                    already_placed done -    ok   -    -    ok   - -  not_all_shipped"},
        {"confirmed after a refused cancel", confirmed_after_refusal,
         "                    already_placed done -    ok   done -    ok   - -  not_all_shipped"},
        {"part shipped", part_shipped,
         "           already_placed done - cancel_too_late - - ok   ok   ok   not_all_shipped"},
        {"part shipped, the rest cancelled", rest_cancelled,
         "           already_placed done - cancel_too_late - - -    done ok   ok"},
        {"completed without the rest", completed_without_the_rest,
         "           already_placed done - cancel_too_late - - -    done ok   done"},
        {"shipped", shipped,
         "           already_placed done - cancel_too_late - - -    cancel_too_late ok ok"},
        {"completed", completed,
         "           already_placed done - cancel_too_late - - -    cancel_too_late ok done"},
        {"rejected", rejected, "already_placed -    done -    -    -    -    -    -    -"},
        {"cancelling", cancelling, "already_placed -    -    done ok   ok   -    -    -    -"},
        {"cancelling, confirmed", cancelling_confirmed,
         "                    already_placed done -    done ok   ok   -    -    -    -"},
        {"cancelled", cancelled, "already_placed done -    done -    done -    -    -    -"},
        // of a single line that does not ship
        {"song confirmed", confirmed_song,
         "           already_placed done -    ok   -    -    sku_unknown -    -    ok"},
        {"song completed", completed_song,
         "  already_placed done - cancel_too_late - - - cancel_too_late    sku_unknown done"},
    };
    for (const Row& row : rows) {
        std::istringstream answers(row.answers);
        for (const Command& command : commands) {
            std::string expected;
            answers >> expected;
            if (expected == "-") expected = "status_forbids";
            EXPECT_EQ(answer_of(row.state, command), expected)
                << row.what << ", command " << command.index();
        }
    }
}

TEST(OrderMatrix, AStoredEventThatCannotBeIsThrownNotApplied) {
    const auto moved = [](std::vector<Portion> lines) { return Shipped{s2, std::move(lines)}; };
    const auto back = [](std::vector<Portion> lines, Money refund) {
        return ReturnRecorded{r2, std::move(lines), refund};
    };
    const auto rest = [](std::vector<Portion> lines, std::int64_t total, Money due = {0, eur}) {
        return RestCancelled{"late", noon, std::move(lines), {total, eur}, due, 1};
    };
    const auto two_left = evolve(confirmed, Shipped{s1, {{a, 1}, {b, 2}}});
    struct Row {
        std::string_view what;
        State given;
        Event then;
    };
    const Row rows[] = {
        {"placed twice", pending, placed},
        {"confirmed before it was placed", nothing, Confirmed{p1}},
        {"completed before it was placed", nothing, Completed{}},
        {"confirmed twice", confirmed, Confirmed{p1}},
        {"confirmed while cancelling", cancelling, Confirmed{p1}},
        {"rejected after the pivot", confirmed, Rejected{"x", {}}},
        {"a cancel request after a shipment", part_shipped, CancelRequested{"x", noon}},
        {"a cancel request after the end", completed_song, CancelRequested{"x", noon}},
        {"a cancel request for the rejected", rejected, CancelRequested{"x", noon}},
        {"a refusal of no request", confirmed, CancelRefused{"x"}},
        {"cancelled without request", confirmed, Cancelled{{0, eur}}},
        {"cancelled for more than the total", cancelling, Cancelled{{37, eur}}},
        {"cancelled in dollars", cancelling, Cancelled{{1, usd}}},
        {"shipped before the pivot", pending, moved({{a, 1}})},
        {"shipped while cancelling", cancelling_confirmed, moved({{a, 1}})},
        {"a shipment twice", part_shipped, Shipped{s1, {{a, 1}}}},
        {"shipped more than ordered", confirmed, moved({{a, 3}})},
        {"shipped in two parts more than ordered", confirmed, moved({{a, 1}, {a, 2}})},
        {"shipped what was not ordered", confirmed, moved({{Sku("c"), 1}})},
        {"returned before it was shipped", confirmed, back({{a, 1}}, {1, eur})},
        {"a return twice", returned, ReturnRecorded{r1, {{a, 1}}, {1, eur}}},
        {"returned more than shipped", returned, back({{a, 2}}, {1, eur})},
        {"refunds of more than the total", returned, back({{a, 1}}, {27, eur})},
        {"a refund in dollars", returned, back({{a, 1}}, {1, usd})},
        {"completed with goods to ship", part_shipped, Completed{}},
        {"completed twice", completed, Completed{}},
        {"the rest before a shipment", confirmed, rest({{a, 2}, {b, 3}}, 35)},
        {"the rest of nothing", shipped, rest({}, 0)},
        {"the rest twice", rest_cancelled, rest({{a, 1}}, 10)},
        {"a part of the rest", two_left, rest({{a, 1}}, 10)},
        {"another rest", part_shipped, rest({{b, 1}}, 5)},
        {"the rest at another price", part_shipped, rest({{a, 1}}, 9)},
        {"a refund of more than the rest", part_shipped, rest({{a, 1}}, 10, {11, eur})},
        {"a refund of the rest in dollars", part_shipped, rest({{a, 1}}, 10, {1, usd})},
        {"shipped though it was cancelled", rest_cancelled, moved({{a, 1}})},
        {"refunds of more than what is left costs", rest_cancelled, back({{b, 1}}, {27, eur})},
        {"completed after all was cancelled", cancelled, Completed{}},
    };
    for (const Row& row : rows)
        EXPECT_THROW(evolve(row.given, row.then), kernel::ImpossibleEvent) << row.what;
}

}  // namespace
}  // namespace skald::order
