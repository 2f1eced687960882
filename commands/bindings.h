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
#include "schemas/stock/snapshot.h"

namespace skald::commands {

inline constexpr std::size_t tree_node_bytes = 128;  // of a std::map of ids, with its key

template <class StateOfIt, class EventOfIt, auto decode_it, auto encode_it>
struct BindingOf {
    using State = StateOfIt;
    using Event = EventOfIt;
    static constexpr auto decode = decode_it;
    static constexpr auto encode = encode_it;
};

struct ProductBinding : BindingOf<product::State, product::Event, schemas::product::decode,
                                  schemas::product::encode> {
    static constexpr const char* category = "product";
    static std::size_t bytes(const State& state) { return sizeof(State) + state.title.capacity(); }
};

struct StockBinding
    : BindingOf<stock::State, stock::Event, schemas::stock::decode, schemas::stock::encode> {
    static constexpr const char* category = "stock";
    static constexpr auto snapshot_revision = schemas::stock::snapshot_revision;
    static constexpr auto to_bytes = schemas::stock::to_bytes;
    static constexpr auto from_bytes = schemas::stock::from_bytes;
    static std::size_t bytes(const State& state) {
        return sizeof(State) + (state.holds.size() + state.allocations.size()) * tree_node_bytes;
    }
};

struct AccountBinding : BindingOf<account::State, account::Event, schemas::account::decode,
                                  schemas::account::encode> {
    static constexpr const char* category = "account";
    static std::size_t bytes(const State& state) {
        return sizeof(State) + state.email.value().capacity() + state.name.value().capacity();
    }
};

struct EmailBinding
    : BindingOf<email::State, email::Event, schemas::email::decode, schemas::email::encode> {
    static constexpr const char* category = "email";
    static std::size_t bytes(const State&) { return sizeof(State) + kernel::id_bytes_max; }
};

struct CartBinding
    : BindingOf<cart::State, cart::Event, schemas::cart::decode, schemas::cart::encode> {
    static constexpr const char* category = "cart";
    static std::size_t bytes(const State& state) {
        return sizeof(State) + state.items.size() * tree_node_bytes;
    }
};

struct OrderBinding
    : BindingOf<order::State, order::Event, schemas::order::decode, schemas::order::encode> {
    static constexpr const char* category = "order";
    static std::size_t bytes(const State& state) {
        std::size_t bytes = sizeof(State);
        for (const auto& line : state.lines) bytes += sizeof(line) + line.title.capacity();
        return bytes;
    }
};

struct PaymentBinding : BindingOf<payment::State, payment::Event, schemas::payment::decode,
                                  schemas::payment::encode> {
    static constexpr const char* category = "payment";
    static std::size_t bytes(const State& state) {
        return sizeof(State) + (state.captures.size() + state.refunds.size()) * tree_node_bytes;
    }
};

struct ShipmentBinding : BindingOf<shipment::State, shipment::Event, schemas::shipment::decode,
                                   schemas::shipment::encode> {
    static constexpr const char* category = "shipment";
    static std::size_t bytes(const State& state) {
        return sizeof(State) + state.contents.lines.capacity() * sizeof(kernel::Portion);
    }
};

}  // namespace skald::commands
