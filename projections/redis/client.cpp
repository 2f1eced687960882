#include "projections/redis/client.h"

#include <hiredis/hiredis.h>
#include <openssl/evp.h>

#include <array>
#include <charconv>

namespace skald::projections::redis {
namespace {

timeval as_timeval(std::chrono::milliseconds duration) {
    return {duration.count() / 1000, (duration.count() % 1000) * 1000};
}

std::string sha1_hex(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        constexpr std::string_view digits = "0123456789abcdef";
        hex += digits[digest[i] >> 4];
        hex += digits[digest[i] & 15];
    }
    return hex;
}

}  // namespace

bool Reply::is_nil() const { return at_->type == REDIS_REPLY_NIL; }

std::optional<std::string> Reply::text() const {
    if (is_nil()) return std::nullopt;
    if (at_->type != REDIS_REPLY_STRING && at_->type != REDIS_REPLY_STATUS)
        throw std::logic_error("Redis: the answer is not a text");
    return std::string(at_->str, at_->len);
}

std::string_view Reply::text_view() const {
    if (at_->type != REDIS_REPLY_STRING && at_->type != REDIS_REPLY_STATUS)
        throw std::logic_error("Redis: the answer is not a text");
    return {at_->str, at_->len};
}

std::int64_t Reply::number() const {
    if (at_->type != REDIS_REPLY_INTEGER) throw std::logic_error("Redis: the answer is no number");
    return at_->integer;
}

std::size_t Reply::size() const {
    if (at_->type != REDIS_REPLY_ARRAY) throw std::logic_error("Redis: the answer is no array");
    return at_->elements;
}

Reply Reply::operator[](std::size_t i) const {
    if (i >= size()) throw std::logic_error("Redis: the answer is shorter than that");
    return Reply(root_, at_->element[i]);
}

void Client::Free::operator()(redisContext* context) const { redisFree(context); }

Client::Client(Settings settings) : settings_(std::move(settings)) {
    std::string_view address = settings_.address;
    if (address.starts_with("redis://")) address.remove_prefix(8);
    const auto colon = address.rfind(':');
    if (colon == std::string_view::npos || colon == 0)
        throw std::invalid_argument("a Redis address is host:port");
    host_ = address.substr(0, colon);
    if (host_.size() > 2 && host_.front() == '[' && host_.back() == ']')
        host_ = host_.substr(1, host_.size() - 2);
    const auto port = address.substr(colon + 1);
    const auto end = port.data() + port.size();
    const auto [rest, error] = std::from_chars(port.data(), end, port_);
    if (error != std::errc() || rest != end || port_ < 1 || port_ > 65535)
        throw std::invalid_argument("a Redis address is host:port");
}

Client::~Client() = default;
Client::Client(Client&&) noexcept = default;

redisContext& Client::connection() {
    if (context_) return *context_;
    context_.reset(
        redisConnectWithTimeout(host_.c_str(), port_, as_timeval(settings_.connect_timeout)));
    if (!context_ || context_->err != 0) away("cannot connect");
    if (redisSetTimeout(context_.get(), as_timeval(settings_.command_timeout)) != REDIS_OK)
        away("cannot set the connection up");
    log_in();
    return *context_;
}

void Client::log_in() {
    try {
        if (!settings_.password.empty()) {
            std::vector<std::string> words{"AUTH"};
            if (!settings_.user.empty()) words.push_back(settings_.user);
            words.push_back(settings_.password);
            send(words);
        }
        if (settings_.database != 0) send({"SELECT", std::to_string(settings_.database)});
    } catch (const RedisError&) {
        context_.reset();  // the next command must not go out without it
        throw;
    }
}

void Client::away(const std::string& why) {
    const std::string detail = context_ && context_->err != 0 ? context_->errstr : "";
    context_.reset();
    throw RedisAway("Redis at " + host_ + ":" + std::to_string(port_) + ": " + why +
                    (detail.empty() ? "" : ": " + detail));
}

Reply Client::command(const std::vector<std::string>& words) {
    connection();
    return send(words);
}

Reply Client::send(const std::vector<std::string>& words) {
    std::vector<const char*> values;
    std::vector<std::size_t> lengths;
    for (const auto& word : words) {
        values.push_back(word.data());
        lengths.push_back(word.size());
    }
    void* answer = redisCommandArgv(context_.get(), static_cast<int>(words.size()), values.data(),
                                    lengths.data());
    return checked(answer);
}

std::vector<Reply> Client::commands(const std::vector<std::vector<std::string>>& several) {
    connection();
    std::vector<const char*> values;
    std::vector<std::size_t> lengths;
    for (const auto& words : several) {
        values.clear();
        lengths.clear();
        for (const auto& word : words) {
            values.push_back(word.data());
            lengths.push_back(word.size());
        }
        if (redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()), values.data(),
                                   lengths.data()) != REDIS_OK)
            away("cannot send");
    }
    std::vector<Reply> replies;
    try {
        while (replies.size() < several.size()) {
            void* answer = nullptr;
            redisGetReply(context_.get(), &answer);
            replies.push_back(checked(answer));
        }
    } catch (const RedisError&) {
        context_.reset();  // the answers behind this one are not read
        throw;
    }
    return replies;
}

// Takes the answer over.
Reply Client::checked(void* answer) {
    if (answer == nullptr) away("no answer");
    std::shared_ptr<redisReply> reply(static_cast<redisReply*>(answer), freeReplyObject);
    if (reply->type != REDIS_REPLY_ERROR) return Reply(reply);
    const std::string error(reply->str, reply->len);
    // Not the command is at fault but the moment: a server that starts or runs no scripts just now.
    if (error.starts_with("LOADING") || error.starts_with("BUSY") ||
        error.starts_with("MASTERDOWN"))
        away(error);
    throw RedisError("Redis: " + error);
}

Reply Client::script(std::string_view lua, const std::vector<std::string>& keys,
                     const std::vector<std::string>& arguments) {
    auto& digest = digests_[lua.data()];
    if (digest.empty()) digest = sha1_hex(lua);
    std::vector<std::string> words{"EVALSHA", digest, std::to_string(keys.size())};
    words.insert(words.end(), keys.begin(), keys.end());
    words.insert(words.end(), arguments.begin(), arguments.end());
    try {
        return command(words);
    } catch (const RedisError& error) {
        if (std::string_view(error.what()).find("NOSCRIPT") == std::string_view::npos) throw;
    }
    words[0] = "EVAL";
    words[1] = lua;
    return command(words);
}

std::optional<std::string> unfit(Client& client) {
    try {
        const auto policy = client.command({"CONFIG", "GET", "maxmemory-policy"});
        const auto value = policy.size() == 2 ? policy[1].text() : std::nullopt;
        if (!value || *value == "noeviction") return std::nullopt;
        return "Redis may evict what read models keep in it (maxmemory-policy is " + *value +
               "): set maxmemory-policy to noeviction";
    } catch (const RedisError& error) {
        return std::string(
                   "Redis does not tell its maxmemory-policy, which has to be noeviction: "
                   "allow CONFIG GET (") +
               error.what() + ")";
    }
}

}  // namespace skald::projections::redis
