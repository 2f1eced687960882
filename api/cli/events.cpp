// `skald events read`, `skald events tail` and `skald streams show`: the log as it is.
#include <iostream>
#include <memory>

#include "api/cli/commands.h"
#include "api/cli/event_reading.h"
#include "api/cli/event_view.h"
#include "api/events/event_json.h"
#include "api/serve/connections.h"
#include "eventstore/postgres/pg_log.h"

namespace skald::cli {
namespace {

struct Options {
    EventQuery query;
    std::vector<std::string> types;
    std::string stream;
    CLI::Option* after = nullptr;
};

std::unique_ptr<eventstore::PgLog> open_log(const Invocation& invocation) {
    const auto loaded = invocation.settings({"pg"});
    const auto settings = serve::reader_settings(loaded.config, "cli");
    serve::require_store(settings);
    return std::make_unique<eventstore::PgLog>(settings);
}

TakeEvent print_up_to(std::int64_t limit, EventPrinter& printer) {
    return [limit, &printer](const eventstore::StoredEvent& event) {
        printer.print(event);
        return limit == 0 || printer.printed() < limit;
    };
}

int read(Invocation& invocation, const Options& options) {
    const auto log = open_log(invocation);
    EventPrinter printer(std::cout, invocation.json);
    read_events(*log, options.query, print_up_to(options.query.limit, printer));
    return exit_ok;
}

int tail(Invocation& invocation, const Options& options) {
    const auto log = open_log(invocation);
    EventPrinter printer(std::cout, invocation.json);
    const auto print = print_up_to(options.query.limit, printer);
    tail_events(*log, options.query, options.after->count() > 0, [&](const auto& event) {
        const bool go_on = print(event);
        return go_on && static_cast<bool>(std::cout.flush());
    });
    return exit_ok;
}

int show_stream(Invocation& invocation, const Options& options) {
    const auto name = eventstore::StreamName::parse(options.stream);
    if (!name) throw Misused("the name \"" + options.stream + "\" " + name.error() + ".");
    const auto log = open_log(invocation);
    if (invocation.json) {
        nlohmann::ordered_json shown{{"stream", name->text()}};
        auto events = nlohmann::ordered_json::array();
        read_stream(*log, *name, [&](const auto& event) {
            shown["partition"] = event.partition.value();
            shown["version"] = event.version.value();
            events.push_back(events::event_as_json(event));
            return true;
        });
        if (events.empty()) throw Failed("there is no stream " + name->text() + ".");
        shown["events"] = std::move(events);
        std::cout << shown.dump(2) << '\n';
        return exit_ok;
    }
    EventPrinter printer(std::cout, false);
    read_stream(*log, *name, print_up_to(0, printer));
    if (printer.printed() == 0) throw Failed("there is no stream " + name->text() + ".");
    return exit_ok;
}

void add_filters(CLI::App& command, const std::shared_ptr<Options>& options) {
    auto& query = options->query;
    command.add_option("--partition", query.partition, "Only of this partition")
        ->check(CLI::NonNegativeNumber);
    options->after =
        command.add_option("--after", query.after, "Only behind this position (in each partition)")
            ->check(CLI::NonNegativeNumber);
    command
        .add_option_function<std::vector<std::string>>(
            "--type",
            [options](const std::vector<std::string>& types) {
                options->query.types.insert(types.begin(), types.end());
            },
            "Only of this type, such as order.placed; may be repeated")
        ->allow_extra_args(false);
    command.add_option("--stream", query.stream, "Only of this stream, such as stock-SKU1");
    command.add_option("--limit", query.limit, "End after so many events")
        ->check(CLI::PositiveNumber);
}

}  // namespace

void add_events(CLI::App& app, Invocation& invocation) {
    auto& events = add_command(app, "events", "Read the log's events, Protobuf shown as JSON",
                               "skald events read --type order.placed --limit 10 --json");
    events.require_subcommand(1);
    const auto reading = std::make_shared<Options>();
    auto& read_command = add_command(events, "read", "Print events, partition by partition",
                                     "skald events read --stream stock-SKU1 --json");
    add_filters(read_command, reading);
    reads_as_json(read_command, invocation);
    runs(read_command, invocation, [reading](Invocation& run) { return read(run, *reading); });

    const auto tailing = std::make_shared<Options>();
    auto& tail_command = add_command(events, "tail", "Print events as they come, until Ctrl-C",
                                     "skald events tail --type order.placed");
    add_filters(tail_command, tailing);
    reads_as_json(tail_command, invocation);
    runs(tail_command, invocation, [tailing](Invocation& run) { return tail(run, *tailing); });
}

void add_streams(CLI::App& app, Invocation& invocation) {
    auto& streams =
        add_command(app, "streams", "Look at a stream", "skald streams show order-7f3a");
    streams.require_subcommand(1);
    const auto options = std::make_shared<Options>();
    auto& show = add_command(streams, "show", "Print all events of a stream",
                             "skald streams show stock-SKU1 --json");
    show.add_option("name", options->stream, "The stream, category-id")->required();
    reads_as_json(show, invocation);
    runs(show, invocation, [options](Invocation& run) { return show_stream(run, *options); });
}

}  // namespace skald::cli
