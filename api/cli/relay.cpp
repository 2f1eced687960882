// `skald relay status`: how far the log has been published, and by whom.
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "api/cli/commands.h"
#include "api/cli/table.h"
#include "api/json/time.h"
#include "api/serve/connections.h"
#include "eventstore/postgres/pg_leases.h"
#include "eventstore/postgres/pg_log.h"
#include "eventstore/postgres/pg_relay_progress.h"

namespace skald::cli {
namespace {

using nlohmann::ordered_json;

struct PartitionState {
    std::int64_t head = 0;
    std::int64_t published = 0;  // as noted; Kafka may have a little more
    std::string noted_at;        // empty: never
    std::string owner;           // empty: nobody holds the lease
};

std::vector<PartitionState> states_of(const pq::Settings& settings) {
    pq::Session session(settings);
    std::vector<PartitionState> states;
    for (const auto head : eventstore::PgLog(settings).heads()) {
        states.push_back({.head = head.value()});
    }
    const auto at = [&](eventstore::Partition partition) -> PartitionState& {
        return states.at(static_cast<std::size_t>(partition.value()));
    };
    for (const auto& note : eventstore::read_relay_progress(session.get())) {
        at(note.partition).published = note.at.position.value();
        at(note.partition).noted_at = json::format_time_us(note.noted_at.value());
    }
    for (const auto& lease : eventstore::read_leases(session.get())) {
        if (lease.name == "relay") at(lease.partition).owner = lease.owner;
    }
    return states;
}

ordered_json or_null(const std::string& text) {
    return text.empty() ? ordered_json() : ordered_json(text);
}

int show_status(Invocation& invocation) {
    const auto settings = serve::reader_settings(invocation.settings({"pg"}).config, "cli");
    serve::require_store(settings);
    const auto states = states_of(settings);
    std::int64_t lag = 0;
    for (const auto& state : states) lag += std::max<std::int64_t>(state.head - state.published, 0);
    if (invocation.json) {
        auto partitions = ordered_json::array();
        for (std::size_t p = 0; p < states.size(); ++p) {
            partitions.push_back({{"partition", p},
                                  {"head", states[p].head},
                                  {"published", states[p].published},
                                  {"noted_at", or_null(states[p].noted_at)},
                                  {"owner", or_null(states[p].owner)}});
        }
        std::cout << ordered_json{{"lag", lag}, {"partitions", std::move(partitions)}}.dump(2)
                  << '\n';
        return exit_ok;
    }
    Table table({{"PARTITION", Align::right},
                 {"HEAD", Align::right},
                 {"PUBLISHED", Align::right},
                 {"NOTED"},
                 {"OWNER"}});
    for (std::size_t p = 0; p < states.size(); ++p) {
        table.add({std::to_string(p), std::to_string(states[p].head),
                   std::to_string(states[p].published),
                   states[p].noted_at.empty() ? "-" : states[p].noted_at,
                   states[p].owner.empty() ? "-" : states[p].owner});
    }
    table.print(std::cout);
    std::cout << "lag: " << lag << " events\n";
    return exit_ok;
}

}  // namespace

void add_relay(CLI::App& app, Invocation& invocation) {
    auto& relay =
        add_command(app, "relay", "Look at the publishing to Kafka", "skald relay status");
    relay.require_subcommand(1);
    auto& status = add_command(relay, "status", "Show how far the log has been published",
                               "skald relay status --json");
    reads_as_json(status, invocation);
    runs(status, invocation, show_status);
}

}  // namespace skald::cli
