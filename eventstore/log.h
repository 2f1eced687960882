// The log's port: what the executor and the followers need of a store of events. eventstore/memory
// is the reference implementation, eventstore/postgres the durable one; tests/contract holds both
// to the same rules.
//
// Rules of an append, for a batch of commands in their order:
//   1. A command whose id has a receipt changes nothing and is answered `duplicate` with that
//   receipt.
//   2. An id that occurs again in the batch behind one that left a receipt is answered from that
//   receipt.
//   3. A command that uses a stream which a command before it failed to write (or had written
//   already, as a duplicate)
//      fails too (`behind`), and so on transitively: it was decided on events that are not there.
//   4. Every stream a command used must be at the version it states, as left by the commands before
//   it; else `conflict`.
//   5. A command that holds data the store refuses is `invalid`; it never takes commands of other
//   streams along.
//   6. What is accepted is durable when append returns; positions and versions are dense.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "eventstore/types.h"

namespace skald::eventstore {

// What a command comes to, as its receipt tells it for ever.
enum class Verdict : std::int16_t { appended = 1, nothing_to_do = 2, refused = 3, cancelled = 4 };
std::string_view name_of(Verdict verdict);

// One stream that a command decided on, with the version it saw. No events: the stream was only
// read.
struct StreamUse {
    StreamName stream;
    Version expected;
    std::vector<NewEvent> events;
    // Where the caller knows it: a head of the stream's partition, told by this log's answer over
    // the connection it has now, at which `expected` was the stream's version. While nothing was
    // written behind it the log need not look at the stream.
    std::optional<Position> seen_at = std::nullopt;
};

// A decided command. `uses` holds each stream once, the command's own stream first; empty only for
// a cancelling.
struct AppendCommand {
    CommandId id;
    Fingerprint fingerprint{};
    Verdict verdict = Verdict::appended;
    bool leaves_receipt = true;  // always true where verdict is appended or cancelled
    std::vector<StreamUse> uses;
};

// The proof that a command ended. `stream`, `first_version` and `count` speak of the command's own
// stream: the events it appended there, or count 0 and the version after which it had nothing to
// add.
struct Receipt {
    CommandId id;
    Fingerprint fingerprint{};
    Verdict verdict = Verdict::appended;
    StreamName stream;
    Version first_version;
    std::int32_t count = 0;

    // The version of the command's own stream once it was done.
    Version version_after() const { return first_version + (count - 1); }
    friend bool operator==(const Receipt&, const Receipt&) = default;
};

enum class OutcomeKind { accepted, duplicate, conflict, behind, invalid };

struct Outcome {
    OutcomeKind kind = OutcomeKind::accepted;
    Receipt receipt;  // of duplicate: the earlier command's; of accepted: its own, also where none
                      // is stored
    std::string reason;  // of invalid: what the store said
};

// A transaction of an append: usually the only one, more where data was refused.
struct AppendPart {
    std::size_t commands = 0;                           // how many of the batch, in their order
    RecordedAt recorded_at;                             // of its events
    std::vector<std::pair<Partition, Position>> heads;  // it left, of the partitions it touched
    std::vector<Position> heads_before;                 // of the same partitions
};

struct AppendResult {
    std::vector<Outcome> outcomes;                      // one per command, in order
    std::vector<std::pair<Partition, Position>> heads;  // of every partition that was touched
    std::vector<AppendPart> parts;                      // of all commands together
    std::int32_t partitions = 0;                        // how many there are in all
    std::uint64_t connection = 0;  // another one than before: the log may have gone back in time
};

// The store cannot be reached or does not answer in time. After an append it is unknown whether it
// took effect: sending the same batch again settles it.
struct Unavailable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// No connection could be made, or the server refused the statement: an append surely had no effect.
struct NotSent : Unavailable {
    using Unavailable::Unavailable;
};

// The server answered with an error: the connection is as good as it was.
struct Refused : NotSent {
    using NotSent::NotSent;
};

// Others kept these partitions locked for longer than an append waits: it had no effect.
struct Busy : Refused {
    Busy(const std::string& what, std::vector<Partition> kept, std::int32_t count)
        : Refused(what), partitions(std::move(kept)), of(count) {}
    std::vector<Partition> partitions;  // empty where it is not known what was waited for
    std::int32_t of;                    // how many there are in all
};

struct StoreInfo {
    Uuid id;
    Era era{1};
    std::int32_t partitions = 0;
};

struct ReadLimit {
    std::int32_t events_max = 1000;
    std::int64_t bytes_max =
        8 * 1024 * 1024;  // of data and meta; at least one event is returned whatever its size
};

inline constexpr std::int64_t any_bytes = std::numeric_limits<std::int64_t>::max();

struct PartitionFrom {
    Partition partition;
    Position after;
};

struct StreamFrom {
    StreamName stream;
    Version after;
};

// One event of a stream. The time tells it from the one that the same command left when it was sent
// again to a log that had come back as an older self.
struct EventMark {
    CommandId command;
    std::int32_t command_seq = 0;
    RecordedAt recorded_at;
    friend bool operator==(const EventMark&, const EventMark&) = default;
};
inline EventMark mark_of(const StoredEvent& event) {
    return {event.command, event.command_seq, event.recorded_at};
}

// A state as a fold had it behind one event of its stream, kept so that a long stream need not be
// read from its beginning. Only ever a help: the events tell the same.
struct Snapshot {
    StreamName stream;
    Version version;
    EventMark last;             // the event of that version
    std::int32_t revision = 0;  // of the fold: see Fold::revision()
    std::string state;
};

struct SnapshotWanted {
    StreamName stream;
    std::int32_t revision = 0;
};

// All calls block, and throw Unavailable. An instance belongs to one thread at a time.
class Log {
  public:
    virtual ~Log() = default;

