// Which sagas a driver holds in memory: those of its partitions that something is to be done for.
#include <algorithm>

#include "diagnostics/logger.h"
#include "sagas/engine/driver.h"

namespace skald::sagas {

using eventstore::Partition;
using eventstore::StoredEvent;
using eventstore::StreamName;
using eventstore::Version;

namespace {

constexpr std::size_t streams_at_once = 512;

}  // namespace

void Driver::adopt(Partition partition, std::vector<StreamName> streams) {
    ask_thread([&] { load(partition, streams); });
}

void Driver::wake(Partition partition, const std::vector<StreamName>& streams) {
    ask_thread([&] {
        std::vector<StreamName> missing;
        std::ranges::copy_if(streams, std::back_inserter(missing),
                             [&](const auto& stream) { return !sagas_.contains(stream); });
        load(partition, missing);
        to_drive_.insert(missing.begin(), missing.end());
    });
}

void Driver::resume(Partition partition) {
    ask_thread([&] {
        for (const auto& [stream, saga] : sagas_)
            if (saga.partition == partition) to_drive_.insert(stream);
    });
}

void Driver::release(Partition partition) {
    ask_thread([&] {
        for (auto saga = sagas_.begin(); saga != sagas_.end();) {
            const auto next = std::next(saga);
            if (saga->second.partition == partition) forget(saga);
            saga = next;
        }
    });
}

void Driver::forget(Sagas::iterator saga) {
    if (saga->second.alarm) alarms_.erase({*saga->second.alarm, saga->first});
    call_queue_.over(saga->first);
    sagas_.erase(saga);
}

std::size_t Driver::sagas_in_memory() {
    return ask_thread([&] { return sagas_.size(); });
}

Driver::Saga& Driver::make(const StreamName& stream, Partition partition) {
    auto& saga = sagas_[stream];
    saga.stream = stream;
    saga.partition = partition;
    return saga;
}

void Driver::load(Partition partition, std::span<const StreamName> streams) {
    for (; streams.size() > streams_at_once; streams = streams.subspan(streams_at_once))
        load(partition, streams.first(streams_at_once));
    if (streams.empty()) return;
    try {
        if (!log_) log_ = logs_();
        std::vector<eventstore::StreamFrom> from;
        for (const auto& stream : streams) {
            if (const auto known = sagas_.find(stream); known != sagas_.end()) forget(known);
            make(stream, partition);
            from.push_back({stream, Version(0)});
        }
        constexpr std::int32_t page = 10'000;
        for (bool more = true; more && !from.empty();) {
            const auto events = log_->read_streams(from, page);
            for (const auto& event : events) {
                with(event.stream, [&](Saga& saga) { take_or_drop(saga, event); });
            }
            more = events.size() == static_cast<std::size_t>(page);
            std::erase_if(from, [&](auto& one) {
                const auto found = sagas_.find(one.stream);
                if (found == sagas_.end()) return true;  // what cannot be read is not read again
                one.after = found->second.version;
                return false;
            });
        }
    } catch (...) {
        log_.reset();
        // What was read in part is not taken for what there is.
        for (const auto& stream : streams)
            if (const auto known = sagas_.find(stream); known != sagas_.end()) forget(known);
        throw;
    }
}

void Driver::take(Saga& saga, const StoredEvent& event) {
    if (event.version != saga.version + 1) return;
    saga::apply(saga.state, decoded(event));
    saga.version = event.version;
    if (saga.known == nullptr) {
        saga.known = registry_.find(saga.state.saga, saga.state.definition);
        if (saga.known == nullptr) {
            throw std::runtime_error(
                "this program does not know version " + std::to_string(saga.state.definition) +
                " of the saga " + saga.state.saga + ", which " + saga.stream.text() + " goes by");
        }
        saga.tracing.correlation_id = correlation_of(event);
    }
}

// A saga that cannot be read is not driven; the others of its partition are.
void Driver::take_or_drop(Saga& saga, const StoredEvent& event) {
    try {
        take(saga, event);
    } catch (const std::exception& error) {
        diagnostics::log_error("a saga cannot be read and is not driven",
                               {{"saga", event.stream.text()}, {"error", error.what()}});
        if (const auto known = sagas_.find(event.stream); known != sagas_.end()) forget(known);
    }
}

std::vector<Row> Driver::observe(Partition partition, std::span<const StoredEvent> run) {
    return ask_thread([&] {
        std::set<StreamName> seen, unknown;
        for (const auto& event : run) {
            if (!registry_.is_saga(event.stream.category())) continue;
            seen.insert(event.stream);
            if (event.version > Version(1) && !sagas_.contains(event.stream))
                unknown.insert(event.stream);
        }
        const std::vector<StreamName> missing(unknown.begin(), unknown.end());
        if (!missing.empty()) load(partition, missing);
        for (const auto& event : run) {
            if (!seen.contains(event.stream)) continue;
            const auto found = sagas_.find(event.stream);
            if (found == sagas_.end() && event.version > Version(1)) continue;  // cannot be read
            take_or_drop(found == sagas_.end() ? make(event.stream, partition) : found->second,
                         event);
        }
        std::vector<Row> rows;
        for (const auto& stream : seen) {
            const auto found = sagas_.find(stream);
            if (found == sagas_.end() || found->second.known == nullptr) continue;
            auto& saga = found->second;
            if (saga.state.phase == saga::Phase::stuck) {
                diagnostics::log_error("a saga is stuck; an operator has to look at it",
                                       {{"saga", stream.text()},
                                        {"step", saga.state.current->step},
                                        {"code", saga.state.code}});
            }
            const auto& process = *saga.known->process;
            rows.push_back({stream, saga.version, saga.state, next_due(process, saga.state),
                            at_rest(process, saga.state)});
            if (may_be_forgotten(saga, rows.back())) {
                forget(found);
            } else {
                to_drive_.insert(stream);
            }
        }
        return rows;
    });
}

// What is on its way to it, or nearly due, keeps it.
bool Driver::may_be_forgotten(const Saga& saga, const Row& row) const {
    if (saga::ended(row.state.phase)) return true;
    return row.at_rest && saga.telling.empty() && saga.to_tell.empty() && saga.unanswered == 0 &&
           (!row.due ||
            *row.due - clock_->now() > std::chrono::microseconds(settings_.stays_awake).count());
}

}  // namespace skald::sagas
