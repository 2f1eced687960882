// For tests: the executor on the memory log, with the shop's folds, and words for what people do.
#pragma once

#include <boost/describe.hpp>
#include <future>

#include "commands/accounts.h"
#include "commands/aggregate.h"
#include "commands/carts.h"
#include "commands/orders.h"
#include "commands/payments.h"
#include "commands/products.h"
#include "commands/shipments.h"
#include "commands/stock.h"
#include "eventstore/memory/memory_log.h"

namespace skald::commands {

class ShopRig {
  public:
    ShopRig()
        : store(std::make_shared<eventstore::MemoryStore>(4)),
          executor([this] { return std::make_unique<eventstore::MemoryLog>(store); }, folds(), {}) {
    }

    // A context with a fresh id, or with the id that belongs to `idempotency_key`.
    static CommandContext context(const std::string& idempotency_key = {}) {
        CommandContext context;
        context.id = idempotency_key.empty() ? eventstore::fresh_command_id()
                                             : eventstore::derived_command_id({idempotency_key});
        context.id_from_outside = !idempotency_key.empty();
        context.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        context.at = kernel::Timestamp(1'700'000'000'000'000);
        context.deadline = eventstore::Clock::now() + std::chrono::seconds(20);
        return context;
    }
    static kernel::Money euro(std::int64_t cents) {
        return {cents, kernel::Currency::make("EUR").value()};
    }

    eventstore::Answer create(const std::string& sku, std::int64_t cents = 100) {
        return executor.run(create_product(context(), {.sku = kernel::Sku(sku),
                                                       .title = "Title of " + sku,
                                                       .department = "Food",
                                                       .category = std::nullopt,
                                                       .brand = std::nullopt,
                                                       .price = euro(cents)}));
    }
    eventstore::Answer archive(const std::string& sku) {
        return executor.run(archive_product(context(), kernel::Sku(sku)));
    }
    eventstore::Answer set_price(const std::string& sku, kernel::Money price) {
        return executor.run(
            change_product(context(), kernel::Sku(sku), {.description = {}, .price = price}));
    }
    eventstore::Answer receive(const std::string& sku, std::int64_t units) {
        return executor.run(
            receive_stock(context(), kernel::Sku(sku),
                          {.quantity = kernel::Quantity::of(units), .reference = std::nullopt}));
    }
    eventstore::Answer adjust(const std::string& sku, std::int64_t units) {
        return executor.run(
            adjust_stock(context(), kernel::Sku(sku),
                         {.delta = kernel::Quantity::of(units), .reason = "count"}));
    }
    eventstore::Answer enroll(const std::string& email, const std::string& idempotency_key = {}) {
        return executor.run(register_account(
            context(idempotency_key), key, kernel::EmailAddress(email), kernel::PersonName("Ada")));
    }
    eventstore::Answer change(const std::string& account, AccountChange wanted,
                              const std::string& idempotency_key = {}) {
        return change_later(account, std::move(wanted), idempotency_key).get();
    }
    std::future<eventstore::Answer> change_later(const std::string& account, AccountChange wanted,
                                                 const std::string& idempotency_key = {}) {
        auto promise = std::make_shared<std::promise<eventstore::Answer>>();
        change_account(executor, context(idempotency_key), key, kernel::AccountId(account),
                       std::move(wanted),
                       [promise](eventstore::Answer answer) { promise->set_value(answer); });
        return promise->get_future();
    }
    static AccountChange email(const std::string& address) {
        return {.email = kernel::EmailAddress(address), .name = std::nullopt};
    }
    static AccountChange name(const std::string& text) {
        return {.email = std::nullopt, .name = kernel::PersonName(text)};
    }
    eventstore::Answer place(const std::string& account,
                             const std::vector<std::pair<std::string, std::int64_t>>& lines,
                             const std::string& idempotency_key = {}) {
        OrderRequest request{
            .account = kernel::AccountId(account), .lines = {}, .payment_method = "card-ok"};
        for (const auto& [sku, units] : lines) {
            request.lines.push_back({kernel::Sku(sku), kernel::Quantity::of(units)});
        }
        return executor.run(place_order(context(idempotency_key), std::move(request)));
    }

    // All events of a stream.
    std::vector<eventstore::StoredEvent> stream(const eventstore::StreamName& name) {
        eventstore::MemoryLog log(store);
        const eventstore::StreamFrom from{name, eventstore::Version(0)};
        return log.read_streams(std::span(&from, 1), 100'000);
    }
    // The state that a stream's events fold to.
    template <class Binding>
    typename Binding::State state(const eventstore::StreamName& name) {
        const AggregateFold<Binding> fold;
        auto state = fold.initial();
        for (const auto& event : stream(name)) fold.apply(state, event);
        return std::any_cast<typename Binding::State>(state);
    }

    std::shared_ptr<eventstore::MemoryStore> store;
    EmailKey key{"a secret of sixteen bytes or more"};
    eventstore::Executor executor;
};

}  // namespace skald::commands
