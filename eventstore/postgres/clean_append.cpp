#include "eventstore/postgres/clean_append.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>

#include "domain/kernel/invariant.h"
#include "eventstore/postgres/pq_types.h"

namespace skald::eventstore {
namespace {

using pq::Array;
namespace oid = pq::oid;

// What texts take roughly, to find room for them at once.
constexpr std::size_t stream_bytes = 48;
constexpr std::size_t type_bytes = 24;

std::size_t average(std::size_t bytes, std::size_t count) {
    return count == 0 ? 0 : bytes / count + 1;
}

}  // namespace

CleanAppend::CleanAppend(std::span<const AppendCommand> commands,
                         std::span<const std::int64_t> heads, Expected expected)
    : commands_(commands),
      heads_(heads),
      partitions_(static_cast<std::int32_t>(heads.size())),
      expected_(expected),
      touched_(heads.size()) {
    look_at_ids();
    look_at_streams();
}

void CleanAppend::look_at_ids() {
    by_id_.reserve(commands_.size());
    for (const auto& command : commands_) by_id_.push_back(&command);
    const auto id = [](const AppendCommand* command) -> const Uuid& { return command->id.value(); };
    std::ranges::sort(by_id_, std::less{}, id);
    possible_ &= std::ranges::adjacent_find(by_id_, {}, id) == by_id_.end();
}

void CleanAppend::look_at_streams() {
    boost::unordered_flat_map<std::string_view, std::uint32_t> known;
    known.reserve(2 * commands_.size());
    streams_.reserve(2 * commands_.size());
    stream_of_use_.reserve(2 * commands_.size());
    for (const auto& command : commands_) {
        INVARIANT(command.leaves_receipt ||
                  (command.verdict != Verdict::appended && command.verdict != Verdict::cancelled));
        for (const auto& use : command.uses) {
            const auto [found, fresh] =
                known.try_emplace(use.stream.text(), static_cast<std::uint32_t>(streams_.size()));
            if (fresh) {
                const auto partition =
                    partition_of(use.stream.partition_key(), partitions_).value();
                const auto head = heads_[static_cast<std::size_t>(partition)];
                streams_.push_back({use.stream.text(), partition, use.expected.value(),
                                    use.expected.value(),
                                    use.seen_at && use.seen_at->value() == head});
            }
            stream_of_use_.push_back(found->second);
            auto& stream = streams_[found->second];
            auto& partition = touched_[static_cast<std::size_t>(stream.partition)];
            partition.used = true;
            partition.written |= !use.events.empty();
            possible_ &= stream.version == use.expected.value();
            stream.version += static_cast<std::int64_t>(use.events.size());
            events_ += use.events.size();
            for (const auto& event : use.events) {
                possible_ &= event.data.size() + event.meta.size() <= event_bytes_max;
                data_bytes_ += event.data.size();
                meta_bytes_ += event.meta.size();
            }
        }
    }
}

pq::Params CleanAppend::params() {
    pq::Params params;
    put_partitions(params);
    put_streams(params);
    put_ids_to_look_for(params);
    put_receipts(params);
    put_events(params);
    return params;
}

void CleanAppend::put_ids_to_look_for(pq::Params& params) {
    Array id(oid::uuid_array, oid::uuid, commands_.size(), sizeof(Uuid));
    for (const auto& command : commands_) {
        if (expected_.duplicates || !command.leaves_receipt) id.uuid(command.id.value());
    }
    params.array(std::move(id));
}

void CleanAppend::put_partitions(pq::Params& params) {
    Array number(oid::int4_array, oid::int4), writes(oid::boolean_array, oid::boolean),
        head(oid::int8_array, oid::int8), look(oid::boolean_array, oid::boolean);
    std::int32_t index = 0;
    for (std::int32_t partition = 0; partition < partitions_; ++partition) {
        auto& one = touched_[static_cast<std::size_t>(partition)];
        if (!one.used) continue;
        one.index = ++index;
        const auto known = heads_[static_cast<std::size_t>(partition)];
        number.int4(partition);
        writes.boolean(one.written);
        head.int8(known);
        look.boolean(expected_.others || known == unknown || !one.written);
    }
    params.array(std::move(number)).array(std::move(writes));
    params.array(std::move(head)).array(std::move(look));
}

void CleanAppend::put_streams(pq::Params& params) {
    const auto count = streams_.size();
    Array p(oid::int4_array, oid::int4, count),
        name(oid::text_array, oid::text, count, stream_bytes),
        expected(oid::int8_array, oid::int8, count), seen(oid::boolean_array, oid::boolean, count);
    for (const auto& stream : streams_) {
        p.int4(touched_[static_cast<std::size_t>(stream.partition)].index);
        name.bytes(stream.name);
        expected.int8(stream.expected);
        seen.boolean(stream.seen);
    }
    params.array(std::move(p)).array(std::move(name));
    params.array(std::move(expected)).array(std::move(seen));
}

void CleanAppend::put_receipts(pq::Params& params) {
    const auto count = commands_.size();
    Array id(oid::uuid_array, oid::uuid, count, sizeof(Uuid)),
        fingerprint(oid::bytea_array, oid::bytea, count, sizeof(Fingerprint)),
        verdict(oid::int2_array, oid::int2, count), partition(oid::int4_array, oid::int4, count),
        stream(oid::text_array, oid::text, count, stream_bytes),
        first_version(oid::int8_array, oid::int8, count), number(oid::int4_array, oid::int4, count);
    for (const auto* command : by_id_) {
        if (!command->leaves_receipt) continue;
        const auto receipt = receipt_of(*command);
        id.uuid(receipt.id.value());
        fingerprint.bytes({reinterpret_cast<const char*>(receipt.fingerprint.data()),
                           receipt.fingerprint.size()});
        verdict.int2(static_cast<std::int16_t>(receipt.verdict));
        partition.int4(command->uses.empty()
                           ? -1
                           : partition_of(receipt.stream.partition_key(), partitions_).value());
        stream.bytes(receipt.stream.text());
        first_version.int8(receipt.first_version.value());
        number.int4(receipt.count);
    }
    params.array(std::move(id)).array(std::move(fingerprint)).array(std::move(verdict));
    params.array(std::move(partition)).array(std::move(stream));
    params.array(std::move(first_version)).array(std::move(number));
}

std::vector<CleanAppend::Write> CleanAppend::writes_by_partition() const {
    std::vector<Write> writes;
    writes.reserve(commands_.size());
    std::size_t use_index = 0;
    for (const auto& command : commands_) {
        std::int32_t events_before = 0;
        for (const auto& use : command.uses) {
            const auto partition = streams_[stream_of_use_[use_index++]].partition;
            if (!use.events.empty())
                writes.push_back({&command.id, &use, partition, events_before});
            events_before += static_cast<std::int32_t>(use.events.size());
        }
    }
    std::ranges::stable_sort(writes, std::less{}, &Write::partition);
    return writes;
}

void CleanAppend::put_events(pq::Params& params) {
    Array p(oid::int4_array, oid::int4, events_), rank(oid::int8_array, oid::int8, events_),
        stream(oid::text_array, oid::text, events_, stream_bytes),
        version(oid::int8_array, oid::int8, events_),
        command_id(oid::uuid_array, oid::uuid, events_, sizeof(Uuid)),
        seq(oid::int4_array, oid::int4, events_),
        type(oid::text_array, oid::text, events_, type_bytes),
        schema_version(oid::int4_array, oid::int4, events_),
        meta(oid::bytea_array, oid::bytea, events_, average(meta_bytes_, events_)),
        data(oid::bytea_array, oid::bytea, events_, average(data_bytes_, events_));
    // Partition by partition: neighbours in the index of positions are written one after the other.
    for (const auto& written : writes_by_partition()) {
        const auto& use = *written.use;
        auto& partition = touched_[static_cast<std::size_t>(written.partition)];
        auto at = use.expected.value();
        auto in_command = written.events_before;
        for (const auto& event : use.events) {
            p.int4(partition.index);
            rank.int8(++partition.events);
            stream.bytes(use.stream.text());
            version.int8(++at);
            command_id.uuid(written.command->value());
            seq.int4(++in_command);
            type.bytes(event.type);
            schema_version.int4(event.schema_version);
            meta.bytes(event.meta);
            data.bytes(event.data);
        }
    }
    params.array(std::move(p)).array(std::move(rank)).array(std::move(stream));
    params.array(std::move(version)).array(std::move(command_id)).array(std::move(seq));
    params.array(std::move(type)).array(std::move(schema_version));
    params.array(std::move(meta)).array(std::move(data));
}

bool CleanAppend::others_wrote(std::span<const std::int64_t> heads_before) const {
    for (std::size_t number = 0; number < touched_.size(); ++number) {
        const auto& one = touched_[number];
        if (one.used && heads_[number] != unknown &&
            heads_[number] != heads_before[static_cast<std::size_t>(one.index - 1)])
            return true;
    }
    return false;
}

AppendResult CleanAppend::result(std::span<const std::int64_t> heads_before,
                                 RecordedAt recorded_at) const {
    AppendResult result;
    result.outcomes.reserve(commands_.size());
    for (const auto& command : commands_)
        result.outcomes.push_back({OutcomeKind::accepted, receipt_of(command), {}});
    AppendPart part{.commands = commands_.size(), .recorded_at = recorded_at};
    for (std::int32_t number = 0; number < partitions_; ++number) {
        const auto& one = touched_[static_cast<std::size_t>(number)];
        if (!one.used) continue;
        const Position before(heads_before[static_cast<std::size_t>(one.index - 1)]);
        part.heads.emplace_back(Partition(number), before + one.events);
        part.heads_before.push_back(before);
    }
    result.heads = part.heads;
    result.parts.push_back(std::move(part));
    return result;
}

}  // namespace skald::eventstore
