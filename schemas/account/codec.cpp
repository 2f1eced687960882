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

Encoded write(const Registered& e) {
    v1::Registered m;
    m.set_email(e.email.value());
    m.set_name(e.name.value());
    return wire::pack(m);
}

Encoded write(const EmailChanged& e) {
    v1::EmailChanged m;
    m.set_email(e.email.value());
    return wire::pack(m);
}

Encoded write(const ProfileUpdated& e) {
    v1::ProfileUpdated m;
    m.set_name(e.name.value());
    return wire::pack(m);
}

Encoded write(const Erased&) { return wire::pack(v1::Erased()); }

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

constexpr auto forms =
    wire::forms<&registered_v1, &email_changed_v1, &profile_updated_v1, &erased_v1>;

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
