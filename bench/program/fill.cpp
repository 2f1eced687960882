#include "bench/program/fill.h"

#include "bench/program/shop.h"
#include "bench/program/sql.h"

namespace skald::bench {
namespace {

constexpr std::int64_t streams_at_once = 2'000;
constexpr std::int64_t stride = 7'919;  // a prime: streams one after another lie far apart

eventstore::CommandId id_of(std::int64_t stream, std::int64_t version) {
    if (version % 2 == 0) return eventstore::fresh_command_id();
    return eventstore::derived_command_id(
        {"fill", std::to_string(stream), std::to_string(version)});
}

}  // namespace

Fill::Fill(pq::Connection& owner, int products) : owner_(owner), products_(products) {
    const auto rows = owner_.query(sql::an_event, pq::Params().text(receipt_type));
    schema_version_ = rows.int4(0, 0);
    meta_ = rows.bytea(0, 1);
    data_ = rows.bytea(0, 2);
}

std::int64_t Fill::add(eventstore::Heads& heads) {
    std::vector<eventstore::Uuid> ids;
    std::vector<std::int32_t> partitions;
    std::vector<std::int64_t> positions;
    std::vector<std::string> streams;
    std::vector<std::int64_t> versions;
    for (const auto end = next_stream_ + streams_at_once; next_stream_ < end; ++next_stream_) {
        const auto product = static_cast<int>(next_stream_ * stride % products_);
        const auto stream = eventstore::StreamName::of(
            "stock", sku_of(product).value() + "F" + std::to_string(next_stream_ / products_));
        const auto partition = eventstore::partition_of(stream.partition_key(),
                                                        static_cast<std::int32_t>(heads.size()));
        auto& head = heads.at(static_cast<std::size_t>(partition.value()));
        for (std::int64_t version = 1; version <= events_of_stream; ++version) {
            ids.push_back(id_of(next_stream_, version).value());
            partitions.push_back(partition.value());
            positions.push_back((++head).value());
            streams.push_back(stream.text());
            versions.push_back(version);
        }
    }
    owner_.prepared(sql::fill, pq::Params()
                                   .uuid_array(ids)
                                   .int4_array(partitions)
                                   .int8_array(positions)
                                   .text_array(streams)
                                   .int8_array(versions)
                                   .text(receipt_type)
                                   .int4(schema_version_)
                                   .bytea(meta_)
                                   .bytea(data_));
    return static_cast<std::int64_t>(ids.size());
}

}  // namespace skald::bench
