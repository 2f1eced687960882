// How a driver tells sagas what events of the log, and the ends of their children, mean to them. On
// the caller's thread: it goes to the executor, and waits.
#include "diagnostics/logger.h"
#include "sagas/engine/driver.h"

namespace skald::sagas {

using eventstore::Answer;
using eventstore::AnswerKind;
using eventstore::StoredEvent;
using eventstore::StreamName;

void Driver::submit(eventstore::Command command, Answers& answers) {
    command.deadline = command_deadline();
    auto promise = std::make_shared<std::promise<Answer>>();
    answers.push_back(promise->get_future());
    executor_.submit(std::move(command),
                     [promise](Answer answer) { promise->set_value(std::move(answer)); });
}

// Refused: it comes too late for the saga, which is an answer too. What can never be told is for
// an operator to look at, and no reason to stand still.
void Driver::await(Answers answers) {
    bool all = true;
    for (auto& future : answers) {
        const auto answer = future.get();
        if (answer.kind == AnswerKind::corrupt || answer.kind == AnswerKind::invalid) {
            diagnostics::log_error("a saga cannot be told of an event",
                                   {{"saga", answer.stream.text()}, {"code", answer.refusal.code}});
            continue;
        }
        all = all && (answer.kind == AnswerKind::done || answer.kind == AnswerKind::refused);
    }
    if (!all) throw eventstore::Unavailable("a saga could not be told of an event");
}

// Sagas begin before they hear of anything: the executor keeps no order between commands.
Driver::Telling Driver::begin_to_tell(std::span<const StoredEvent> run) {
    Telling telling;
    for (const auto& event : run) {
        std::vector<Hearing> hearings;
        try {
            hearings = registry_.hearings(event);
        } catch (const std::exception& error) {
            diagnostics::log_error("no saga can make anything of an event",
                                   {{"stream", event.stream.text()}, {"error", error.what()}});
        }
        if (hearings.empty()) continue;
        const auto id = eventstore::to_text(event.id.value());
        const Tracing tracing{correlation_of(event), id};
        for (auto& hearing : hearings) {
            const bool is_start = std::holds_alternative<Start>(hearing.input);
            auto command = tell(registry_, saga_stream(hearing.saga, hearing.subject),
                                std::move(hearing.input), clock_->now(), "event " + id, tracing,
                                std::make_shared<Told>());
            if (is_start) {
                submit(std::move(command), telling.starts);
            } else {
                telling.others.push_back(std::move(command));
            }
        }
    }
    return telling;
}

void Driver::hear(Telling telling) {
    await(std::move(telling.starts));
    Answers answers;
    for (auto& command : telling.others) submit(std::move(command), answers);
    await(std::move(answers));
}

void Driver::tell_parents(std::span<const Row> rows) {
    Answers answers;
    for (const auto& row : rows) {
        if (!saga::ended(row.state.phase) || row.state.parent.empty()) continue;
        const auto parent = StreamName::parse(row.state.parent);
        if (!parent || !registry_.is_saga(parent->category())) continue;
        Signal signal{row.state.saga, {}};
        if (row.state.phase != saga::Phase::completed)
            signal.code = row.state.code.empty() ? "child_failed" : row.state.code;
        submit(tell(registry_, *parent, std::move(signal), clock_->now(),
                    "end of " + row.stream.text(), {}, std::make_shared<Told>()),
               answers);
    }
    await(std::move(answers));
}

}  // namespace skald::sagas
