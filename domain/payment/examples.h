// For tests: one payment of 50 euros in each of the states it can be in.
#pragma once

#include "domain/payment/payment.h"

namespace skald::payment::examples {

inline constexpr kernel::Currency eur{"EUR"}, usd{"USD"};
inline const Timestamp noon{1'700'000'000'000'000};
inline const OrderId order{"o"};
inline const RefundId r1{"r1"}, r2{"r2"};
inline constexpr Money euros(std::int64_t amount) { return {amount, eur}; }

inline const Initiated initiated{order, euros(50), "card-ok"};
inline const Authorised promised{"auth-1", noon, euros(40)};

inline State after(State state, std::vector<Event> events) {
    return kernel::fold(std::move(state), events);
}

inline const State nothing;
inline const State pending = after({}, {initiated});
inline const State pending_unknown = after(pending, {OutcomeUnknown{Operation::authorise, "k"}});
inline const State declined = after(pending, {Declined{"no_funds"}});
inline const State authorised = after(pending, {promised});
inline const State capturing = after(authorised, {CaptureRequested{euros(30)}});
inline const State capture_unknown = after(capturing, {OutcomeUnknown{Operation::capture, "k"}});
inline const State captured = after(capturing, {Captured{euros(30), "cap-1"}});
inline const State all_captured =
    after(captured, {CaptureRequested{euros(10)}, Captured{euros(10), "cap-2"}});
inline const State voiding = after(authorised, {VoidRequested{}});
inline const State void_unknown = after(voiding, {OutcomeUnknown{Operation::void_, "k"}});
inline const State voided = after(voiding, {Voided{}});
inline const State refunding = after(captured, {RefundRequested{r1, euros(20), "came back"}});
inline const State refund_unknown = after(refunding, {OutcomeUnknown{Operation::refund, "r1"}});
inline const State refunded = after(refunding, {Refunded{r1, euros(20)}});
inline const State refund_failed = after(refunding, {RefundFailed{r1, "closed"}});

}  // namespace skald::payment::examples
