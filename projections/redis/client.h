// Redis through hiredis, the only place that includes it. A Client belongs to one thread at a time;
// it connects on demand and drops the connection on any failure, since a late answer would be taken
// for the next one's.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct redisContext;
struct redisReply;

namespace skald::projections::redis {

// Redis cannot be reached, or gave no answer in time.
struct RedisAway : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Redis answered with an error.
struct RedisError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Settings {
    std::string address;   // host:port, also as redis://host:port; an IPv6 host in brackets
    std::string user;      // of the password; empty: Redis' default user
    std::string password;  // empty: no login
    int database = 0;
    std::chrono::milliseconds connect_timeout{500};
    std::chrono::milliseconds command_timeout{1000};
};

// An answer: a text, a number, nothing, or several.
class Reply {
  public:
    explicit Reply(std::shared_ptr<redisReply> root) : Reply(root, root.get()) {}

    bool is_nil() const;
    // The text of a text; nothing for nil. Anything else: std::logic_error.
    std::optional<std::string> text() const;
    std::string_view text_view() const;  // of a text, as long as the answer lives
    std::int64_t number() const;
    std::size_t size() const;  // of several
    Reply operator[](std::size_t i) const;

  private:
    Reply(std::shared_ptr<redisReply> root, const redisReply* at)
        : root_(std::move(root)), at_(at) {}
    std::shared_ptr<redisReply> root_;
    const redisReply* at_;
};

class Client {
  public:
    // Throws std::invalid_argument when the address is none.
    explicit Client(Settings settings);
    ~Client();
    Client(Client&&) noexcept;

    // One command with its arguments, all binary safe. Throws RedisAway, RedisError.
    Reply command(const std::vector<std::string>& words);
    // Several commands in one round trip; the answers in the same order. One that is an error
    // throws, as those of command() do.
    std::vector<Reply> commands(const std::vector<std::vector<std::string>>& several);
    // A Lua script, which has to be a constant of the program: by its digest, or whole where the
    // server does not have it yet.
    Reply script(std::string_view lua, const std::vector<std::string>& keys,
                 const std::vector<std::string>& arguments);

  private:
    struct Free {
        void operator()(redisContext* context) const;
    };
    redisContext& connection();
    void log_in();
    Reply send(const std::vector<std::string>& words);
    Reply checked(void* answer);
    [[noreturn]] void away(const std::string& why);

    Settings settings_;
    std::string host_;
    int port_ = 0;
    std::unique_ptr<redisContext, Free> context_;
    std::unordered_map<const void*, std::string> digests_;
};

// Why this Redis must not be used, in one sentence with the remedy; nothing if it may be. Throws
// RedisAway.
std::optional<std::string> unfit(Client& client);

}  // namespace skald::projections::redis
