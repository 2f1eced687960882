#include "eventstore/postgres/secrets.h"

#include <openssl/rand.h>

#include "domain/kernel/invariant.h"
#include "eventstore/postgres/sql.h"

namespace skald::eventstore {

std::string shared_secret(pq::Connection& writer, const std::string& name, std::size_t bytes) {
    auto found = writer.query(eventstore_postgres::sql::read_secret, pq::Params().text(name));
    if (found.empty()) {
        std::string fresh(bytes, '\0');
        INVARIANT(RAND_bytes(reinterpret_cast<unsigned char*>(fresh.data()),
                             static_cast<int>(fresh.size())) == 1);
        // Two processes may get here at once: the first row stays, and both read that one.
        writer.query(eventstore_postgres::sql::insert_secret, pq::Params().text(name).bytea(fresh));
        found = writer.query(eventstore_postgres::sql::read_secret, pq::Params().text(name));
    }
    INVARIANT(found.size() == 1);
    auto secret = found.bytea(0, 0);
    INVARIANT(secret.size() == bytes);
    return secret;
}

}  // namespace skald::eventstore
