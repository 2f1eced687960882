#include "eventstore/types.h"

#include <gtest/gtest.h>

namespace skald::eventstore {
namespace {

TEST(uuids, are_read_in_the_one_form_in_which_they_are_written) {
    for (const auto* text :
         {"00000000-0000-0000-0000-000000000000", "0190a0e4-12ab-7cde-8f01-23456789abcf",
          "ffffffff-ffff-ffff-ffff-ffffffffffff"}) {
        const auto uuid = parse_uuid(text);
        ASSERT_TRUE(uuid) << text;
        EXPECT_EQ(to_text(*uuid), text);
    }
    EXPECT_EQ(parse_uuid("0190A0E4-12AB-7CDE-8F01-23456789ABCF"),
              parse_uuid("0190a0e4-12ab-7cde-8f01-23456789abcf"));
    for (const auto* text :
         {"", "0190a0e412ab7cde8f0123456789abcf", "0190a0e4-12ab-7cde-8f01-23456789abc",
          "0190a0e4-12ab-7cde-8f01-23456789abcff", "0190a0e4_12ab-7cde-8f01-23456789abcf",
          "0190a0e41-2ab-7cde-8f01-23456789abcf", "0190a0e4-12ab-7cde-8f0123456789-abcf",
          "0190a0e4-12ab-7cde-8f01-23456789abcg", "g190a0e4-12ab-7cde-8f01-23456789abcf",
          "0190a0e4-12ab-7cde-8f01--3456789abcf", "0190a0e4-12ab-7cde-8f01-2 456789abcf",
          "0190a0e4-12ab-7cde-8f01-+3456789abcf", "0x90a0e4-12ab-7cde-8f01-23456789abcf"})
        EXPECT_FALSE(parse_uuid(text)) << text;
}

// Compared with Python's uuid.uuid5(): they are stored, and so must never come out differently.
TEST(uuids, of_events_and_derived_commands_are_of_version_5) {
    const CommandId command(parse_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8").value());
    EXPECT_EQ(to_text(event_id(command, 1).value()), "b04965e6-a9bb-591f-8f8a-1adcb2c8dc39");
    EXPECT_EQ(to_text(event_id(command, 12345).value()), "08d517c3-ac51-54e8-9036-a65fc977ab11");
    EXPECT_EQ(to_text(derived_command_id({"a", "POST", "/v1/orders", "key"}).value()),
              "6a58464d-a699-5136-a6b5-ed93b8ef39e6");
    EXPECT_EQ(to_text(derived_command_id({std::string(300, 'x')}).value()),
              "30d598bd-ee71-51c1-a5f6-c59d04b5fc16");
}

}  // namespace
}  // namespace skald::eventstore
