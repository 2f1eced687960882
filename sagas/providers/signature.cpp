#include "sagas/providers/signature.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <charconv>
#include <optional>

#include "domain/kernel/invariant.h"

namespace skald::sagas {
namespace {

std::string mac_of(std::string_view secret, std::string_view body, std::int64_t at) {
    const auto text = std::to_string(at) + "." + std::string(body);
    const std::basic_string<unsigned char> data(text.begin(), text.end());
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    INVARIANT(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), data.data(),
                   data.size(), digest, &size) != nullptr);
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        hex += "0123456789abcdef"[digest[i] >> 4];
        hex += "0123456789abcdef"[digest[i] & 15];
    }
    return hex;
}

struct Parts {
    std::int64_t at = 0;
    std::string_view mac;
};

std::optional<Parts> parts_of(std::string_view header) {
    constexpr std::string_view first = "t=";
    constexpr std::string_view second = ",v1=";
    const auto comma = header.find(second);
    if (!header.starts_with(first) || comma == std::string_view::npos) return std::nullopt;
    const auto digits = header.substr(first.size(), comma - first.size());
    Parts parts{.mac = header.substr(comma + second.size())};
    const auto end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, parts.at);
    if (read.ec != std::errc() || read.ptr != end || parts.at < 0) return std::nullopt;
    return parts;
}

}  // namespace

std::string sign(std::string_view secret, std::string_view body, std::int64_t now) {
    return "t=" + std::to_string(now) + ",v1=" + mac_of(secret, body, now);
}

bool is_signed(std::string_view header, std::string_view secret, std::string_view body,
               std::int64_t now) {
    const auto parts = parts_of(header);
    if (!parts) return false;
    const auto expected = mac_of(secret, body, parts->at);
    const bool same = parts->mac.size() == expected.size() &&
                      CRYPTO_memcmp(parts->mac.data(), expected.data(), expected.size()) == 0;
    const auto age = parts->at > now ? parts->at - now : now - parts->at;
    return same && age <= signature_tolerance.count();
}

}  // namespace skald::sagas
