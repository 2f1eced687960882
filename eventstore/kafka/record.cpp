#include "eventstore/kafka/record.h"

#include <charconv>
#include <cstdio>
#include <ctime>
#include <optional>

namespace skald::eventstore {
namespace {

constexpr std::int64_t us_per_second = 1'000'000;
constexpr std::size_t headers_usual = 16;

// The whole of the text, or nothing.
template <class Number>
std::optional<Number> number_in(std::string_view text) {
    Number number{};
    const auto* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stopped != end || text.empty()) return std::nullopt;
    return number;
}

// Reads headers by name and remembers the first problem.
class Reader {
  public:
    explicit Reader(const RecordView& record) : headers_(record.headers) {}

    // A dozen headers: looked through from the first each time. The first of a name counts.
    std::string_view text(std::string_view name) {
        for (const auto& [known, value] : headers_)
            if (known == name) return value;
        fail(std::string(name), "is missing");
        return {};
    }
    std::int64_t counted_from_one(const char* name) {
        const auto number = number_in<std::int64_t>(text(name));
        if (!number || *number < 1) fail(name, "is no number from 1");
        return number.value_or(0);
    }
    void expect(const char* name, std::string_view value) {
        if (text(name) != value) fail(name, "is not " + std::string(value));
    }
    void fail(const std::string& name, const std::string& problem) {
        if (problem_.empty()) problem_ = name + " " + problem;
    }
    const std::string& problem() const { return problem_; }

  private:
    const std::vector<std::pair<std::string_view, std::string_view>>& headers_;
    std::string problem_;
};

std::int32_t schema_version_in(std::string_view data_schema, Reader& reader) {
    const auto slash = data_schema.rfind('/');
    const auto version = slash == std::string_view::npos
                             ? std::nullopt
                             : number_in<std::int32_t>(data_schema.substr(slash + 1));
    if (!version || *version < 1) reader.fail("ce_dataschema", "does not end with a version");
    return version.value_or(0);
}

}  // namespace

std::string to_rfc3339(RecordedAt at) {
    auto seconds = at.value() / us_per_second;
    auto us = at.value() % us_per_second;
    if (us < 0) {
        us += us_per_second;
        --seconds;
    }
    // Events come in the order of their times: most share their second with the one before.
    struct Second {
        std::optional<std::int64_t> number;
        char text[64];
    };
    thread_local Second last{};
    if (last.number != seconds) {
        const std::time_t time = seconds;
        std::tm utc{};
        gmtime_r(&time, &utc);
        std::snprintf(last.text, sizeof last.text, "%04d-%02d-%02dT%02d:%02d:%02d.",
                      utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
                      utc.tm_sec);
        last.number = seconds;
    }
    auto digits = std::to_string(us);
    return last.text + std::string(6 - digits.size(), '0') + digits + "Z";
}

Result<RecordedAt, std::string> parse_rfc3339(std::string_view text) {
    // 0123456789012345678901234567
    // yyyy-mm-ddThh:mm:ss.uuuuuuZ
    const auto field = [&](std::size_t at, std::size_t length) {
        return number_in<int>(text.substr(at, length)).value_or(-1);
    };
    if (text.size() != 27) return unexpected(std::string("is no time"));
    std::tm utc{};
    utc.tm_year = field(0, 4) - 1900;
    utc.tm_mon = field(5, 2) - 1;
    utc.tm_mday = field(8, 2);
    utc.tm_hour = field(11, 2);
    utc.tm_min = field(14, 2);
    utc.tm_sec = field(17, 2);
    const RecordedAt at(timegm(&utc) * us_per_second + field(20, 6));
    // Whatever was out of range or out of place comes out differently.
    if (to_rfc3339(at) != text) return unexpected(std::string("is no time"));
    return at;
}

KafkaRecord record_of(const StoredEvent& event, Era era, const RecordFormat& format) {
    KafkaRecord record{std::string(event.stream.partition_key()),
                       event.data,
                       {},
                       event.recorded_at.value() / 1000};
    auto& headers = record.headers;
    headers.reserve(headers_usual);
    headers.emplace_back("ce_specversion", "1.0");
    headers.emplace_back("ce_id", to_text(event.id.value()));
    headers.emplace_back("ce_source", format.source);
    headers.emplace_back("ce_type", event.type);
    headers.emplace_back("ce_time", to_rfc3339(event.recorded_at));
    headers.emplace_back("ce_subject", event.stream.text());
    headers.emplace_back("content-type", "application/protobuf");
    headers.emplace_back("ce_dataschema", format.source + "/schemas/" + event.type + "/" +
                                              std::to_string(event.schema_version));
    headers.emplace_back("skald_position", std::to_string(event.position.value()));
    headers.emplace_back("skald_version", std::to_string(event.version.value()));
    headers.emplace_back("skald_era", std::to_string(era.value()));
    if (!format.meta_headers) return record;
    for (auto& header : format.meta_headers(event.meta)) {
        headers.push_back(std::move(header));
    }
    return record;
}

std::size_t bytes_of(const KafkaRecord& record) {
    constexpr std::size_t framing = 32;  // varint lengths and the record's own fields
    auto bytes = framing + record.key.size() + record.value.size();
    for (const auto& [name, value] : record.headers) bytes += name.size() + value.size() + 10;
    return bytes;
}

Result<PublishedEvent, std::string> event_of(const RecordView& record) {
    Reader reader(record);
    reader.expect("ce_specversion", "1.0");
    reader.expect("content-type", "application/protobuf");
    auto stream = StreamName::parse(reader.text("ce_subject"));
    if (!stream) {
        reader.fail("ce_subject", stream.error());
    } else if (stream->partition_key() != record.key) {
        reader.fail("key", "is not the partition key of ce_subject");
    }
    const auto id = parse_uuid(reader.text("ce_id"));
    if (!id) reader.fail("ce_id", "is no UUID");
    const auto time = parse_rfc3339(reader.text("ce_time"));
    if (!time) reader.fail("ce_time", time.error());
    const auto type = reader.text("ce_type");
    if (type.empty()) reader.fail("ce_type", "is empty");

    PublishedEvent published;
    auto& event = published.event;
    event.partition = record.partition;
    event.position = Position(reader.counted_from_one("skald_position"));
    event.version = Version(reader.counted_from_one("skald_version"));
    event.schema_version = schema_version_in(reader.text("ce_dataschema"), reader);
    published.era = Era(reader.counted_from_one("skald_era"));
    if (!reader.problem().empty()) return unexpected(reader.problem());
    event.stream = *std::move(stream);
    event.type = type;
    event.id = EventId(*id);
    event.recorded_at = *time;
    event.data = record.value;
    return published;
}

}  // namespace skald::eventstore
