#include "schemas/stock/snapshot.h"

#include "schemas/stock/snapshot.pb.h"
#include "schemas/wire.h"

namespace skald::schemas::stock {
namespace {

namespace proto = skald::stock::snapshot;
using kernel::Quantity;
using skald::stock::quantity_max;
using skald::stock::State;
using wire::Reader;
using Parts = google::protobuf::RepeatedPtrField<proto::Part>;

void write(const auto& counts, Parts& parts) {
    for (const auto& [id, quantity] : counts) {
        auto& part = *parts.Add();
        part.set_id(id.value());
        part.set_quantity(quantity.value());
    }
}

// The parts, and their sum.
template <class Id>
Quantity read(const Parts& parts, std::map<Id, Quantity>& counts, Reader& r) {
    Quantity sum;
    for (const auto& part : parts) {
        const auto quantity = r.quantity("quantity", part.quantity(), 1, quantity_max);
        const bool fresh = counts.emplace(r.id<Id>("id", part.id()), quantity).second;
        r.require(fresh, "an id occurs twice");
        if (r.fault()) break;
        sum += quantity;
        r.require(sum <= quantity_max, "a sum is beyond all bounds");
    }
    return sum;
}

State state_of(const proto::State& m, Reader& r) {
    State state{.exists = true,
                .on_hand = r.quantity("on_hand", m.on_hand(), 0, quantity_max),
                .out = r.quantity("out", m.out(), 0, quantity_max)};
    state.held = read(m.holds(), state.holds, r);
    state.allocated = read(m.allocations(), state.allocations, r);
    r.require(r.fault() || state.available() >= 0, "available is negative");
    return state;
}

}  // namespace

std::string to_bytes(const State& state) {
    proto::State m;
    m.set_on_hand(state.on_hand.value());
    m.set_out(state.out.value());
    write(state.holds, *m.mutable_holds());
    write(state.allocations, *m.mutable_allocations());
    return wire::to_bytes(m);
}

std::optional<State> from_bytes(std::string_view bytes) {
    auto state = wire::read<State, proto::State>(bytes, &state_of);
    if (!state) return std::nullopt;
    return *std::move(state);
}

}  // namespace skald::schemas::stock
