// The shop that is measured: the executor as `skald serve` makes it, over the store that the
// settings in the environment name, and goods to receive and to order. One thread submits.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/config/config.h"
#include "api/serve/core.h"
#include "bench/program/cpu.h"
#include "commands/context.h"
#include "eventstore/executor.h"

namespace skald::bench {

inline const std::string receipt_type = "stock.received";
inline const std::string order_type = "order.placed";

// The settings as `skald` reads them, from the environment. Throws std::runtime_error with all that
// is wrong with them.
config::Config settings_of_environment();

kernel::Sku sku_of(int product);

class Shop {
  public:
    explicit Shop(const config::Config& config);

    // Makes so many products with something in stock, all of them known to the executor after it.
    void open(int products);

    // One more piece of a product came in. `keyed`: sent with an Idempotency-Key, whose command id
    // lies anywhere in the index.
    eventstore::Command receipt(int product, bool keyed) const;

    // So many people who can order, from the first on. Each has the same id in every process.
    void register_people(int people);
    // One of them orders one piece each of some products, each named once.
    eventstore::Command order(int person, const std::vector<int>& products) const;

    // How commands are sent: so many in flight at most, as soon as there is room or so many a
    // second, each at its time.
    struct Pace {
        std::ptrdiff_t in_flight = 1;
        std::optional<double> rate = {};
    };
    using Next = std::function<std::optional<eventstore::Command>()>;
    using Answered = std::function<void(const eventstore::Answer&)>;
    // Until there is no next one and all are answered; `answered` is called on the decider's
    // thread. The making of commands is not counted as CPU of the client. Throws when one is not
    // done.
    Sample drive(ServerCpu& server, const Pace& pace, const Next& next,
                 const Answered& answered = {});
    // So long, with what `make` gives.
    Sample drive_for(ServerCpu& server, const Pace& pace, Seconds time,
                     const std::function<eventstore::Command()>& make,
                     const Answered& answered = {});

    // Receipts and orders that the executor said are done.
    std::int64_t done() const { return done_; }
    const serve::Core& core() const { return core_; }
    serve::Core& core() { return core_; }

  private:
    commands::CommandContext context(bool keyed) const;

    serve::Core core_;
    std::int64_t done_ = 0;
    eventstore::Executor executor_;
};

}  // namespace skald::bench
