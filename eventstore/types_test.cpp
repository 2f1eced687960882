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

}  // namespace
}  // namespace skald::eventstore
