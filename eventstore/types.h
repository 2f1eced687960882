// The names and numbers of the log: partitions, positions, versions, stream names, command ids,
// stored events.
#pragma once

#include <array>
#include <boost/uuid/uuid.hpp>
#include <boost/uuid/uuid_hash.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/kernel/named_type.h"
#include "domain/kernel/result.h"

namespace skald::eventstore {

using Uuid = boost::uuids::uuid;

// 0 .. P-1, where P is fixed when the store is created.
using Partition = kernel::Named<std::int32_t, struct PartitionTag>;
// Dense from 1 in a partition; 0 is the place before the first event.
using Position = kernel::Ordinal<std::int64_t, struct PositionTag>;
// Dense from 1 in a stream; 0 is the version of a stream without events.
using Version = kernel::Ordinal<std::int64_t, struct VersionTag>;
using CommandId = kernel::Named<Uuid, struct CommandIdTag>;
using EventId = kernel::Named<Uuid, struct EventIdTag>;
// Counts restores of the log to an older state, from 1.
using Era = kernel::Ordinal<std::int64_t, struct EraTag>;
// Microseconds since the Unix epoch, by the database's clock.
using RecordedAt = kernel::Ordinal<std::int64_t, struct RecordedAtTag>;
// SHA-256 of a request, cut to 16 bytes: tells whether two requests with one command id are the
// same request.
using Fingerprint = std::array<std::uint8_t, 16>;

inline constexpr std::size_t stream_name_bytes_max = 200;
inline constexpr std::size_t event_bytes_max = 256 * 1024;  // data and meta together

// `category-id`: printable ASCII without blanks, at most 200 bytes. The category is what stands
// before the first '-'.
class StreamName {
  public:
    StreamName() = default;
    // The error says what is wrong with the text.
    static Result<StreamName, std::string> parse(std::string_view text);
    // For names made by the program itself. A malformed one is a bug.
    static StreamName of(std::string_view category, std::string_view id);

    const std::string& text() const { return text_; }
    std::string_view category() const;
    std::string_view id() const;
    // The id up to its first '.': streams that share it share a partition.
    std::string_view partition_key() const;

    friend auto operator<=>(const StreamName&, const StreamName&) = default;

  private:
    explicit StreamName(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

// Kafka's default partitioner: murmur2 of the key, made positive, modulo the number of partitions.
Partition partition_of(std::string_view partition_key, std::int32_t partitions);

// An event about to be stored. `data` and `meta` are opaque bytes here.
struct NewEvent {
    std::string type;
    std::int32_t schema_version = 1;
    std::string data;
    std::string meta;
};

// An event as the log holds it. Read back from Kafka it carries no command and no meta
// (`command_seq` is 0 then).
struct StoredEvent {
    Partition partition;
    Position position;
    StreamName stream;
    Version version;
    std::string type;
    std::int32_t schema_version = 1;
    EventId id;
    CommandId command;
    std::int32_t command_seq = 0;
    RecordedAt recorded_at;
    std::string meta;
    std::string data;
};

// The position of the last event of each partition, indexed by partition number.
using Heads = std::vector<Position>;

// UUIDv5 (RFC 4122) in the namespace of the command, of the sequence number as decimal text.
EventId event_id(const CommandId& command, std::int32_t command_seq);
// A command id of its own: UUIDv7 (RFC 9562), so that ids made one after another lie beside each
// other in an index.
CommandId fresh_command_id();
// UUIDv5 of the parts, each with its length before it, in Skald's namespace: equal parts, equal id.
CommandId derived_command_id(const std::vector<std::string_view>& parts);
std::string to_text(const Uuid& uuid);
std::optional<Uuid> parse_uuid(std::string_view text);

}  // namespace skald::eventstore

template <>
struct std::hash<skald::eventstore::StreamName> {
    std::size_t operator()(const skald::eventstore::StreamName& name) const {
        return std::hash<std::string>{}(name.text());
    }
};
