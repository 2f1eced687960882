#include "sagas/providers/sandbox.h"

#include <thread>

#include "diagnostics/crash_point.h"
#include "diagnostics/logger.h"
#include "sagas/providers/wire.h"

namespace skald::sagas {
namespace {

constexpr int flaky_failures = 2;
constexpr std::size_t flaky_keys_max = 100'000;

void read_line(SandboxBooks& books, std::string_view line, const std::string& path) {
    const auto place = "the ledger " + path + " is damaged at entry " +
                       std::to_string(books.entries().size() + 1) + ": ";
    auto entry = entry_of(line);
    if (!entry) throw LedgerUnusable(place + entry.error());
    try {
        books.apply(std::move(*entry));
    } catch (const std::runtime_error& error) {
        throw LedgerUnusable(place + error.what());
    }
}

PaymentAnswer unanswered() {
    return {.code = std::string(no_answer), .detail = "the provider did not answer in time"};
}

}  // namespace

kernel::Timestamp system_time() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return kernel::Timestamp(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

Sandbox::Sandbox(SandboxSettings settings)
    : settings_(std::move(settings)),
      books_(settings_.authorisation_life),
      file_(settings_.ledger,
            [this](std::string_view line) { read_line(books_, line, settings_.ledger); }) {}

Sandbox::Done Sandbox::perform(const PaymentCall& call) {
    Done done;
    {
        const std::lock_guard lock(mutex_);
        done.manner = manner_of(books_.method_of(call));
        if (const auto* before = books_.find(call.key)) {
            done.entry = *before;
            done.other_content = !SandboxBooks::same_content(*before, call);
            if (done.other_content) done.manner = Manner::at_once;
        } else {
            if (fails(done.manner, call.key)) return done;
            done.entry = books_.decide(call, settings_.now());
            diagnostics::crash_point("sandbox.append");
            file_.append(to_json(*done.entry));
            books_.apply(*done.entry);
        }
    }
    diagnostics::crash_point("sandbox.appended");
    file_.sync();
    diagnostics::crash_point("sandbox.charged");
    return done;
}

bool Sandbox::fails(Manner manner, const std::string& key) {
    if (manner == Manner::fails) return true;
    if (manner != Manner::fails_twice) return false;
    if (failures_.size() >= flaky_keys_max) failures_.clear();
    if (failures_[key]++ < flaky_failures) return true;
    failures_.erase(key);
    return false;
}

PaymentAnswer Sandbox::call(const PaymentCall& call, std::chrono::milliseconds timeout) {
    if (!is_payment_key(call.key)) return refused_key();
    Done done;
    try {
        done = perform(call);
    } catch (const LedgerUnusable& error) {
        diagnostics::log_error("sandbox provider failed", {{"error", error.what()}});
        return {.code = "provider_error", .detail = "the ledger cannot be written"};
    }
    if (!done.entry) return {.code = "provider_error", .detail = "the provider answered 500"};
    if (done.other_content) {
        return {.code = std::string(key_reused),
                .detail = "the key was used for another operation"};
    }
    if (done.manner == Manner::at_once || done.manner == Manner::fails_twice) {
        return answer_of(*done.entry);
    }
    const bool in_time = done.manner == Manner::slowly && settings_.slow <= timeout;
    // The waiting itself is what is played here; nothing could end it early.
    std::this_thread::sleep_for(in_time ? settings_.slow : timeout);  // as the provider would
    return in_time ? answer_of(*done.entry) : unanswered();
}

std::optional<PaymentAnswer> Sandbox::find(const std::string& key, std::chrono::milliseconds) {
    try {
        const auto found = entry(key);
        if (!found) return std::nullopt;
        return answer_of(*found);
    } catch (const LedgerUnusable& error) {
        diagnostics::log_error("sandbox provider failed", {{"error", error.what()}});
        return PaymentAnswer{.code = "provider_error", .detail = "the ledger cannot be synced"};
    }
}

std::optional<LedgerEntry> Sandbox::entry(const std::string& key) {
    std::optional<LedgerEntry> found;
    {
        const std::lock_guard lock(mutex_);
        if (const auto* entry = books_.find(key)) found = *entry;
    }
    file_.sync();
    return found;
}

std::vector<LedgerEntry> Sandbox::entries() {
    std::vector<LedgerEntry> all;
    {
        const std::lock_guard lock(mutex_);
        all = books_.entries();
    }
    file_.sync();
    return all;
}

std::optional<OrderBalance> Sandbox::balance(const kernel::OrderId& order) {
    std::optional<OrderBalance> found;
    {
        const std::lock_guard lock(mutex_);
        found = books_.balance(order);
    }
    file_.sync();
    return found;
}

}  // namespace skald::sagas
