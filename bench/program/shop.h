// The shop that is measured: the executor as `skald serve` makes it, over the store that the
// settings in the environment name, and goods to receive. One thread submits.
#pragma once

#include <optional>
#include <string>

#include "api/config/config.h"
#include "api/serve/core.h"
#include "bench/program/cpu.h"
#include "commands/context.h"
#include "eventstore/executor.h"

namespace skald::bench {

inline const std::string receipt_type = "stock.received";

// The settings as `skald` reads them, from the environment. Throws std::runtime_error with all that
// is wrong with them.
config::Config settings_of_environment();

class Shop {
  public:
    explicit Shop(const config::Config& config);

    // Makes so many products with something in stock, all of them known to the executor after it.
    void open(int products);

    // One more piece of a product came in. `keyed`: sent with an Idempotency-Key, whose command id
    // lies anywhere in the index.
    eventstore::Command receipt(int product, bool keyed) const;

    using Next = std::function<std::optional<eventstore::Command>()>;
    // Keeps so many commands in flight until there is no next one and all are answered. The making
    // of commands is not counted as CPU of the client. Throws when one is not done.
    Sample drive(ServerCpu& server, std::ptrdiff_t in_flight, const Next& next);
    // So long, with what `make` gives.
    Sample drive_for(ServerCpu& server, std::ptrdiff_t in_flight, Seconds time,
                     const std::function<eventstore::Command()>& make);

    // Receipts that the executor said are done.
    std::int64_t done() const { return done_; }
    const serve::Core& core() const { return core_; }

  private:
    commands::CommandContext context(bool keyed) const;

    serve::Core core_;
    std::int64_t done_ = 0;
    eventstore::Executor executor_;
};

}  // namespace skald::bench
