// For the codecs' tests: what must not be read as an event, and with which error.
#pragma once

#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "domain/kernel/enum_name.h"
#include "schemas/catalogue.h"
#include "schemas/encoded.h"

namespace skald::schemas::testing {

struct Rejected {
    std::string_view what;
    std::string type;
    int schema_version;
    std::string data;
    DecodeErrorKind kind;
    std::string detail;  // is contained in the error's

    Rejected(std::string_view rejected, std::string of_type, int version,
             const google::protobuf::Message& message, DecodeErrorKind with, std::string because)
        : what(rejected),
          type(std::move(of_type)),
          schema_version(version),
          data(message.SerializePartialAsString()),
          kind(with),
          detail(std::move(because)) {}
};

template <class Event>
using Decode = Result<Event, DecodeError> (*)(std::string_view, int, std::string_view);

template <class Event>
void expect_rejected(Decode<Event> decode, const std::vector<Rejected>& rows) {
    for (const auto& row : rows) {
        const auto event = decode(row.type, row.schema_version, row.data);
        ASSERT_FALSE(event) << row.what;
        EXPECT_EQ(kernel::name_of(event.error().kind), kernel::name_of(row.kind)) << row.what;
        EXPECT_NE(event.error().detail.find(row.detail), std::string::npos)
            << row.what << ": " << event.error().detail;
    }
}

// What every codec says about types, versions and bytes that it does not know; `type` is one that
// it does.
template <class Event>
void expect_unknown(Decode<Event> decode, const std::string& type) {
    struct Row {
        std::string_view what;
        std::string type;
        int schema_version;
        std::string data;
        DecodeErrorKind kind;
    };
    const Row rows[] = {
        {"another type", type + "x", 1, "", DecodeErrorKind::unknown_type},
        {"no type", "", 1, "", DecodeErrorKind::unknown_type},
        {"version 0", type, 0, "", DecodeErrorKind::unknown_schema_version},
        {"a version to come", type, 99, "", DecodeErrorKind::unknown_schema_version},
        {"no message", type, 1, "\xFF\xFF\xFF", DecodeErrorKind::malformed},
        {"a message cut off", type, 1,
         std::string("\x0A\x05"
                     "ab"),
         DecodeErrorKind::malformed},
    };
    for (const auto& row : rows) {
        const auto event = decode(row.type, row.schema_version, row.data);
        ASSERT_FALSE(event) << row.what;
        EXPECT_EQ(kernel::name_of(event.error().kind), kernel::name_of(row.kind)) << row.what;
        const auto json = to_json(row.type, row.schema_version, row.data);
        ASSERT_FALSE(json) << row.what;
        EXPECT_EQ(kernel::name_of(json.error().kind), kernel::name_of(row.kind)) << row.what;
    }
}

}  // namespace skald::schemas::testing
