#include "schemas/email/codec.h"

#include "schemas/email/v1/email.pb.h"
#include "schemas/wire.h"

namespace skald::schemas::email {
namespace {

namespace v1 = skald::email::v1;
using kernel::AccountId;
using skald::email::Claimed;
using skald::email::Event;
using skald::email::Released;
using wire::Reader;

Encoded write(const Claimed& e) {
    v1::Claimed m;
    m.set_account(e.account.value());
    return wire::pack(m);
}

Encoded write(const Released& e) {
    v1::Released m;
    m.set_account(e.account.value());
    return wire::pack(m);
}

Event claimed_v1(const v1::Claimed& m, Reader& r) {
    return Claimed{r.id<AccountId>("account", m.account())};
}

Event released_v1(const v1::Released& m, Reader& r) {
    return Released{r.id<AccountId>("account", m.account())};
}

constexpr auto forms = wire::forms<&claimed_v1, &released_v1>;

}  // namespace

Encoded encode(const Event& event) {
    return std::visit([](const auto& e) { return write(e); }, event);
}

Result<Event, DecodeError> decode(std::string_view type, int schema_version,
                                  std::string_view data) {
    return wire::decode<Event>(forms, type, schema_version, data);
}

std::vector<wire::Shape> shapes() { return wire::shapes_of<Event>(forms); }

}  // namespace skald::schemas::email
