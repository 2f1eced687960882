// For tests: one order of two lines that ship (2 x a, 3 x b) and one that does not (1 x song), in
// each of the states it can be in.
#pragma once

#include "domain/order/order.h"

namespace skald::order::examples {

inline constexpr kernel::Currency eur{"EUR"}, usd{"USD"};
inline const Timestamp noon{1'700'000'000'000'000};
inline const PaymentId p1{"o.1"}, p2{"o.2"};
inline const ShipmentId s1{"o.1"}, s2{"o.2"};
inline const ReturnId r1{"r1"}, r2{"r2"};
inline const Sku a{"a"}, b{"b"}, song{"song"};

inline Line line(const Sku& sku, Quantity quantity, std::int64_t price, bool ships) {
    const Money unit_price{price, eur};
    return {sku, "T", {}, quantity, unit_price, *multiply(unit_price, quantity.value()), ships};
}
inline const Placed placed{kernel::AccountId("ada"),
                           {line(a, 2, 10, true), line(b, 3, 5, true), line(song, 1, 1, false)},
                           {36, eur},
                           "card-ok",
                           noon};
inline const Placed placed_song{
    kernel::AccountId("ada"), {line(song, 1, 1, false)}, {1, eur}, "card-ok", noon};

inline State after(std::vector<Event> events) { return kernel::fold(State{}, events); }

inline const State nothing;
inline const State pending = after({placed});
inline const State confirmed = after({placed, Confirmed{p1}});
inline const State rejected = after({placed, Rejected{"out_of_stock", a}});
inline const State cancelling = after({placed, CancelRequested{"changed my mind", noon}});
inline const State cancelling_confirmed =
    after({placed, Confirmed{p1}, CancelRequested{"changed my mind", noon}});
inline const State cancelled = evolve(cancelling_confirmed, Cancelled{{36, eur}});
inline const State pending_after_refusal = evolve(cancelling, CancelRefused{"too late"});
inline const State confirmed_after_refusal =
    evolve(cancelling_confirmed, CancelRefused{"too late"});
inline const State part_shipped = evolve(confirmed, Shipped{s1, {{a, 1}, {b, 3}}});
inline const State shipped = evolve(confirmed, Shipped{s1, {{a, 2}, {b, 3}}});
inline const State rest_cancelled =
    evolve(part_shipped, RestCancelled{"late", noon, {{a, 1}}, {10, eur}, {0, eur}, 1});
inline const State completed_without_the_rest = evolve(rest_cancelled, Completed{});
inline const State completed = evolve(shipped, Completed{});
inline const State returned = evolve(shipped, ReturnRecorded{r1, {{a, 1}}, {10, eur}});
inline const State confirmed_song = after({placed_song, Confirmed{p1}});
inline const State completed_song = evolve(confirmed_song, Completed{});

}  // namespace skald::order::examples
