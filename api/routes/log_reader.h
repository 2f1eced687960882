// Reads of the log by request handlers: a few Log instances, lent one call at a time. Thread-safe.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "eventstore/executor.h"
#include "eventstore/postgres/pq.h"

namespace skald::routes {

class LogReader {
  public:
    // At most `size` instances, made on demand; `logs` should read with the reader's role.
    LogReader(eventstore::LogFactory logs, std::size_t size);

    // Calls `use` with an instance that is nobody else's meanwhile. Throws eventstore::Unavailable
    // when none gets free before `deadline`, and what `use` throws. `use` is called again when its
    // connection had been lost meanwhile, as all are when PostgreSQL is restarted.
    template <class Use>
    auto with(eventstore::Clock::time_point deadline, Use&& use) {
        Lease lease(*this, deadline);
        try {
            return use(*lease.log);
        } catch (const pq::CannotConnect&) {
            throw;
        } catch (const pq::ConnectionLost&) {
            if (eventstore::Clock::now() >= deadline) throw;
        }
        return use(*lease.log);
    }

  private:
    struct Lease {
        Lease(LogReader& from, eventstore::Clock::time_point deadline);
        ~Lease();
        Lease(const Lease&) = delete;
        LogReader& reader;
        std::unique_ptr<eventstore::Log> log;
    };

    eventstore::LogFactory logs_;
    std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<std::unique_ptr<eventstore::Log>> free_;
    std::size_t unused_;  // instances that may still be made
};

}  // namespace skald::routes
