// Inside schemas/ only: what the codecs share to get from a Protobuf message to an event and back.
// Pure functions.
//
// A codec is a conversion per message, in each direction, and a table of forms. Schema version N of
// the type `product.created` is the message Created of the package skald.product.vN.
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>

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

// How the bytes of an event type at one schema version are read as a message.
struct Shape {
    std::string_view type;
    int schema_version = 0;
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

inline Encoded pack(std::string_view type, int schema_version, const Message& message) {
    return {std::string(type), schema_version, to_bytes(message)};
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
    static Form<Event> form(std::string_view type, int schema_version) {
        return {{type, schema_version, &prototype}, &read_event};
    }
};

// The form whose message `convert` turns into an event.
template <auto convert>
auto form(std::string_view type, int schema_version) {
    return Converter<convert>::form(type, schema_version);
}

template <class Event>
Result<Event, DecodeError> decode(std::span<const Form<Event>> forms, std::string_view type,
                                  int schema_version, std::string_view data) {
    bool known = false;
    for (const auto& form : forms) {
        if (form.type != type) continue;
        if (form.schema_version == schema_version) return form.read(data);
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
