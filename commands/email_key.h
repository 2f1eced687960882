// Names an e-mail's claim without telling the e-mail. Pure; a key is immutable and shared by
// threads.
#pragma once

#include <string>

#include "domain/kernel/ids.h"
#include "domain/kernel/personal.h"

namespace skald::commands {

class EmailKey {
  public:
    // `secret`: the store's own, at least 16 bytes, never changed, because claims are found by what
    // it makes.
    explicit EmailKey(std::string secret);
    // HMAC-SHA256 (RFC 2104) of the case-folded address, in 64 hexadecimal digits: one name per
    // address, which nobody without the secret can make from a guessed address.
    kernel::EmailHash hash(const kernel::EmailAddress& email) const;

  private:
    std::string secret_;
};

}  // namespace skald::commands
