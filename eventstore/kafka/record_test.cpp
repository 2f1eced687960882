#include "eventstore/kafka/record.h"

#include <gtest/gtest.h>

namespace skald::eventstore {
namespace {

StoredEvent an_event() {
    StoredEvent event;
    event.partition = Partition(3);
    event.position = Position(42);
    event.stream = StreamName::of("order", "7f3a.1");
    event.version = Version(2);
    event.type = "order.placed";
    event.schema_version = 2;
    event.command = CommandId(*parse_uuid("0190a0e4-0000-7000-8000-000000000001"));
    event.command_seq = 1;
    event.id = event_id(event.command, 1);
    event.recorded_at = RecordedAt(1'709'208'000'000'001);
    event.meta = "trace";
    event.data = std::string("\0\x01\xff", 3);
    return event;
}

RecordFormat a_format() {
    return {"/skald", [](const std::string& meta) { return RecordHeaders{{"traceparent", meta}}; }};
}

RecordView view_of(const KafkaRecord& record) {
    RecordView view{Partition(3), record.key, record.value, {}};
    for (const auto& [name, value] : record.headers) view.headers.emplace_back(name, value);
    return view;
}

TEST(Record, has_the_headers_that_the_outside_relies_on) {
    const auto record = record_of(an_event(), Era(5), a_format());
    const RecordHeaders expected{
        {"ce_specversion", "1.0"},
        {"ce_id", to_text(an_event().id.value())},
        {"ce_source", "/skald"},
        {"ce_type", "order.placed"},
        {"ce_time", "2024-02-29T12:00:00.000001Z"},
        {"ce_subject", "order-7f3a.1"},
        {"content-type", "application/protobuf"},
        {"ce_dataschema", "/skald/schemas/order.placed/2"},
        {"skald_position", "42"},
        {"skald_version", "2"},
        {"skald_era", "5"},
        {"traceparent", "trace"},
    };
    EXPECT_EQ(record.headers, expected);
    EXPECT_EQ(record.key, "7f3a");
    EXPECT_EQ(record.value, an_event().data);
    EXPECT_EQ(record.timestamp_ms, 1'709'208'000'000);
}

TEST(Record, read_back_it_is_the_event_without_command_and_meta) {
    const auto record = record_of(an_event(), Era(5), a_format());
    const auto read = event_of(view_of(record));
    ASSERT_TRUE(read) << read.error();
    const auto& event = read->event;
    EXPECT_EQ(read->era, Era(5));
    EXPECT_EQ(event.partition, Partition(3));
    EXPECT_EQ(event.position, Position(42));
    EXPECT_EQ(event.stream, an_event().stream);
    EXPECT_EQ(event.version, Version(2));
    EXPECT_EQ(event.type, "order.placed");
    EXPECT_EQ(event.schema_version, 2);
    EXPECT_EQ(event.id, an_event().id);
    EXPECT_EQ(event.recorded_at, an_event().recorded_at);
    EXPECT_EQ(event.data, an_event().data);
    EXPECT_EQ(event.meta, "");
    EXPECT_EQ(event.command_seq, 0);
}

struct Malformed {
    const char* header;
    const char* value;  // null: the header is left out
    const char* problem;
};

const Malformed malformed[] = {
    {"ce_specversion", "0.3", "ce_specversion is not 1.0"},
    {"ce_specversion", nullptr, "ce_specversion is missing"},
    {"content-type", "application/json", "content-type is not application/protobuf"},
    {"ce_id", "42", "ce_id is no UUID"},
    {"ce_id", nullptr, "ce_id is missing"},
    {"ce_type", "", "ce_type is empty"},
    {"ce_time", "2024-02-30T12:00:00.000001Z", "ce_time is no time"},
    {"ce_time", "2024-02-29T12:00:00Z", "ce_time is no time"},
    {"ce_time", "2024-02-29 12:00:00.000001Z", "ce_time is no time"},
    {"ce_time", "2024-02-29T12:00:00.-00001Z", "ce_time is no time"},
    {"ce_subject", "order", "ce_subject"},
    {"ce_subject", "order-8", "key is not the partition key of ce_subject"},
    {"ce_dataschema", "/skald/schemas/order.placed/", "ce_dataschema does not end with a version"},
    {"ce_dataschema", "/skald/schemas/order.placed/0", "ce_dataschema does not end with a version"},
    {"ce_dataschema", "2", "ce_dataschema does not end with a version"},
    {"skald_position", "0", "skald_position is no number from 1"},
    {"skald_position", "-4", "skald_position is no number from 1"},
    {"skald_position", "4x", "skald_position is no number from 1"},
    {"skald_position", "99999999999999999999", "skald_position is no number from 1"},
    {"skald_version", "", "skald_version is no number from 1"},
    {"skald_era", nullptr, "skald_era is missing"},
};

TEST(Record, a_malformed_one_is_refused_with_what_is_wrong) {
    for (const auto& row : malformed) {
        auto record = record_of(an_event(), Era(1), a_format());
        std::erase_if(record.headers, [&](auto& header) { return header.first == row.header; });
        if (row.value != nullptr) record.headers.emplace_back(row.header, row.value);
        const auto read = event_of(view_of(record));
        ASSERT_FALSE(read) << row.problem;
        EXPECT_EQ(read.error().rfind(row.problem, 0), 0u) << read.error();
    }
}

TEST(Record, times_before_1970_and_far_ahead_survive) {
    for (const std::int64_t us : {-1LL, -1'000'000LL, 0LL, 1LL, 253'402'300'799'999'999LL}) {
        const auto back = parse_rfc3339(to_rfc3339(RecordedAt(us)));
        ASSERT_TRUE(back) << to_rfc3339(RecordedAt(us));
        EXPECT_EQ(back->value(), us);
    }
}

TEST(Record, its_size_counts_everything_it_sends) {
    auto record = record_of(an_event(), Era(1), a_format());
    const auto before = bytes_of(record);
    record.value += std::string(1000, 'x');
    record.headers.emplace_back("a", std::string(99, 'b'));
    EXPECT_GE(bytes_of(record), before + 1100);
}

}  // namespace
}  // namespace skald::eventstore
