// `skald sagas list` and `show`: which sagas wait for an operator, what happened to one, and what
// can be done about it.
#include "api/cli/sagas.h"

#include <charconv>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "api/cli/commands.h"
#include "api/cli/duration.h"
#include "api/cli/table.h"
#include "api/json/time.h"
#include "api/json/write.h"
#include "api/saga_views/views.h"
#include "api/serve/connections.h"
#include "eventstore/postgres/pg_log.h"
#include "sagas/engine/step.h"
#include "sagas/known/known.h"

namespace skald::cli {
namespace {

using nlohmann::ordered_json;
using saga_views::SagaRow;

constexpr std::int64_t list_max = 1000;

struct SagaOptions {
    SagaFilterOptions filter;
    std::int64_t limit = 50;
    std::string cursor;
    std::string stream;
};

std::string or_dash(const std::optional<std::string>& text) { return text.value_or("-"); }

std::string step_of(const std::optional<std::string>& step, bool undo) {
    return (undo ? "undoing of " : "") + or_dash(step);
}

// A cursor is the last row's sort keys; the last of them may hold anything.
projections::KeyValues keys_of(const std::string& cursor) {
    const auto first = cursor.find(',');
    const auto second = first == cursor.npos ? cursor.npos : cursor.find(',', first + 1);
    if (second == cursor.npos) throw Misused("--cursor: is not one that this list printed.");
    return {cursor.substr(0, first), cursor.substr(first + 1, second - first - 1),
            cursor.substr(second + 1)};
}

std::string cursor_of(const projections::KeyValues& keys) {
    return keys.at(0) + "," + keys.at(1) + "," + keys.at(2);
}

std::string summary_of(const std::vector<saga_views::SagaCount>& counts) {
    std::string text, saga;
    for (const auto& count : counts) {
        if (count.saga != saga) text += (saga.empty() ? "" : "; ") + count.saga + ": ";
        if (count.saga == saga) text += ", ";
        saga = count.saga;
        text += std::to_string(count.sagas) + " " + count.phase;
    }
    return text.empty() ? "No saga is under way." : "Not ended: " + text + ".";
}

template <class View>
ordered_json saga_json(const View& view) {
    return ordered_json::parse(json::to_text(view));
}

int list_sagas(Invocation& invocation, const SagaOptions& options) {
    const auto filter = filter_of(options.filter);
    projections::KeysetPage page{.limit = static_cast<std::int32_t>(options.limit), .after = {}};
    if (!options.cursor.empty()) page.after = keys_of(options.cursor);
    const auto settings = serve::reader_settings(invocation.settings({"pg"}).config, "cli");
    serve::require_store(settings);
    pq::Session session(settings);
    projections::Page<SagaRow> read;
    try {
        read = saga_views::list_sagas(session.get(), filter, page);
    } catch (const std::invalid_argument&) {
        throw Misused("--cursor: is not one that this list printed.");
    }
    const auto counts = saga_views::count_sagas(session.get());
    const auto next = read.has_next ? cursor_of(read.last) : "";
    if (invocation.json) {
        auto shown = ordered_json{{"data", ordered_json::array()}};
        for (const auto& row : read.rows) shown["data"].push_back(saga_json(row));
        shown["next"] = read.has_next ? ordered_json(next) : ordered_json();
        shown["counts"] = saga_json(counts);
        std::cout << shown.dump(2) << '\n';
        return exit_ok;
    }
    const auto now = sagas::database_time(session.get());
    Table table({{"SAGA"},
                 {"SUBJECT"},
                 {"PHASE"},
                 {"STEP"},
                 {"CODE"},
                 {"SINCE"},
                 {"AGE", Align::right},
                 {"DUE"}});
    for (const auto& row : read.rows) {
        const auto age = now.value() - json::parse_time_us(row.since).value_or(now.value());
        table.add({row.saga, row.subject, row.phase, step_of(row.step, row.undo),
                   row.code.empty() ? "-" : row.code, row.since,
                   show_duration(std::chrono::seconds(age / 1'000'000)), or_dash(row.due_at)});
    }
    table.print(std::cout);
    std::cout << summary_of(counts) << '\n';
    if (read.has_next) std::cout << "More: --cursor " << next << '\n';
    return exit_ok;
}

void print_lines(const std::string& title, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    std::cout << '\n' << title << '\n';
    for (const auto& line : lines) std::cout << "  " << printable(line) << '\n';
}

void print_saga(const saga_views::SagaView& view) {
    std::cout << view.stream << " (version " << view.definition << " of " << view.saga << ") is "
              << view.phase;
    if (view.step) std::cout << " at " << step_of(view.step, view.undo);
    if (!view.code.empty()) std::cout << ": " << printable(view.code);
    std::cout << "\nstarted " << view.started_at << ", last moved " << view.since << ", deadline "
              << view.deadline << '\n';
    if (view.step_deadline) {
        std::cout << "the step's deadline " << *view.step_deadline << ", next due "
                  << or_dash(view.due_at) << '\n';
    }
    std::cout << '\n';
    Table steps({{"STEP"},
                 {"STATUS"},
                 {"COMMANDS"},
                 {"ATTEMPTS", Align::right},
                 {"UNDOING", Align::right},
                 {"CODE"},
                 {"REFERENCE"}});
    for (const auto& step : view.steps) {
        std::string commands;
        for (const auto& one : step.commands) commands += (commands.empty() ? "" : ", ") + one;
        steps.add({step.name, step.status + (step.uncertain ? ", uncertain" : ""),
                   commands.empty() ? "-" : commands, std::to_string(step.attempts),
                   std::to_string(step.undo_attempts), step.code.empty() ? "-" : step.code,
                   step.reference.empty() ? "-" : step.reference});
    }
    steps.print(std::cout);
    print_lines("It holds or promised:", view.holds);
    print_lines("It wants done now:", view.wants);
    std::vector<std::string> repairs;
    for (const auto& repair : view.repairs)
        if (!repair.refused) repairs.push_back(repair.action + ": " + repair.what);
    print_lines("Repairs (skald sagas plan ACTION " + view.stream + " --reason TEXT):", repairs);
    std::cout << "\nHistory:\n";
    Table timeline({{"VERSION", Align::right}, {"AT"}, {"WHAT"}});
    for (const auto& moment : view.timeline)
        timeline.add({std::to_string(moment.version), moment.at, moment.what});
    timeline.print(std::cout);
}

int show_saga(Invocation& invocation, const SagaOptions& options) {
    const auto stream = eventstore::StreamName::parse(options.stream);
    if (!stream) throw Misused("stream: \"" + options.stream + "\" " + stream.error() + ".");
    const auto settings = serve::reader_settings(invocation.settings({"pg"}).config, "cli");
    serve::require_store(settings);
    pq::Session session(settings);
    eventstore::PgLog log(settings);
    const sagas::Desk desk(sagas::known_sagas());
    const auto sight = desk.look(log, *stream);
    if (!sight) throw Failed(sight.error().detail);
    const auto view = saga_views::view_of(*sight, sagas::database_time(session.get()));
    if (invocation.json) {
        std::cout << saga_json(view).dump(2) << '\n';
    } else {
        print_saga(view);
    }
    return exit_ok;
}

}  // namespace

void add_saga_filter(CLI::App& command, SagaFilterOptions& options) {
    command.add_option("--saga", options.saga, "Only of this name, such as checkout");
    command.add_option("--phase", options.phase,
                       "Only in this phase: forward, undoing, stuck, completed, undone, abandoned");
    command.add_option("--step", options.step, "Only at this step");
    command.add_option("--code", options.code, "Only those undone or stuck for this reason");
    command.add_option("--older-than", options.older_than,
                       "Only those that have not moved for so long: 90s, 15m, 2h, 3d");
}

saga_views::SagaFilter filter_of(const SagaFilterOptions& options) {
    const auto given = [](const std::string& text) {
        return text.empty() ? std::nullopt : std::optional(text);
    };
    saga_views::SagaFilter filter{.saga = given(options.saga),
                                  .phase = given(options.phase),
                                  .step = given(options.step),
                                  .code = given(options.code),
                                  .older_than = {}};
    require_none(saga_views::faults_of(filter));
    if (options.older_than.empty()) return filter;
    filter.older_than = parse_duration(options.older_than);
    if (!filter.older_than)
        throw Misused("--older-than: \"" + options.older_than +
                      "\" is no duration. Write a whole number and s, m, h or d, such as 15m.");
    return filter;
}

void require_none(const std::vector<eventstore::Refusal>& faults) {
    if (faults.empty()) return;
    std::string text;
    for (const auto& fault : faults)
        text += (text.empty() ? "" : "; ") + fault.pointer + " " + fault.detail;
    throw Misused(text + ".");
}

void add_sagas(CLI::App& app, Invocation& invocation) {
    auto& group = add_command(app, "sagas", "Look at the sagas and repair those that are stuck",
                              "skald sagas list --phase stuck");
    group.require_subcommand(1);
    const auto options = std::make_shared<SagaOptions>();
    const auto bound = [options](int (*action)(Invocation&, const SagaOptions&)) {
        return [options, action](Invocation& run) { return action(run, *options); };
    };

    auto& list_command = add_command(group, "list", "List sagas, stuck ones first, then by age",
                                     "skald sagas list --saga checkout --older-than 15m");
    add_saga_filter(list_command, options->filter);
    list_command.add_option("--limit", options->limit, "How many at most, up to 1000")
        ->check(CLI::Range(std::int64_t{1}, list_max))
        ->capture_default_str();
    list_command.add_option("--cursor", options->cursor, "Go on behind an earlier list");
    reads_as_json(list_command, invocation);
    runs(list_command, invocation, bound(list_sagas));

    auto& show_command =
        add_command(group, "show", "Show a saga: what happened, and which repairs are possible",
                    "skald sagas show checkout-7f3a");
    show_command.add_option("stream", options->stream, "The saga's stream, <saga>-<subject>")
        ->required();
    reads_as_json(show_command, invocation);
    runs(show_command, invocation, bound(show_saga));

    add_saga_repairs(group, invocation);
}

}  // namespace skald::cli
