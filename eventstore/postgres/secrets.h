// Secrets that all processes of a store share: the key that signs cursors and tokens, the key under
// which e-mail addresses are hashed. Made once at random and kept in the store. Never logged.
#pragma once

#include <cstddef>
#include <string>

#include "eventstore/postgres/pq.h"

namespace skald::eventstore {

// The secret of this name; the first to ask for it makes it, `bytes` long. One of another length is
// a bug. Throws pq::ConnectionLost, pq::Error.
std::string shared_secret(pq::Connection& writer, const std::string& name, std::size_t bytes);

}  // namespace skald::eventstore
