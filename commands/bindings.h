// The aggregates as aggregate.h takes them: types, codec, fold, and roughly how much memory a state
// holds (the executor's cache is bounded by it).
#pragma once

#include "domain/account/account.h"
#include "domain/cart/cart.h"
#include "domain/email/email.h"
#include "domain/order/order.h"
#include "domain/payment/payment.h"
#include "domain/product/product.h"
#include "domain/shipment/shipment.h"
#include "domain/stock/stock.h"
#include "schemas/account/codec.h"
#include "schemas/cart/codec.h"
#include "schemas/email/codec.h"
#include "schemas/order/codec.h"
#include "schemas/payment/codec.h"
#include "schemas/product/codec.h"
#include "schemas/shipment/codec.h"
#include "schemas/stock/codec.h"

namespace skald::commands {

inline constexpr std::size_t tree_node_bytes = 128;  // of a std::map of ids, with its key

struct ProductBinding {
    using State = product::State;
    using Event = product::Event;
    static constexpr const char* category = "product";
    static constexpr auto decode = schemas::product::decode;
    static constexpr auto encode = schemas::product::encode;
    static void apply(State& state, const Event& event) { product::apply(state, event); }
    static std::size_t bytes(const State& state) { return sizeof(State) + state.title.capacity(); }
};

struct StockBinding {
    using State = stock::State;
    using Event = stock::Event;
    static constexpr const char* category = "stock";
    static constexpr auto decode = schemas::stock::decode;
    static constexpr auto encode = schemas::stock::encode;
    static void apply(State& state, const Event& event) { stock::apply(state, event); }
    static std::size_t bytes(const State& state) {
        return sizeof(State) + (state.holds.size() + state.allocations.size()) * tree_node_bytes;
    }
};

struct AccountBinding {
    using State = account::State;
    using Event = account::Event;
    static constexpr const char* category = "account";
    static constexpr auto decode = schemas::account::decode;
    static constexpr auto encode = schemas::account::encode;
    static void apply(State& state, const Event& event) { account::apply(state, event); }
    static std::size_t bytes(const State& state) {
        return sizeof(State) + state.email.value().capacity() + state.name.value().capacity();
    }
};

struct EmailBinding {
    using State = email::State;
    using Event = email::Event;
    static constexpr const char* category = "email";
    static constexpr auto decode = schemas::email::decode;
    static constexpr auto encode = schemas::email::encode;
    static void apply(State& state, const Event& event) { email::apply(state, event); }
    static std::size_t bytes(const State&) { return sizeof(State) + kernel::id_bytes_max; }
};

struct CartBinding {
    using State = cart::State;
    using Event = cart::Event;
    static constexpr const char* category = "cart";
    static constexpr auto decode = schemas::cart::decode;
    static constexpr auto encode = schemas::cart::encode;
    static void apply(State& state, const Event& event) { cart::apply(state, event); }
    static std::size_t bytes(const State& state) {
        return sizeof(State) + state.items.size() * tree_node_bytes;
    }
};

struct OrderBinding {
    using State = order::State;
    using Event = order::Event;
    static constexpr const char* category = "order";
    static constexpr auto decode = schemas::order::decode;
    static constexpr auto encode = schemas::order::encode;
    static void apply(State& state, const Event& event) { order::apply(state, event); }
    static std::size_t bytes(const State& state) {
        std::size_t bytes = sizeof(State);
        for (const auto& line : state.lines) bytes += sizeof(line) + line.title.capacity();
        return bytes;
    }
};

struct PaymentBinding {
    using State = payment::State;
    using Event = payment::Event;
    static constexpr const char* category = "payment";
    static constexpr auto decode = schemas::payment::decode;
    static constexpr auto encode = schemas::payment::encode;
    static void apply(State& state, const Event& event) { payment::apply(state, event); }
    static std::size_t bytes(const State& state) {
        return sizeof(State) + (state.captures.size() + state.refunds.size()) * tree_node_bytes;
    }
};

struct ShipmentBinding {
    using State = shipment::State;
    using Event = shipment::Event;
    static constexpr const char* category = "shipment";
    static constexpr auto decode = schemas::shipment::decode;
    static constexpr auto encode = schemas::shipment::encode;
    static void apply(State& state, const Event& event) { shipment::apply(state, event); }
    static std::size_t bytes(const State& state) {
        return sizeof(State) + state.contents.lines.capacity() * sizeof(kernel::Portion);
    }
};

}  // namespace skald::commands
