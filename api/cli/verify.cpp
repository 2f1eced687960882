// `skald verify`: is the log dense, does Kafka hold the same, do the read models equal a fold of
// their own, and snapshots the events they stand for. Reads only; the shop may go on meanwhile,
// since all is compared up to positions that are fixed first.

#include "projections/verify/verify.h"

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "api/cli/commands.h"
#include "api/cli/table.h"
#include "api/serve/checks.h"
#include "api/serve/connections.h"
#include "eventstore/kafka/verify_topic.h"
#include "eventstore/postgres/check_density.h"
#include "eventstore/postgres/check_snapshots.h"
#include "eventstore/postgres/pg_log.h"
#include "projections/redis/keys.h"
#include "sagas/known/known.h"

namespace skald::cli {
namespace {

using nlohmann::ordered_json;

struct VerifyOptions {
    std::set<std::string> parts;  // empty: all
    std::int64_t patience_ms = 10'000;

    bool has(const std::string& part) const { return parts.empty() || parts.contains(part); }
};

// What one part of the verification found: counts in the order they are shown, and the first
// difference.
struct Finding {
    std::string part;
    std::vector<std::pair<std::string, std::int64_t>> counts;
    std::int64_t differences = 0;
    std::string first;
};

// Statements over the whole log take their time.
pq::Settings patient(pq::Settings settings) {
    settings.statement_timeout = std::chrono::hours(6);
    settings.answer_timeout = std::chrono::hours(6) + std::chrono::seconds(2);
    return settings;
}

Finding verify_log(pq::Connection& reader, const eventstore::Heads& upto) {
    const auto density = eventstore::check_density(reader, upto);
    return {"log",
            {{"events", density.events},
             {"streams", density.streams},
             {"missing_positions", density.missing_positions},
             {"missing_versions", density.missing_versions}},
            density.missing_positions + density.missing_versions,
            density.first};
}

Finding verify_topic(const config::Config& config, const VerifyOptions& options,
                     eventstore::Log& log, const eventstore::Heads& upto) {
    eventstore::TopicToVerify what{.brokers = config.kafka, .topic = config.topic};
    what.patience = std::chrono::milliseconds(options.patience_ms);
    const auto found = eventstore::verify_topic(what, log, upto);
    return {"topic",
            {{"records", found.records},
             {"repeats", found.repeats},
             {"missing", found.missing},
             {"phantom", found.phantom},
             {"duplicate", found.duplicate},
             {"reordered", found.reordered}},
            found.missing + found.phantom + found.duplicate + found.reordered,
            found.first};
}

// A finding per table, and per mirror in Redis where there is one.
std::vector<Finding> verify_read_models(const config::Loaded& loaded, const pq::Settings& reader,
                                        const eventstore::StoreInfo& store) {
    projections::VerifyOptions what{.reader = reader};
    if (loaded.given("redis")) {
        what.redis = serve::redis_settings(loaded.config);
        what.redis_space = projections::redis::space_of(loaded.config.redis_prefix, store);
    }
    const auto report = projections::verify(what);
    std::vector<Finding> findings{
        {"read models", {{"events", report.events}, {"parked_keys", report.parked_keys}}, 0, ""}};
    for (const auto& check : report.checks) {
        findings.push_back({check.name,
                            {{"expected", check.expected},
                             {"found", check.found},
                             {"different", check.differences}},
                            check.differences,
                            check.first_difference});
    }
    return findings;
}

Finding verify_snapshots(pq::Connection& reader, eventstore::Log& log) {
    const auto found =
        eventstore::check_snapshots(reader, log, sagas::folds_with(sagas::known_sagas()));
    return {
        "snapshots",
        {{"snapshots", found.snapshots}, {"unused", found.unused}, {"different", found.different}},
        found.different,
        found.first};
}

ordered_json as_json(const std::vector<Finding>& findings, std::int64_t differences) {
    auto parts = ordered_json::array();
    for (const auto& finding : findings) {
        ordered_json part{{"part", finding.part}};
        for (const auto& [name, count] : finding.counts) part[name] = count;
        part["differences"] = finding.differences;
        part["first"] = finding.first.empty() ? ordered_json() : ordered_json(finding.first);
        parts.push_back(std::move(part));
    }
    return {{"same", differences == 0}, {"differences", differences}, {"parts", std::move(parts)}};
}

void print(const std::vector<Finding>& findings) {
    Table table({{"PART"}, {"DIFFERENCES", Align::right}, {"COUNTS"}});
    for (const auto& finding : findings) {
        std::string counts;
        for (const auto& [name, count] : finding.counts) {
            counts += (counts.empty() ? "" : ", ") + name + " " + std::to_string(count);
        }
        table.add({finding.part, std::to_string(finding.differences), counts});
    }
    table.print(std::cout);
    for (const auto& finding : findings) {
        if (finding.first.empty()) continue;
        std::cout << finding.part << ": first difference: " << printable(finding.first) << '\n';
    }
}

int verify(Invocation& invocation, const VerifyOptions& options) {
    std::vector<std::string> required{"pg"};
    if (options.has("topic")) required.emplace_back("kafka");
    const auto loaded = invocation.settings(required);
    const auto settings = patient(serve::reader_settings(loaded.config, "verify"));
    serve::require_store(settings);
    eventstore::PgLog log(settings);
    pq::Session session(settings);
    const auto upto = log.heads();

    std::vector<Finding> findings;
    if (options.has("log")) findings.push_back(verify_log(session.get(), upto));
    if (options.has("topic")) {
        findings.push_back(verify_topic(loaded.config, options, log, upto));
    }
    if (options.has("read-models")) {
        for (auto& finding : verify_read_models(loaded, settings, log.store())) {
            findings.push_back(std::move(finding));
        }
    }
    if (options.has("snapshots")) findings.push_back(verify_snapshots(session.get(), log));
    std::int64_t differences = 0;
    for (const auto& finding : findings) differences += finding.differences;
    if (invocation.json) {
        std::cout << as_json(findings, differences).dump(2) << '\n';
    } else {
        print(findings);
        std::cout << (differences == 0 ? "no differences"
                                       : std::to_string(differences) + " differences")
                  << '\n';
    }
    return differences == 0 ? exit_ok : exit_failed;
}

}  // namespace

void add_verify(CLI::App& app, Invocation& invocation) {
    auto& command =
        add_command(app, "verify", "Prove that the log, Kafka and the read models agree",
                    "skald verify --part log --part topic");
    const auto options = std::make_shared<VerifyOptions>();
    command
        .add_option_function<std::vector<std::string>>(
            "--part",
            [options](const std::vector<std::string>& parts) {
                options->parts.insert(parts.begin(), parts.end());
            },
            "Only this part: log, topic, read-models or snapshots; may be repeated")
        ->allow_extra_args(false)
        ->check(CLI::IsMember({"log", "topic", "read-models", "snapshots"}));
    command
        .add_option("--patience-ms", options->patience_ms,
                    "How long to wait for records that the relay may be about to publish")
        ->check(CLI::Range(0, 3'600'000));
    reads_as_json(command, invocation);
    runs(command, invocation, [options](Invocation& run) { return verify(run, *options); });
}

}  // namespace skald::cli
