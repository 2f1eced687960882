// `skald sagas plan` and `apply`: what a repair would do, and doing exactly that.
#include <pwd.h>
#include <unistd.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "api/cli/sagas.h"
#include "api/cli/table.h"
#include "api/json/traits.h"
#include "api/json/write.h"
#include "api/saga_views/views.h"
#include "api/serve/connections.h"
#include "domain/kernel/enum_name.h"
#include "eventstore/postgres/pg_log.h"
#include "sagas/engine/step.h"
#include "sagas/known/known.h"

namespace skald::cli {
namespace {

using nlohmann::ordered_json;
using sagas::RepairAction;

struct RepairOptions {
    std::string action;
    std::vector<std::string> streams;
    SagaFilterOptions filter;
    std::string reason, reference, actor, plan;
    bool yes = false;
    bool dry_run = false;
};

// The log and the desk, for one command.
struct Work {
    explicit Work(const pq::Settings& to) : settings(to), session(to), log(to) {}

    kernel::Timestamp now() { return sagas::database_time(session.get()); }
    sagas::Plan plan(sagas::Repair repair, const saga_views::Selection& selection) {
        return desk.plan(log, std::move(repair), saga_views::streams_of(session.get(), selection),
                         now());
    }

    pq::Settings settings;
    pq::Session session;
    eventstore::PgLog log;
    sagas::Desk desk{sagas::known_sagas()};
};

RepairAction action_of(const std::string& text) {
    RepairAction action{};
    if (boost::describe::enum_from_string(text.c_str(), action)) return action;
    std::string names;
    for (const auto& name : json::choices_of<RepairAction>())
        names += (names.empty() ? "" : ", ") + name;
    throw Misused("action: \"" + text + "\" is none; there are " + names + ".");
}

std::string system_user() {
    const auto* entry = getpwuid(geteuid());
    return entry != nullptr ? entry->pw_name : "uid " + std::to_string(geteuid());
}

sagas::Repair repair_of(const RepairOptions& options) {
    sagas::Repair repair{action_of(options.action),
                         options.actor.empty() ? system_user() : options.actor, options.reason,
                         options.reference};
    auto faults = sagas::faults_of(repair);
    for (auto& fault : faults) fault.pointer.insert(0, "--");
    require_none(faults);
    return repair;
}

saga_views::Selection selection_of(const RepairOptions& options) {
    saga_views::Selection selection{options.streams, filter_of(options.filter)};
    require_none(saga_views::faults_of(selection));
    return selection;
}

pq::Settings connect(const Invocation& invocation, bool writes) {
    const auto loaded = invocation.settings({"pg"});
    auto settings = writes ? serve::writer_settings(loaded.config, "cli sagas")
                           : serve::reader_settings(loaded.config, "cli sagas");
    serve::require_store(settings);
    return settings;
}

template <class View>
void print_json(const View& view) {
    std::cout << ordered_json::parse(json::to_text(view)).dump(2) << '\n';
}

int show_plan(const Invocation& invocation, const sagas::Plan& plan) {
    const auto view = saga_views::view_of(plan);
    if (invocation.json) {
        print_json(view);
        return exit_ok;
    }
    Table table({{"SAGA"}, {"VERSION", Align::right}, {"PHASE"}, {"STEP"}, {"CODE"}, {"THEN"}});
    for (const auto& one : view.sagas) {
        table.add({one.stream, std::to_string(one.version), one.phase.value_or("-"),
                   one.step.value_or("-"), one.code.empty() ? "-" : one.code, one.what});
    }
    if (view.sagas.empty()) {
        std::cout << "No saga fits.\n";
        return exit_ok;
    }
    table.print(std::cout);
    std::cout << view.possible << " of " << view.sagas.size() << " can be repaired.\n";
    if (view.sagas.size() == sagas::plan_sagas_max)
        std::cout << "A plan has at most so many: there may be more.\n";
    if (view.possible > 0)
        std::cout << "Nothing was changed. Apply it: the same arguments with `skald sagas apply` "
                     "and --plan "
                  << view.plan << '\n';
    return exit_ok;
}

int plan_repair(Invocation& invocation, const RepairOptions& options) {
    auto repair = repair_of(options);
    const auto selection = selection_of(options);
    Work work(connect(invocation, false));
    return show_plan(invocation, work.plan(std::move(repair), selection));
}

int show_applied(const Invocation& invocation, const std::string& hash,
                 const std::vector<sagas::Applied>& applied) {
    const auto view = saga_views::view_of(hash, applied);
    if (invocation.json) {
        print_json(view);
    } else {
        Table table({{"SAGA"}, {"OUTCOME"}, {"VERSION", Align::right}, {"CODE"}, {"DETAIL"}});
        for (const auto& one : view.sagas) {
            table.add({one.stream, one.outcome, one.version > 0 ? std::to_string(one.version) : "-",
                       one.code.empty() ? "-" : one.code, one.detail});
        }
        table.print(std::cout);
        std::cout << view.repaired << " repaired, " << view.repeated
                  << " repaired before by this plan, " << view.refused << " refused, "
                  << view.unknown << " unknown\n";
    }
    return view.refused + view.unknown == 0 ? exit_ok : exit_failed;
}

std::string question_of(const sagas::Plan& plan) {
    const auto count =
        std::to_string(plan.possible()) + (plan.possible() == 1 ? " saga" : " sagas");
    switch (plan.repair.action) {
        case RepairAction::undo:
            return "This undoes " + count + ".";
        case RepairAction::skip:
            return "This goes on with " + count + " as if the step were not needed.";
        case RepairAction::abandon:
            return "This gives " + count + " up: what they hold stays held.";
        default:
            return {};
    }
}

int apply_repair(Invocation& invocation, const RepairOptions& options) {
    auto repair = repair_of(options);
    const auto selection = selection_of(options);
    if (!options.dry_run && options.plan.empty())
        throw Misused("--plan is required: the hash that `skald sagas plan` printed.");
    Work work(connect(invocation, !options.dry_run));
    const auto plan = work.plan(std::move(repair), selection);
    if (options.dry_run) return show_plan(invocation, plan);
    if (plan.hash != options.plan) {
        const auto stale =
            saga_views::stale_of(work.session.get(), work.log, selection, plan, options.plan);
        if (stale.done) return show_applied(invocation, options.plan, stale.before);
        throw Failed(sagas::stale(options.plan, stale.before.size()));
    }
    if (const auto question = question_of(plan); !question.empty() && plan.possible() > 0)
        confirm(question, options.yes);
    eventstore::Executor executor(
        [&work] { return std::make_unique<eventstore::PgLog>(work.settings); }, work.desk.folds(),
        {});
    const auto applied = work.desk.apply(plan, {.executor = executor,
                                                .now = [&work] { return work.now(); },
                                                .progress =
                                                    [](std::size_t done, std::size_t of) {
                                                        if (of > done || of > 64)
                                                            std::cerr << done << " of " << of
                                                                      << " sagas\n";
                                                    }});
    return show_applied(invocation, plan.hash, applied);
}

void add_arguments(CLI::App& command, RepairOptions& options) {
    command
        .add_option("action", options.action,
                    "retry, record_done, record_refused, skip, undo or abandon")
        ->required();
    command.add_option("streams", options.streams, "The sagas' streams; or a filter");
    add_saga_filter(command, options.filter);
    command.add_option("--reason", options.reason, "Why, for whoever reads the history")
        ->required();
    command.add_option("--reference", options.reference,
                       "Of record_done: what the outside world calls it");
}

}  // namespace

void add_saga_repairs(CLI::App& sagas, Invocation& invocation) {
    const auto options = std::make_shared<RepairOptions>();
    const auto bound = [options](int (*action)(Invocation&, const RepairOptions&)) {
        return [options, action](Invocation& run) { return action(run, *options); };
    };

    auto& plan_command =
        add_command(sagas, "plan", "Say what a repair would do to each saga, and change nothing",
                    "skald sagas plan retry --saga checkout --step capture --reason \"bank is "
                    "back\"");
    add_arguments(plan_command, *options);
    reads_as_json(plan_command, invocation);
    runs(plan_command, invocation, bound(plan_repair));

    auto& apply_command =
        add_command(sagas, "apply", "Do what was planned, if nothing has moved since",
                    "skald sagas apply retry checkout-7f3a --reason \"bank is back\" --plan HASH");
    add_arguments(apply_command, *options);
    apply_command.add_option("--plan", options->plan, "The hash that the plan printed");
    apply_command.add_option("--actor", options->actor,
                             "Who does it; otherwise the system's name of the user");
    has_yes(apply_command, options->yes);
    has_dry_run(apply_command, options->dry_run);
    reads_as_json(apply_command, invocation);
    runs(apply_command, invocation, bound(apply_repair));
}

}  // namespace skald::cli
