// What the routes need of the running program. Wired once, in main; everything in it is
// thread-safe and outlives the servers.
#pragma once

#include <atomic>
#include <chrono>

#include "api/http/page_cursor.h"
#include "api/routes/log_reader.h"
#include "commands/email_key.h"
#include "eventstore/executor.h"
#include "eventstore/head_watch.h"
#include "projections/reading/reading.h"

namespace skald::routes {

// What this process does for sagas; standing_by: another one has what only one can have.
enum class SagaDuty { none, driving, standing_by };

// Pointers are null only where routes are listed for their documentation and never called.
struct Services {
    eventstore::StoreInfo store;
    eventstore::Executor* executor = nullptr;
    eventstore::HeadWatch* heads = nullptr;  // what this process knows of the partitions' heads
    LogReader* log = nullptr;
    projections::Reading* reading = nullptr;
    const commands::EmailKey* email_key = nullptr;
    const http::CursorCodec* cursors = nullptr;
    const std::atomic<bool>* draining = nullptr;
    const std::atomic<SagaDuty>* saga_duty = nullptr;
    std::chrono::milliseconds command_time_max{10'000};  // until a command is given up
    std::chrono::milliseconds wait_default{2'000};       // for a read model, without Skald-Wait
};

}  // namespace skald::routes
