#include "schemas/meta.h"

#include "schemas/common/v1/meta.pb.h"
#include "schemas/wire.h"

namespace skald::schemas {

std::string encode_meta(const Meta& meta) {
    common::v1::Meta message;
    message.set_principal(meta.principal);
    message.set_correlation_id(meta.correlation_id);
    message.set_causation_id(meta.causation_id);
    message.set_traceparent(meta.traceparent);
    return wire::to_bytes(message);
}

Result<Meta, DecodeError> decode_meta(std::string_view bytes) {
    common::v1::Meta message;
    if (!wire::from_bytes(bytes, message)) {
        return wire::fail(DecodeErrorKind::malformed, "not a " + message.GetTypeName());
    }
    return Meta{message.principal(), message.correlation_id(), message.causation_id(),
                message.traceparent()};
}

Result<std::string, DecodeError> meta_to_json(std::string_view bytes) {
    return wire::to_json(common::v1::Meta::default_instance(), bytes);
}

std::vector<std::pair<std::string_view, std::string>> meta_headers(const std::string& bytes) {
    std::vector<std::pair<std::string_view, std::string>> headers;
    const auto meta = decode_meta(bytes);
    if (!meta) return headers;
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) headers.emplace_back(name, value);
    };
    add("ce_correlationid", meta->correlation_id);
    add("ce_causationid", meta->causation_id);
    add("traceparent", meta->traceparent);
    return headers;
}

}  // namespace skald::schemas
