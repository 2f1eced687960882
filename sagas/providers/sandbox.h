// A payment provider without a bank: it keeps a ledger on disk, does what the method's name says
// (sandbox_books.h), and does every key once. Usable in process as a PaymentProvider, or behind
// HTTP (api/sandbox). It may be killed at any time. Thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "sagas/providers/ledger_file.h"
#include "sagas/providers/payment_provider.h"
#include "sagas/providers/sandbox_books.h"

namespace skald::sagas {

kernel::Timestamp system_time();

struct SandboxSettings {
    std::string ledger;  // path of the file
    std::chrono::milliseconds slow{3000};
    std::chrono::hours authorisation_life{7 * 24};
    std::function<kernel::Timestamp()> now = system_time;
};

class Sandbox : public PaymentProvider {
  public:
    // Throws LedgerUnusable, LedgerInUse.
    explicit Sandbox(SandboxSettings settings);

    // As over a network: blocks as long as the manner says, and not beyond `timeout`. Charges
    // before the answer can be lost.
    PaymentAnswer call(const PaymentCall& call, std::chrono::milliseconds timeout) override;
    std::optional<PaymentAnswer> find(const std::string& key,
                                      std::chrono::milliseconds timeout) override;

    // What call() does, without the waiting.
    struct Done {
        std::optional<LedgerEntry> entry;  // on the disk; nothing: the manner is to fail
        bool other_content = false;        // the key's entry is of another call
        Manner manner = Manner::at_once;   // how to tell it
    };
    // Throws LedgerUnusable.
    Done perform(const PaymentCall& call);

    // They tell only what is on the disk. Throw LedgerUnusable.
    std::optional<LedgerEntry> entry(const std::string& key);
    std::vector<LedgerEntry> entries();
    std::optional<OrderBalance> balance(const kernel::OrderId& order);

    std::chrono::milliseconds slow() const { return settings_.slow; }

  private:
    bool fails(Manner manner, const std::string& key);

    const SandboxSettings settings_;
    std::mutex mutex_;  // of the books and failures_
    SandboxBooks books_;
    std::map<std::string, int> failures_;  // of card-flaky by key; a restart forgets them
    LedgerFile file_;
};

}  // namespace skald::sagas
