#include "schemas/account/codec.h"

#include "schemas/account/v1/account.pb.h"
#include "schemas/wire.h"

namespace skald::schemas::account {
namespace {

namespace v1 = skald::account::v1;
using kernel::EmailAddress;
using kernel::PersonName;
using skald::account::EmailChanged;
using skald::account::Erased;
using skald::account::Event;
using skald::account::ProfileUpdated;
using skald::account::Registered;
using wire::Reader;

constexpr std::string_view registered_type = "account.registered";
constexpr std::string_view email_changed_type = "account.email_changed";
constexpr std::string_view profile_updated_type = "account.profile_updated";
constexpr std::string_view erased_type = "account.erased";

Encoded write(const Registered& e) {
    v1::Registered m;
    m.set_email(e.email.value());
    m.set_name(e.name.value());
    return wire::pack(registered_type, 1, m);
}

Encoded write(const EmailChanged& e) {
    v1::EmailChanged m;
    m.set_email(e.email.value());
    return wire::pack(email_changed_type, 1, m);
}

Encoded write(const ProfileUpdated& e) {
    v1::ProfileUpdated m;
    m.set_name(e.name.value());
    return wire::pack(profile_updated_type, 1, m);
}

Encoded write(const Erased&) { return wire::pack(erased_type, 1, v1::Erased()); }

Event registered_v1(const v1::Registered& m, Reader& r) {
    return Registered{EmailAddress(r.words("email", m.email())),
                      PersonName(r.words("name", m.name()))};
}

Event email_changed_v1(const v1::EmailChanged& m, Reader& r) {
    return EmailChanged{EmailAddress(r.words("email", m.email()))};
}

Event profile_updated_v1(const v1::ProfileUpdated& m, Reader& r) {
    return ProfileUpdated{PersonName(r.words("name", m.name()))};
}

Event erased_v1(const v1::Erased&, Reader&) { return Erased{}; }

const wire::Form<Event> forms[] = {
    wire::form<&registered_v1>(registered_type, 1),
    wire::form<&email_changed_v1>(email_changed_type, 1),
    wire::form<&profile_updated_v1>(profile_updated_type, 1),
    wire::form<&erased_v1>(erased_type, 1),
};

}  // namespace

Encoded encode(const Event& event) {
    return std::visit([](const auto& e) { return write(e); }, event);
}

Result<Event, DecodeError> decode(std::string_view type, int schema_version,
                                  std::string_view data) {
    return wire::decode<Event>(forms, type, schema_version, data);
}

std::vector<wire::Shape> shapes() { return wire::shapes_of<Event>(forms); }

}  // namespace skald::schemas::account
