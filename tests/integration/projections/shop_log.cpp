#include "tests/integration/projections/shop_log.h"

#include "domain/kernel/invariant.h"
#include "schemas/account/codec.h"
#include "schemas/cart/codec.h"
#include "schemas/order/codec.h"
#include "schemas/payment/codec.h"
#include "schemas/product/codec.h"
#include "schemas/stock/codec.h"

namespace skald::tests {
namespace {

constexpr kernel::Currency euro{"EUR"};

eventstore::NewEvent stored(const schemas::Encoded& encoded) {
    return {encoded.type, encoded.schema_version, encoded.data, ""};
}

}  // namespace

ShopLog::ShopLog(Database& database, std::int32_t partitions)
    : partitions_(partitions),
      log_(database.log()),
      progress_(projections::projection_names(), partitions) {
    projections::install(database.admin(), projections::all_projections());
    for (const auto* projection : projections::all_projections()) {
        const auto announce = [this, name = projection->name](eventstore::Partition partition,
                                                              eventstore::Position position) {
            progress_.announce(name, partition, position);
        };
        steps_[projection->name] =
            std::make_unique<projections::ProjectionStep>(*projection, database.writer(), announce);
    }
}

ShopLog::~ShopLog() = default;

void ShopLog::product(const std::string& sku, const product::Event& event) {
    add("product", sku, stored(schemas::product::encode(event)));
}

void ShopLog::stock(const std::string& sku, const stock::Event& event) {
    add("stock", sku, stored(schemas::stock::encode(event)));
}

void ShopLog::account(const std::string& id, const account::Event& event) {
    add("account", id, stored(schemas::account::encode(event)));
}

void ShopLog::order(const std::string& id, const order::Event& event) {
    add("order", id, stored(schemas::order::encode(event)));
}

void ShopLog::cart(const std::string& id, const cart::Event& event) {
    add("cart", id, stored(schemas::cart::encode(event)));
}

void ShopLog::payment(const std::string& id, const payment::Event& event) {
    add("payment", id, stored(schemas::payment::encode(event)));
}

void ShopLog::raw(const std::string& category, const std::string& id, const std::string& type,
                  const std::string& data) {
    add(category, id, {type, 1, data, ""});
}

void ShopLog::simple_product(const std::string& sku, std::int64_t cents,
                             std::optional<std::string> department, bool ships) {
    products_[sku] = {cents, department, ships};
    product(sku, product::Created{.sku = kernel::Sku(sku),
                                  .title = "Title of " + sku,
                                  .department = department,
                                  .category = std::nullopt,
                                  .brand = std::nullopt,
                                  .price = {cents, euro},
                                  .ships = ships});
}

void ShopLog::simple_order(const std::string& id, const std::string& account,
                           std::int64_t placed_at,
                           const std::vector<std::pair<std::string, std::int64_t>>& lines) {
    order::Placed placed;
    placed.account = kernel::AccountId(account);
    placed.total = {0, euro};
    placed.payment_method = "card-ok";
    placed.placed_at = kernel::Timestamp(placed_at);
    for (const auto& [sku, quantity] : lines) {
        const auto& [cents, department, ships] = products_.at(sku);
        placed.lines.push_back({.sku = kernel::Sku(sku),
                                .title = "Title of " + sku,
                                .department = department,
                                .quantity = kernel::Quantity::of(quantity),
                                .unit_price = {cents, euro},
                                .total = {cents * quantity, euro},
                                .ships = ships});
        placed.total.amount += cents * quantity;
    }
    order(id, placed);
}

void ShopLog::add(const std::string& category, const std::string& id, eventstore::NewEvent event) {
    auto name = eventstore::StreamName::of(category, id);
    auto& version = versions_[name.text()];
    eventstore::AppendCommand command;
    command.id = eventstore::fresh_command_id();
    command.uses.push_back({std::move(name), eventstore::Version(version++), {std::move(event)}});
    pending_.push_back(std::move(command));
    if (pending_.size() >= 500) flush();
}

void ShopLog::flush() {
    if (pending_.empty()) return;
    const auto result = log_->append(pending_);
    for (const auto& outcome : result.outcomes)
        INVARIANT(outcome.kind == eventstore::OutcomeKind::accepted);
    pending_.clear();
}

void ShopLog::project(const std::string& only, std::int32_t run_size) {
    flush();
    for (const auto& [name, step] : steps_) {
        if (!only.empty() && only != name) continue;
        for (std::int32_t p = 0; p < partitions_; ++p) {
            const eventstore::Partition partition(p);
            auto at = step->open(partition);
            for (;;) {
                const auto run = log_->read(partition, at.position, {.events_max = run_size});
                if (run.empty()) break;
                at = step->apply(partition, at, run);
                step->tick();
            }
        }
    }
}

}  // namespace skald::tests
