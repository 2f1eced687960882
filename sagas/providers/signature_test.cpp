#include "sagas/providers/signature.h"

#include <gtest/gtest.h>

namespace skald::sagas {
namespace {

constexpr std::int64_t now = 1'700'000'000;
const std::string body = R"({"order":"o1"})";

// The digest was made with: printf '1700000000.{"order":"o1"}' | openssl dgst -sha256 -hmac secret
const std::string made_elsewhere =
    "t=1700000000,v1=e0f5a08485a76f2cc6cae3e2efebadeec21e04ebf3b2844aec6435ce3f11d406";

TEST(Signature, IsWhatOpensslMakes) { EXPECT_EQ(sign("secret", body, now), made_elsewhere); }

struct SignatureCase {
    std::string name;
    std::string header;
    std::string signed_body;
    std::int64_t at;
    bool good;
};
std::ostream& operator<<(std::ostream& out, const SignatureCase& row) { return out << row.name; }

class Headers : public testing::TestWithParam<SignatureCase> {};

TEST_P(Headers, AreCheckedWholly) {
    EXPECT_EQ(is_signed(GetParam().header, "secret", GetParam().signed_body, GetParam().at),
              GetParam().good);
}

const std::string good = sign("secret", body, now);

INSTANTIATE_TEST_SUITE_P(
    Signature, Headers,
    testing::Values(
        SignatureCase{"its_own", good, body, now, true},
        SignatureCase{"five_minutes_late", good, body, now + 300, true},
        SignatureCase{"later_than_that", good, body, now + 301, false},
        SignatureCase{"from_the_future", good, body, now - 301, false},
        SignatureCase{"of_another_body", good, body + " ", now, false},
        SignatureCase{"of_another_secret", sign("Secret", body, now), body, now, false},
        SignatureCase{"of_another_time", "t=1700000001" + good.substr(12), body, now, false},
        SignatureCase{"cut_short", good.substr(0, good.size() - 1), body, now, false},
        SignatureCase{"without_digest", "t=1700000000,v1=", body, now, false},
        SignatureCase{"without_time", "t=," + good.substr(13), body, now, false},
        SignatureCase{"time_with_decoration", "t=+1700000000" + good.substr(12), body, now, false},
        SignatureCase{"time_that_overflows", "t=99999999999999999999" + good.substr(12), body, now,
                      false},
        SignatureCase{"least_number", "t=-9223372036854775808" + good.substr(12), body, now, false},
        SignatureCase{"empty", "", body, now, false}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace skald::sagas