    virtual StoreInfo store() = 0;
    // Waits only briefly for partitions that others write; throws Busy then.
    virtual AppendResult append(std::span<const AppendCommand> batch) = 0;
    // False: it never does. Otherwise `call` is called, on the thread that appends, each time
    // before the store is waited for.
    virtual bool tell_before_waiting(std::function<void()> call) {
        static_cast<void>(call);
        return false;
    }
    // Whether an append to this partition could begin, after waiting as long as an append would.
    virtual bool is_free(Partition partition) = 0;
    // The events of a partition with position > after, in order, without holes.
    virtual std::vector<StoredEvent> read(Partition partition, Position after,
                                          const ReadLimit& limit) = 0;
    // The same of several partitions, each of them named once, partition by partition in the order
    // asked for; cut off behind the event that reaches `bytes_max` bytes of all together.
    virtual std::vector<StoredEvent> read_partitions(std::span<const PartitionFrom> partitions,
                                                     const ReadLimit& of_each,
                                                     std::int64_t bytes_max) = 0;
    // The events of each stream with version > after, stream by stream in the order asked for,
    // versions ascending; cut off behind events_max events, and behind the event that reaches
    // bytes_max bytes of data and meta. Less than both means that nothing is left.
    virtual std::vector<StoredEvent> read_streams(std::span<const StreamFrom> streams,
                                                  std::int32_t events_max,
                                                  std::int64_t bytes_max = any_bytes) = 0;
    // Of these streams, each named once, those snapshots that are of the revision wanted and whose
    // last event the log holds as they say.
    virtual std::vector<Snapshot> snapshots(std::span<const SnapshotWanted> wanted) = 0;
    // Each is kept instead of what was kept of its stream, unless that is of a later version and of
    // the same revision; not one whose last event the log does not hold. Each stream once.
    virtual void keep(std::span<const Snapshot> snapshots) = 0;
    virtual Heads heads() = 0;
    virtual std::optional<Receipt> receipt(const CommandId& id) = 0;
};

// What an event counts for where bytes are bounded.
inline std::int64_t bytes_of(const StoredEvent& event) {
    return static_cast<std::int64_t>(event.meta.size() + event.data.size());
}

// What it takes in memory, about.
inline std::size_t memory_of(const StoredEvent& event) {
    return sizeof event + event.stream.text().size() + event.type.size() + event.meta.size() +
           event.data.size();
}

// The receipt that `command` leaves, or would leave, when the log takes it.
Receipt receipt_of(const AppendCommand& command);

// Makes a Log of its own for each thread that needs one; throws Unavailable when it cannot.
using LogFactory = std::function<std::unique_ptr<Log>()>;

// The command that keeps `id` from ever taking effect: appended as it is, its outcome is `accepted`
// when the cancelled command can never run any more, `duplicate` with the earlier receipt when it
// had already ended.
AppendCommand cancelling(const CommandId& id);

}  // namespace skald::eventstore
