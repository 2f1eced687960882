#include "eventstore/types.h"

#include <openssl/evp.h>

#include <algorithm>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <charconv>
#include <chrono>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "domain/kernel/invariant.h"

namespace skald::eventstore {
namespace {

// Skald's own namespace for name-based ids, drawn once at random.
constexpr Uuid skald_namespace{{0x6f, 0x1d, 0x5b, 0x0e, 0x8c, 0x1a, 0x4b, 0x52, 0x9e, 0x0b, 0x31,
                                0x7c, 0x5d, 0xa4, 0x22, 0x90}};

// The id of a name within a namespace, version 5 of RFC 4122. By OpenSSL, with a context that is
// kept: a third of what Boost's generator takes, for every event that is read or written.
Uuid named_uuid(const Uuid& within, std::string_view name) {
    using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
    static EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
    thread_local const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    unsigned char digest[EVP_MAX_MD_SIZE];
    INVARIANT(EVP_DigestInit_ex2(context.get(), sha1, nullptr) == 1 &&
              EVP_DigestUpdate(context.get(), within.data, sizeof within.data) == 1 &&
              EVP_DigestUpdate(context.get(), name.data(), name.size()) == 1 &&
              EVP_DigestFinal_ex(context.get(), digest, nullptr) == 1);
    Uuid id;
    std::copy_n(digest, sizeof id.data, id.data);
    id.data[6] = static_cast<std::uint8_t>((id.data[6] & 0x0f) | 0x50);
    id.data[8] = static_cast<std::uint8_t>((id.data[8] & 0x3f) | 0x80);
    return id;
}

// MurmurHash2, 32 bits, seed 0x9747b28c: what Kafka's clients use to place keys.
std::uint32_t murmur2(std::string_view key) {
    constexpr std::uint32_t m = 0x5bd1e995;
    constexpr int r = 24;
    std::uint32_t h = 0x9747b28cU ^ static_cast<std::uint32_t>(key.size());
    std::size_t i = 0;
    for (; i + 4 <= key.size(); i += 4) {
        std::uint32_t k = 0;
        std::memcpy(&k, key.data() + i, 4);
        k *= m;
        k ^= k >> r;
        k *= m;
        h *= m;
        h ^= k;
    }
    const auto byte = [&](std::size_t n) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(key[i + n]));
    };
    switch (key.size() - i) {
        case 3:
            h ^= byte(2) << 16;
            [[fallthrough]];
        case 2:
            h ^= byte(1) << 8;
            [[fallthrough]];
        case 1:
            h ^= byte(0);
            h *= m;
    }
    h ^= h >> 13;
    h *= m;
    h ^= h >> 15;
    return h;
}

}  // namespace

Result<StreamName, std::string> StreamName::parse(std::string_view text) {
    if (text.size() > stream_name_bytes_max)
        return unexpected(std::string("longer than 200 bytes"));
    if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; })) {
        return unexpected(std::string("holds a character that is not printable ASCII"));
    }
    const auto dash = text.find('-');
    if (dash == std::string_view::npos || dash == 0 || dash + 1 == text.size()) {
        return unexpected(std::string("is not of the form category-id"));
    }
    if (text[dash + 1] == '.') return unexpected(std::string("has an empty partition key"));
    return StreamName(std::string(text));
}

StreamName StreamName::of(std::string_view category, std::string_view id) {
    auto name = parse(std::string(category) + "-" + std::string(id));
    INVARIANT(name.has_value());
    return *name;
}

std::string_view StreamName::category() const {
    return std::string_view(text_).substr(0, text_.find('-'));
}

std::string_view StreamName::id() const {
    return std::string_view(text_).substr(text_.find('-') + 1);
}

std::string_view StreamName::partition_key() const { return id().substr(0, id().find('.')); }

Partition partition_of(std::string_view partition_key, std::int32_t partitions) {
    return Partition(static_cast<std::int32_t>(murmur2(partition_key) & 0x7fffffffU) % partitions);
}

EventId event_id(const CommandId& command, std::int32_t command_seq) {
    return EventId(named_uuid(command.value(), std::to_string(command_seq)));
}

CommandId fresh_command_id() {
    thread_local boost::uuids::random_generator random;
    Uuid id = random();
    const auto ms =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                       std::chrono::system_clock::now().time_since_epoch())
                                       .count());
    for (int i = 0; i < 6; ++i) id.data[i] = static_cast<std::uint8_t>(ms >> (8 * (5 - i)));
    id.data[6] = static_cast<std::uint8_t>((id.data[6] & 0x0f) | 0x70);
    return CommandId(id);
}

CommandId derived_command_id(const std::vector<std::string_view>& parts) {
    std::string name;
    for (const auto part : parts) name.append(std::to_string(part.size())).append(":").append(part);
    return CommandId(named_uuid(skald_namespace, name));
}

std::string to_text(const Uuid& uuid) { return boost::uuids::to_string(uuid); }

// Every record of a topic has some; Boost's string_generator took a third of reading one.
std::optional<Uuid> parse_uuid(std::string_view text) {
    constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (text.size() != form.size()) return std::nullopt;
    Uuid uuid;
    for (std::size_t at = 0, byte = 0; at < form.size(); ++byte) {
        if (form[at] == '-' && text[at++] != '-') return std::nullopt;
        const auto* end = text.data() + at + 2;
        if (std::from_chars(text.data() + at, end, uuid.data[byte], 16).ptr != end)
            return std::nullopt;
        at += 2;
    }
    return uuid;
}

}  // namespace skald::eventstore
