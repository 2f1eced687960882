#include "schemas/email/codec.h"

#include <gtest/gtest.h>

#include "schemas/email/v1/email.pb.h"
#include "schemas/testing/arbitrary.h"
#include "schemas/testing/golden.h"
#include "schemas/testing/rejects.h"

namespace skald::schemas::email {
namespace {

using kernel::AccountId;
using skald::email::Claimed;
using skald::email::Event;
using skald::email::Released;
using testing::Golden;

TEST(EmailCodec, ReadsWhatWasEverWritten) {
    const std::vector<Golden<Event>> rows = {
        {"email.claimed.v1.plain", Claimed{AccountId("ada-1")}},
        {"email.released.v1.plain", Released{AccountId("ada-1")}},
    };
    testing::check_golden("email", rows, &encode, &decode);
}

TEST(EmailCodec, RejectsWhatTheDomainNeverLetsHappen) {
    namespace v1 = skald::email::v1;
    v1::Released spaced;
    spaced.set_account("a b");
    testing::expect_rejected<Event>(&decode, {
                                                 {"by nobody", "email.claimed", 1, v1::Claimed(),
                                                  DecodeErrorKind::impossible, "account is no id"},
                                                 {"by two words", "email.released", 1, spaced,
                                                  DecodeErrorKind::impossible, "account is no id"},
                                             });
    testing::expect_unknown<Event>(&decode, "email.claimed");
}

RC_GTEST_PROP(EmailCodecProperty, ReadsWhatItWrites, ()) {
    const auto account = testing::id<AccountId>();
    testing::assert_round_trip<Event>(Claimed{account}, &encode, &decode);
    testing::assert_round_trip<Event>(Released{account}, &encode, &decode);
}

}  // namespace
}  // namespace skald::schemas::email
