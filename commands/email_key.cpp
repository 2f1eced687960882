#include "commands/email_key.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "domain/kernel/invariant.h"
#include "domain/kernel/text.h"

namespace skald::commands {

EmailKey::EmailKey(std::string secret) : secret_(std::move(secret)) {
    INVARIANT(secret_.size() >= 16);
}

kernel::EmailHash EmailKey::hash(const kernel::EmailAddress& email) const {
    const std::string folded = kernel::fold_case(email.value());
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    const auto* made = HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
                            reinterpret_cast<const unsigned char*>(folded.data()), folded.size(),
                            digest.data(), &size);
    INVARIANT(made != nullptr && size == 32);
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < size; ++i) {
        text += digits[digest.at(i) >> 4U];
        text += digits[digest.at(i) & 0xfU];
    }
    return kernel::EmailHash(text);
}

}  // namespace skald::commands
