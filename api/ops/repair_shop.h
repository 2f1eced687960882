// What /ops/sagas works with: the sagas this program knows, and an executor that is made when the
// first repair is applied, since most processes never apply one. Thread-safe.
#pragma once

#include <memory>
#include <mutex>

#include "sagas/known/known.h"
#include "sagas/operator/desk.h"

namespace skald::ops {

class RepairShop {
  public:
    // `logs` write as the writer's role; `listener` hears of every append.
    RepairShop(eventstore::LogFactory logs, eventstore::CommitListener listener)
        : logs_(std::move(logs)), listener_(std::move(listener)) {}

    const sagas::Desk& desk() const { return desk_; }

    eventstore::Executor& executor() {
        const std::lock_guard lock(mutex_);
        if (!executor_)
            executor_ = std::make_unique<eventstore::Executor>(
                logs_, desk_.folds(), eventstore::ExecutorLimits{}, listener_);
        return *executor_;
    }

  private:
    const sagas::Desk desk_{sagas::known_sagas()};
    const eventstore::LogFactory logs_;
    const eventstore::CommitListener listener_;
    std::mutex mutex_;
    std::unique_ptr<eventstore::Executor> executor_;
};

}  // namespace skald::ops
