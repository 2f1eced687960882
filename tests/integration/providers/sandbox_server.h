// What the tests of the sandbox's process share: a process each, and ways to look at its ledger.
#pragma once

#include <gtest/gtest.h>

#include "sagas/providers/http_provider.h"
#include "sagas/providers/sandbox.h"
#include "tests/integration/providers/sandbox_process.h"

namespace skald::tests {

inline constexpr std::int64_t price = 1999;

inline sagas::PaymentCall authorise(std::string key, std::string order,
                                    std::string method = "card-ok") {
    return {.operation = sagas::PaymentOperation::authorise,
            .key = std::move(key),
            .order = kernel::OrderId(std::move(order)),
            .amount = {price, kernel::Currency("EUR")},
            .method = std::move(method)};
}

class SandboxServer : public testing::Test {
  protected:
    sagas::HttpProvider provider(std::string secret = SandboxProcess::secret()) {
        return sagas::HttpProvider({.url = process.url(), .secret = std::move(secret)});
    }
    // The ledger as it is on the disk, without the process.
    std::vector<sagas::LedgerEntry> entries() {
        process.kill();
        return sagas::Sandbox({.ledger = process.ledger()}).entries();
    }
    sagas::OrderBalance balance(const std::string& order) {
        process.kill();
        return sagas::Sandbox({.ledger = process.ledger()}).balance(kernel::OrderId(order)).value();
    }

    SandboxProcess process;
};

// s succeeded, r refused, u unknown, - nothing
inline char letter(const std::optional<sagas::PaymentAnswer>& answer) {
    return answer ? "sru"[static_cast<int>(answer->outcome)] : '-';
}

}  // namespace skald::tests
