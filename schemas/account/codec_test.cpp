#include "schemas/account/codec.h"

#include <gtest/gtest.h>

#include "schemas/account/v1/account.pb.h"
#include "schemas/testing/arbitrary.h"
#include "schemas/testing/golden.h"
#include "schemas/testing/rejects.h"

namespace skald::schemas::account {
namespace {

using kernel::EmailAddress;
using kernel::PersonName;
using skald::account::EmailChanged;
using skald::account::Erased;
using skald::account::Event;
using skald::account::ProfileUpdated;
using skald::account::Registered;
using testing::Golden;

TEST(AccountCodec, ReadsWhatWasEverWritten) {
    const std::vector<Golden<Event>> rows = {
        {"account.registered.v1.plain",
         Registered{EmailAddress("Zoe@example.org"), PersonName("Zo\xC3\xAB")}},
        {"account.email_changed.v1.plain", EmailChanged{EmailAddress("z@example.org")}},
        {"account.profile_updated.v1.plain", ProfileUpdated{PersonName("Zo\xC3\xAB Q.")}},
        {"account.erased.v1.plain", Erased{}},
    };
    testing::check_golden("account", rows, &encode, &decode);
}

TEST(AccountCodec, RejectsWhatTheDomainNeverLetsHappen) {
    namespace v1 = skald::account::v1;
    const auto impossible = DecodeErrorKind::impossible;
    v1::Registered no_email, no_name, two_lines;
    no_email.set_name("Zoe");
    no_name.set_email("z@example.org");
    two_lines.set_email("z@example.org");
    two_lines.set_name("Zoe\nQ.");
    testing::expect_rejected<Event>(
        &decode,
        {
            {"no address", "account.registered", 1, no_email, impossible, "email is empty"},
            {"no name", "account.registered", 1, no_name, impossible, "name is empty"},
            {"two lines", "account.registered", 1, two_lines, impossible,
             "name holds control characters"},
            {"to no address", "account.email_changed", 1, v1::EmailChanged(), impossible,
             "email is empty"},
            {"to no name", "account.profile_updated", 1, v1::ProfileUpdated(), impossible,
             "name is empty"},
        });
    testing::expect_unknown<Event>(&decode, "account.registered");
}

RC_GTEST_PROP(AccountCodecProperty, ReadsWhatItWrites, ()) {
    using testing::words;
    const Event events[] = {
        Registered{EmailAddress(words()), PersonName(words())},
        EmailChanged{EmailAddress(words())},
        ProfileUpdated{PersonName(words())},
        Erased{},
    };
    for (const Event& event : events) testing::assert_round_trip<Event>(event, &encode, &decode);
}

}  // namespace
}  // namespace skald::schemas::account
