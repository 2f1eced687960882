#include "projections/reading/pg_pool.h"

#include "projections/reading/sql.h"

namespace skald::projections {

PgPool::PgPool(pq::Settings settings, std::size_t size)
    : settings_(std::move(settings)), unused_(size) {}

PgPool::Lease PgPool::acquire(std::chrono::steady_clock::time_point deadline) {
    {
        std::unique_lock lock(mutex_);
        if (!freed_.wait_until(lock, deadline, [&] { return !free_.empty() || unused_ > 0; }))
            throw eventstore::Unavailable("PostgreSQL: all connections of the pool are busy");
        if (!free_.empty()) {
            auto connection = std::move(free_.back());
            free_.pop_back();
            return Lease(this, std::move(connection), false);
        }
        --unused_;
    }
    try {
        auto connection = std::make_unique<pq::Connection>(settings_);
        connection->query(projections_reading::sql::pin_plans);
        return Lease(this, std::move(connection), true);
    } catch (...) {
        give_back(nullptr);
        throw;
    }
}

void PgPool::give_back(std::unique_ptr<pq::Connection> connection) {
    {
        std::lock_guard lock(mutex_);
        if (connection && connection->usable()) {
            free_.push_back(std::move(connection));
        } else {
            ++unused_;
        }
    }
    freed_.notify_one();
}

PgPool::Lease::~Lease() {
    if (pool_) pool_->give_back(std::move(connection_));
}

}  // namespace skald::projections
