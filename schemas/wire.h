// Inside schemas/ only: what the codecs share to get from a Protobuf message to an event and back.
// Pure functions.
//
// A codec is a conversion per message, in each direction, and a table of forms. Schema version N of
// the type `product.created` is the message Created of the package skald.product.vN, and so a
// message says which event it is.
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/common/v1/money.pb.h"
#include "schemas/encoded.h"
#include "schemas/reader.h"

namespace skald::schemas::wire {

using google::protobuf::Message;

struct Name {
    std::string type;
    int schema_version = 0;
    bool operator==(const Name&) const = default;
};
Name name_of(const google::protobuf::Descriptor& message);
template <class Proto>
const Name& name_of() {
    static const Name name = name_of(*Proto::descriptor());
    return name;
}

// How the bytes of an event type at one schema version are read as a message.
struct Shape {
    const Name& (*name)() = nullptr;
    const Message& (*prototype)() = nullptr;
};

template <class Event>
struct Form : Shape {
    Result<Event, DecodeError> (*read)(std::string_view data) = nullptr;
};

std::string to_bytes(const Message& message);

// Refuses what is not a `message`, strings that are not UTF-8 included. Unknown fields are skipped:
// a newer program may have added them.
bool from_bytes(std::string_view data, Message& message);

// The message that `data` holds, as JSON on one line; `prototype` says which message it is.
Result<std::string, DecodeError> to_json(const Message& prototype, std::string_view data);

template <class Proto>
Encoded pack(const Proto& message) {
    const auto& [type, schema_version] = name_of<Proto>();
    return {type, schema_version, to_bytes(message)};
}

inline unexpected<DecodeError> fail(DecodeError::Kind kind, std::string detail) {
    return unexpected(DecodeError{kind, std::move(detail)});
}

template <class Value, class Proto>
Result<Value, DecodeError> read(std::string_view data, Value (*convert)(const Proto&, Reader&)) {
    Proto message;
    if (!from_bytes(data, message))
        return fail(DecodeError::Kind::malformed, "not a " + message.GetTypeName());
    Reader reader;
    Value value = convert(message, reader);
    if (reader.fault())
        return fail(DecodeError::Kind::impossible, message.GetTypeName() + ": " + *reader.fault());
    return value;
}

template <auto convert>
struct Converter;
template <class Event, class Proto, Event (*convert)(const Proto&, Reader&)>
struct Converter<convert> {
    static const Message& prototype() { return Proto::default_instance(); }
    static Result<Event, DecodeError> read_event(std::string_view data) {
        return wire::read(data, convert);
    }
    static constexpr Form<Event> form = {{&name_of<Proto>, &prototype}, &read_event};
};

// The forms whose messages these functions turn into events.
template <auto... converts>
constexpr std::array forms{Converter<converts>::form...};

template <class Event>
Result<Event, DecodeError> decode(std::span<const Form<Event>> forms, std::string_view type,
                                  int schema_version, std::string_view data) {
    bool known = false;
    for (const auto& form : forms) {
        const auto& name = form.name();
        if (name.type != type) continue;
        if (name.schema_version == schema_version) return form.read(data);
        known = true;
    }
    using Kind = DecodeError::Kind;
    return fail(known ? Kind::unknown_schema_version : Kind::unknown_type,
                std::string(type) + " at schema version " + std::to_string(schema_version));
}

// For the catalogue: each codec's forms without their events.
template <class Event>
std::vector<Shape> shapes_of(std::span<const Form<Event>> forms) {
    return {forms.begin(), forms.end()};
}

// Every form of every codec.
std::span<const Shape> all_shapes();

void write(const kernel::Money& money, common::v1::Money& message);
void write(kernel::Timestamp time, google::protobuf::Timestamp& message);
void write(const std::vector<kernel::Portion>& portions,
           google::protobuf::RepeatedPtrField<common::v1::Portion>& messages);

}  // namespace skald::schemas::wire

// The optional text `name` of message m, read by the Reader r, present or not.
#define OPTIONAL_WORDS(m, name) \
    ((m).has_##name() ? std::optional(r.words(#name, (m).name())) : std::nullopt)

// The time `name` of message m, which may not be absent, read by the Reader r.
#define PRESENT_TIME(m, name) \
    (r.require((m).has_##name(), #name " is absent"), r.time(#name, (m).name()))

// Each codec's forms.
namespace skald::schemas {
namespace product {
std::vector<wire::Shape> shapes();
}
namespace stock {
std::vector<wire::Shape> shapes();
}
namespace account {
std::vector<wire::Shape> shapes();
}
namespace email {
std::vector<wire::Shape> shapes();
}
namespace order {
std::vector<wire::Shape> shapes();
}
namespace payment {
std::vector<wire::Shape> shapes();
}
namespace shipment {
std::vector<wire::Shape> shapes();
}
namespace cart {
std::vector<wire::Shape> shapes();
}
namespace saga {
std::vector<wire::Shape> shapes();
}
}  // namespace skald::schemas
