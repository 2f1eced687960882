// A shop's history for tests: domain events appended to a real log, and all projections brought up
// to date with it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "domain/account/account.h"
#include "domain/cart/cart.h"
#include "domain/order/order.h"
#include "domain/payment/payment.h"
#include "domain/product/product.h"
#include "domain/stock/stock.h"
#include "projections/all.h"
#include "projections/engine/step.h"
#include "tests/support/database.h"

namespace skald::tests {

class ShopLog {
  public:
    // Installs all projections.
    explicit ShopLog(Database& database, std::int32_t partitions);
    ~ShopLog();

    void product(const std::string& sku, const product::Event& event);
    void stock(const std::string& sku, const stock::Event& event);
    void account(const std::string& id, const account::Event& event);
    void order(const std::string& id, const order::Event& event);
    void cart(const std::string& id, const cart::Event& event);
    void payment(const std::string& id, const payment::Event& event);
    // Bytes that no codec made.
    void raw(const std::string& category, const std::string& id, const std::string& type,
             const std::string& data);
    // Appends what was given so far. project() does it too.
    void flush();

    // A product with price and department; an order of (sku, quantity) lines, priced by `price_of`.
    void simple_product(const std::string& sku, std::int64_t cents,
                        std::optional<std::string> department = std::nullopt, bool ships = true);
    void simple_order(const std::string& id, const std::string& account, std::int64_t placed_at,
                      const std::vector<std::pair<std::string, std::int64_t>>& lines);

    // Takes all of the log into every projection (or one), in runs of `run_size` at most.
    void project(const std::string& only = "", std::int32_t run_size = 1000);

    eventstore::Log& log() { return *log_; }
    eventstore::Heads heads() { return log_->heads(); }
    projections::Progress& progress() { return progress_; }

  private:
    void add(const std::string& category, const std::string& id, eventstore::NewEvent event);

    std::int32_t partitions_;
    std::unique_ptr<eventstore::PgLog> log_;
    projections::Progress progress_;
    std::map<std::string, std::unique_ptr<projections::ProjectionStep>> steps_;
    std::map<std::string, std::int64_t> versions_;
    std::vector<eventstore::AppendCommand> pending_;
    struct Offer {
        std::int64_t cents = 0;
        std::optional<std::string> department;
        bool ships = true;
    };
    std::map<std::string, Offer> products_;
};

}  // namespace skald::tests
