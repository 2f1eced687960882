#include "sagas/providers/bulkhead.h"

#include <algorithm>

#include "domain/kernel/invariant.h"

namespace skald::sagas {

Bulkhead::Bulkhead(BulkheadSettings settings) : settings_(settings) {
    INVARIANT(settings_.calls_max > 0 && settings_.waiting_max >= 0);
}

std::optional<Bulkhead::Place> Bulkhead::enter(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    const auto free = [&] { return in_use_ < settings_.calls_max; };
    if (!free()) {
        if (waiting_ >= settings_.waiting_max) return std::nullopt;
        ++waiting_;
        const bool in_time = left_.wait_for(lock, std::min(patience, settings_.wait_max), free);
        --waiting_;
        if (!in_time) return std::nullopt;
    }
    ++in_use_;
    return Place(*this);
}

int Bulkhead::in_use() const {
    const std::lock_guard lock(mutex_);
    return in_use_;
}

void Bulkhead::leave() {
    {
        const std::lock_guard lock(mutex_);
        --in_use_;
    }
    left_.notify_one();
}

}  // namespace skald::sagas
