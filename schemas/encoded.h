// Events as bytes: what every codec of this folder makes and takes. Protobuf itself never leaves
// the folder.
#pragma once

#include <boost/describe/enum.hpp>
#include <string>

#include "domain/kernel/result.h"

namespace skald::schemas {

// Equal events have equal bytes.
struct Encoded {
    std::string type;        // such as "stock.received"
    int schema_version = 0;  // always the newest of its type
    std::string data;
    bool operator==(const Encoded&) const = default;
};

// unknown_type and unknown_schema_version: a newer program wrote it. malformed: not the Protobuf
// message that its type says. impossible: a message, but of something that the domain never lets
// happen.
BOOST_DEFINE_ENUM_CLASS(DecodeErrorKind, unknown_type, unknown_schema_version, malformed,
                        impossible)

struct DecodeError {
    using Kind = DecodeErrorKind;
    Kind kind = Kind::malformed;
    std::string detail;  // for operators; names the field, never its value
};

}  // namespace skald::schemas
