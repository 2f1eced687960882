// What a driver does for its sagas: commands, calls and children, and what came of them. All on
// the driver's thread.
#include <algorithm>

#include "diagnostics/crash_point.h"
#include "diagnostics/logger.h"
#include "sagas/engine/driver.h"

namespace skald::sagas {
namespace {

using eventstore::Answer;
using eventstore::AnswerKind;
using eventstore::StreamName;

// A new one only where the one before was refused: what may have run is asked for by its own id.
eventstore::CommandId forward_id(const StreamName& stream, const saga::State& state,
                                 const std::string& step, std::int32_t item) {
    const auto tries = state.find(step)->tries.at(static_cast<std::size_t>(item));
    return eventstore::derived_command_id(
        {"saga step", stream.text(), step, std::to_string(item), std::to_string(tries)});
}

eventstore::CommandId undo_id(const StreamName& stream, const saga::State& state,
                              const std::string& step, std::int32_t item) {
    return eventstore::derived_command_id({"saga undo", stream.text(), step, std::to_string(item),
                                           std::to_string(state.find(step)->undo_round)});
}

// The same for all attempts of a series: one whose fate is unknown must never be repeated under
// another key.
std::string call_key(const StreamName& stream, const std::string& step, bool undo,
                     std::int32_t series) {
    const auto number = std::to_string(series);
    std::vector<std::string_view> parts{"saga call", stream.text(), step, undo ? "undo" : "do"};
    if (series > 0)
        parts.emplace_back(number);  // keys that were used before there were series stay
    return eventstore::to_text(eventstore::derived_command_id(parts).value());
}

}  // namespace

// Tells one try of an effect from the next one an operator asked for.
std::string Driver::key_of(const Effect& effect, const saga::State& state) {
    const auto& record = *state.find(effect.step);
    return std::to_string(static_cast<int>(effect.kind)) + "/" + effect.step + "/" +
           std::to_string(effect.undo) + "/" + std::to_string(effect.item) + "/" +
           std::to_string(record.round) + "." + std::to_string(record.undo_round);
}

void Driver::begin(Saga& saga, const Effect& effect, const std::string& key) {
    switch (effect.kind) {
        case EffectKind::send:
        case EffectKind::undo:
            return begin_send(saga, effect, key);
        case EffectKind::cancel:
            return begin_cancel(saga, effect, key);
        case EffectKind::claim:
            return call_queue_.add(*saga.known->world, {saga.stream, effect, key});
        case EffectKind::ask:
            return begin_ask(saga, effect, key);
        case EffectKind::start_child:
            return begin_child(saga, effect, key);
    }
}

// What was wished for may not be wanted any more.
void Driver::claim_calls() {
    while (const auto wish = call_queue_.next()) {
        bool claimed = false;
        with(wish->stream, [&](Saga& saga) {
            const auto wanted = effects(*saga.known->process, saga.state);
            const bool anew = std::ranges::find(wanted, wish->effect) != wanted.end();
            auto question = wish->effect;
            question.kind = EffectKind::ask;
            const bool again = wish->asked && std::ranges::find(wanted, question) != wanted.end();
            // What cannot be told now would keep the claim behind it, and the claim its place: the
            // saga asks for one again once it has been told.
            const bool told = saga.telling.empty() && saga.to_tell.empty();
            claimed = told && (anew || again) && key_of(wish->effect, saga.state) == wish->key;
            if (!claimed) return void(saga.at_work.erase(wish->key));
            learned(saga, Claim{wish->effect.step, wish->effect.undo, again},
                    (again ? "claim again " : "claim ") + place_of(saga));
            tell_next(saga);
        });
        if (!claimed) call_queue_.over(wish->stream);
    }
}

void Driver::begin_send(Saga& saga, const Effect& effect, const std::string& key) {
    const bool undo = effect.kind == EffectKind::undo;
    auto send = saga.known->process->send(saga.state, effect.step, effect.item, undo,
                                          meta_of(saga.tracing));
    auto& command = send.command;
    command.id = undo ? undo_id(saga.stream, saga.state, effect.step, effect.item)
                      : forward_id(saga.stream, saga.state, effect.step, effect.item);
    command.first = true;
    command.refusal_leaves_receipt = true;
    command.id_from_outside = true;
    command.deadline = command_deadline();
    command.decide = [decide = std::move(command.decide), fine = std::move(send.fine)](
                         const eventstore::States& states) -> eventstore::Decided {
        auto decided = decide(states);
        const auto* refusal = std::get_if<eventstore::Refusal>(&decided);
        if (refusal != nullptr && std::ranges::find(fine, refusal->code) != fine.end())
            return eventstore::Accepted{};  // its aim is reached, and its receipt says so
        return decided;
    };
    ++saga.unanswered;
    executor_.submit(std::move(command),
                     [door = door_, stream = saga.stream, effect, key](Answer answer) {
                         door->post([=, answer = std::move(answer)](Driver& driver) {
                             driver.answered(stream, effect, key, answer);
                         });
                     });
}

void Driver::begin_child(Saga& saga, const Effect& effect, const std::string& key) {
    auto child = saga.known->process->child(saga.state, effect.step);
    auto command = tell(registry_, saga_stream(child.saga, child.subject),
                        Start{child.subject, std::move(child.input), saga.stream.text()},
                        clock_->now(), "child of " + saga.stream.text() + " " + effect.step,
                        saga.tracing, std::make_shared<Told>());
    command.deadline = command_deadline();
    executor_.submit(std::move(command), [door = door_, stream = saga.stream, key](Answer answer) {
        if (answer.kind == AnswerKind::done) return;  // at work until it ends
        door->post([=](Driver& driver) {
            driver.with(stream, [&](Saga& parent) {
                parent.at_work.erase(key);
                driver.rest(parent, key);
            });
        });
    });
}

// Of a command: the saga learns how it came out, or it is sent once more. It stays at work until
// the saga has moved: what is being told is not asked for again.
void Driver::answered(const StreamName& stream, const Effect& effect, const std::string& key,
                      const Answer& answer) {
    with(stream, [&](Saga& saga) {
        answer_came(saga);
        if (passing(answer.kind)) {
            saga.at_work.erase(key);
            return rest(saga, key);
        }
        if (answer.kind == AnswerKind::cancelled) return;  // the undoing is under way
        saga.failures.erase(key);
        const bool undo = effect.kind != EffectKind::send;
        saga::Reply reply{effect.item, undo ? saga::Outcome::undone : saga::Outcome::done, ""};
        if (answer.kind != AnswerKind::done) {
            reply.outcome = saga::Outcome::refused;
            reply.code = answer.refusal.code.empty() ? "refused" : answer.refusal.code;
        }
        learned(saga, Replies{effect.step, undo, {reply}}, key);
    });
}

void Driver::begin_cancel(Saga& saga, const Effect& effect, const std::string& key) {
    cancels_.push_back(
        {saga.stream, effect, key, forward_id(saga.stream, saga.state, effect.step, effect.item)});
}

// One append for all that are to be cancelled: it blocks, and is rare.
void Driver::cancel_all() {
    const auto cancels = std::exchange(cancels_, {});
    std::vector<eventstore::AppendCommand> batch;
    for (const auto& one : cancels) batch.push_back(eventstore::cancelling(one.id));
    try {
        if (!log_) log_ = logs_();
        const auto result = log_->append(batch);
        for (std::size_t i = 0; i < cancels.size(); ++i) {
            const auto& outcome = result.outcomes[i];
            const bool ran = outcome.kind == eventstore::OutcomeKind::duplicate &&
                             (outcome.receipt.verdict == eventstore::Verdict::appended ||
                              outcome.receipt.verdict == eventstore::Verdict::nothing_to_do);
            with(cancels[i].stream, [&](Saga& saga) {
                auto effect = cancels[i].effect;
                if (ran) {
                    effect.kind = EffectKind::undo;
                    return begin_send(saga, effect, cancels[i].key);
                }
                learned(saga,
                        Replies{effect.step, true, {{effect.item, saga::Outcome::undone, ""}}},
                        cancels[i].key);
                to_drive_.insert(saga.stream);
            });
        }
    } catch (const std::exception& error) {
        diagnostics::log_warning("commands could not be cancelled, trying again",
                                 {{"error", error.what()}});
        log_.reset();
        for (const auto& one : cancels) {
            with(one.stream, [&](Saga& saga) {
                saga.at_work.erase(one.key);
                rest(saga, one.key);
            });
        }
    }
}

void Driver::begin_ask(Saga& saga, const Effect& effect, const std::string& key) {
    const auto& record = *saga.state.find(effect.step);
    const auto attempts = effect.undo ? record.undo : record.forward;
    const auto call = call_key(saga.stream, effect.step, effect.undo, attempts.series);
    const auto timeout = saga.known->process->definition().find(effect.step)->attempt;
    ++saga.unanswered;
    calls_->ask([door = door_, stream = saga.stream, state = saga.state, effect, key, call, timeout,
                 last = attempts.count, world = saga.known->world] {
        CallResult result;
        try {
            result = world->ask(state, effect.step, effect.undo, call, timeout);
        } catch (const std::exception& error) {
            diagnostics::log_warning("cannot ask for a call",
                                     {{"saga", stream.text()}, {"error", error.what()}});
        }
        door->post([=](Driver& driver) { driver.asked(stream, effect, key, result, last); });
    });
}

void Driver::asked(const StreamName& stream, const Effect& effect, const std::string& key,
                   const CallResult& result, std::int32_t last) {
    with(stream, [&](Saga& saga) {
        answer_came(saga);
        if (result.outcome != saga::Outcome::unknown) {
            return learned(saga,
                           AttemptResult{effect.step, effect.undo, result.outcome, result.code,
                                         result.reference, true, result.detail, last},
                           "asked " + place_of(saga));
        }
        saga.at_work.erase(key);
        rest(saga, key);
        if (result.code == not_there) claim_again(saga, effect);
    });
}

// It waits for its turn as the first one did, and is asked for meanwhile. What is to be undone is
// only asked for.
void Driver::claim_again(Saga& saga, const Effect& question) {
    const auto& current = saga.state.current;
    if (!current || current->step != question.step || current->undo != question.undo) return;
    const Effect claim{EffectKind::claim, question.step, question.undo};
    const auto key = key_of(claim, saga.state);
    if (saga.at_work.insert(key).second)
        call_queue_.add(*saga.known->world, {saga.stream, claim, key, true});
}

void Driver::call_world(const StreamName& stream, const saga::AttemptStarted& attempt) {
    with(stream, [&](Saga& saga) {
        const auto key = call_key(stream, attempt.step, attempt.undo, attempt.series);
        const auto timeout = saga.known->process->definition().find(attempt.step)->attempt;
        calls_->call([door = door_, stream, state = saga.state, attempt, key, timeout,
                      clock = clock_, world = saga.known->world] {
            CallResult result;
            diagnostics::crash_point("sagas.before_call");
            // Behind its deadline an attempt counts as unknown, and may be asked for already.
            const auto left = std::chrono::duration_cast<milliseconds>(
                std::chrono::microseconds(attempt.deadline - clock->now()));
            try {
                if (left <= milliseconds(0)) {
                    result.outcome = saga::Outcome::not_sent;
                } else {
                    result = world->call(state, attempt.step, attempt.undo, key,
                                         std::min(left, timeout));
                }
            } catch (const std::exception& error) {
                diagnostics::log_warning("a call to the world failed",
                                         {{"saga", stream.text()}, {"error", error.what()}});
            }
            diagnostics::crash_point("sagas.after_call");
            door->post([=](Driver& driver) { driver.called(stream, attempt, result); });
        });
    });
}

void Driver::called(const StreamName& stream, const saga::AttemptStarted& attempt,
                    const CallResult& result) {
    call_queue_.over(stream);
    with(stream, [&](Saga& saga) {
        if (result.outcome == saga::Outcome::not_sent)
            rest(saga, key_of({EffectKind::claim, attempt.step, attempt.undo}, saga.state));
        learned(saga,
                AttemptResult{attempt.step, attempt.undo, result.outcome, result.code,
                              result.reference, false, result.detail, attempt.attempt},
                "attempt " + attempt.step + (attempt.undo ? " undo " : " ") +
                    std::to_string(attempt.attempt));
    });
}

}  // namespace skald::sagas
