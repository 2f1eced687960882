#include "tests/support/database.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace skald::tests {
namespace {

std::string fresh_name() {
    static std::atomic<int> count{0};
    return "t_" + std::to_string(getpid()) + "_" + std::to_string(++count);
}

// The same URI with another database behind its last '/'.
std::string with_database(const std::string& uri, const std::string& name) {
    return uri.substr(0, uri.rfind('/') + 1) + name;
}

std::string login_of(const std::string& uri) {
    const auto start = uri.find("//") + 2;
    return uri.substr(start, uri.find_first_of("@:", start) - start);
}

}  // namespace

std::string required_env(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr) {
        std::fprintf(
            stderr,
            "%s is not set: run these tests by ./dev test, which starts the services they need\n",
            name);
        std::exit(2);
    }
    return value;
}

Database::Database(std::int32_t partitions, std::span<const eventstore::Migration> more)
    : name_(fresh_name()),
      conninfo_(with_database(required_env("SKALD_TEST_PG"), name_)),
      admin_(owner()) {
    pq::Connection server({.conninfo = required_env("SKALD_TEST_PG")});
    server.script("CREATE DATABASE " + name_);
    std::vector<eventstore::Migration> all(eventstore::log_migrations().begin(),
                                           eventstore::log_migrations().end());
    all.insert(all.end(), more.begin(), more.end());
    eventstore::migrate_up(admin(), all);
    eventstore::create_store(admin(), partitions, login_of(conninfo_));
}

Database::~Database() {
    admin_.drop();
    // An autovacuum worker may be in there, and only a superuser may end it.
    for (int tries_left = 50; tries_left >= 0; --tries_left) {
        try {
            pq::Connection server({.conninfo = required_env("SKALD_TEST_PG")});
            server.script("DROP DATABASE " + name_ + " WITH (FORCE)");
            return;
        } catch (const std::exception& error) {
            if (tries_left == 0) {
                std::fprintf(stderr, "database %s is left behind: %s\n", name_.c_str(),
                             error.what());
            }
            // sleep: the worker tells nobody when it is done
            std::this_thread::sleep_for(std::chrono::milliseconds(200));
        }
    }
}

pq::Settings Database::settings(const std::string& role) const {
    return {.conninfo = conninfo_, .role = role};
}

}  // namespace skald::tests
