// How a driver tells the sagas it drives what was learned: one thing at a time, and what was told
// in vain again after a rest. All on the driver's thread.
#include <algorithm>

#include "diagnostics/logger.h"
#include "sagas/engine/driver.h"

namespace skald::sagas {
namespace {

using eventstore::Answer;
using eventstore::AnswerKind;
using eventstore::StreamName;

const std::string due_key = "due ";

}  // namespace

// Told in vain it is told again later, by another id: the one before has its receipt.
void Driver::tell_due(Saga& saga, kernel::Timestamp due) {
    const auto now = Clock::now();
    auto& rested = saga.resting[due_key];
    if (rested <= now) {
        const auto tries = saga.failures[due_key]++;
        rested = now + std::min<milliseconds>(settings_.retry_max,
                                              settings_.retry_first * (1 << std::min(tries, 10)));
        const bool being_told =
            saga.telling.starts_with(due_key) || std::ranges::any_of(saga.to_tell, [](auto& one) {
                return std::holds_alternative<Due>(one.first);
            });
        if (!being_told)
            learned(saga, Due{due},
                    due_key + std::to_string(due.value()) + " " + place_of(saga) +
                        (tries > 0 ? " again " + std::to_string(tries) : ""));
    }
    wake_at(rested, saga);
}

// Queues what the saga is to be told; replies to one step are told together.
void Driver::learned(Saga& saga, Input input, std::string discriminator) {
    to_drive_.insert(saga.stream);
    if (saga.telling == discriminator) return;
    for (auto& [waiting, known] : saga.to_tell) {
        if (known == discriminator) return;
        auto* replies = std::get_if<Replies>(&waiting);
        const auto* more = std::get_if<Replies>(&input);
        if (replies != nullptr && more != nullptr && replies->step == more->step &&
            replies->undo == more->undo) {
            replies->replies.insert(replies->replies.end(), more->replies.begin(),
                                    more->replies.end());
            known += "+" + discriminator;
            return;
        }
    }
    saga.to_tell.emplace_back(std::move(input), std::move(discriminator));
}

void Driver::tell_next(Saga& saga) {
    if (!saga.telling.empty() || saga.to_tell.empty()) return;
    auto [input, discriminator] = std::move(saga.to_tell.front());
    saga.to_tell.pop_front();
    saga.telling = discriminator;
    auto told_events = std::make_shared<Told>();
    auto at = clock_->now();
    if (const auto* due = std::get_if<Due>(&input)) at = std::max(at, due->due);
    auto command =
        tell(registry_, saga.stream, input, at, discriminator, saga.tracing, told_events);
    command.deadline = command_deadline();
    executor_.submit(std::move(command), [door = door_, stream = saga.stream, input, discriminator,
                                          told_events](Answer answer) {
        door->post([=, answer = std::move(answer)](Driver& driver) {
            driver.told(stream, input, discriminator, *told_events, answer);
        });
    });
}

void Driver::told(const StreamName& stream, const Input& input, const std::string& discriminator,
                  const Told& told, const Answer& answer) {
    with(stream, [&](Saga& saga) {
        saga.telling.clear();
        const bool not_told = answer.kind != AnswerKind::done;
        if (not_told) {
            if (!passing(answer.kind)) {
                diagnostics::log_error("a saga cannot be told",
                                       {{"saga", stream.text()}, {"code", answer.refusal.code}});
            }
            // Its place is for others meanwhile; what came of it after all has its receipt.
            if (const auto* claim = std::get_if<Claim>(&input)) {
                call_queue_.over(stream);
                if (saga.state.find(claim->step) == nullptr) return;
                const auto key = key_of({EffectKind::claim, claim->step, claim->undo}, saga.state);
                saga.at_work.erase(key);
                return rest(saga, key);
            }
            saga.to_tell.emplace_front(input, discriminator);
            wake_at(
                Clock::now() + (passing(answer.kind) ? settings_.retry_first : settings_.retry_max),
                saga);
            return;
        }
        to_drive_.insert(stream);
        const auto before = saga.state.current;
        if (!answer.replayed && answer.count > 0 &&
            saga.version + answer.count == answer.version) {  // else the log tells, or told already
            for (const auto& event : told.events) saga::apply(saga.state, event);
            saga.version = answer.version;
        }
        if (saga.state.current != before) {
            saga.failures.clear();
            saga.resting.clear();
        }
        const auto done_with = [&](EffectKind kind, const std::string& step, bool undo) {
            if (saga.state.find(step) == nullptr) return;
            const auto key = key_of({kind, step, undo}, saga.state);
            saga.at_work.erase(key);
            // In vain: it has to wait for something else, or has moved on and the log has yet to
            // tell.
            if (answer.count == 0) rest(saga, key);
        };
        if (const auto* claim = std::get_if<Claim>(&input))
            done_with(EffectKind::claim, claim->step, claim->undo);
        if (const auto* result = std::get_if<AttemptResult>(&input))
            done_with(EffectKind::ask, result->step, result->undo);
        const auto* attempt = answer.replayed || answer.count == 0
                                  ? nullptr
                                  : std::get_if<saga::AttemptStarted>(&told.events.front());
        if (attempt != nullptr) return call_world(stream, *attempt);
        if (std::holds_alternative<Claim>(input)) call_queue_.over(stream);
        if (std::holds_alternative<Due>(input) && !answer.replayed && answer.count > 0) {
            saga.failures.erase(due_key);
            saga.resting.erase(due_key);
        }
    });
}

// The effect is tried again later: full jitter under a growing bound, which is the largest at once
// where too much is being tried again already.
void Driver::rest(Saga& saga, const std::string& key) {
    auto bound = std::min<milliseconds>(
        settings_.retry_max, settings_.retry_first * (1 << std::min(saga.failures[key]++, 10)));
    if (!retries_.take(Clock::now())) bound = settings_.retry_max;
    std::uniform_int_distribution<std::int64_t> jitter(1, bound.count());
    const auto until = Clock::now() + milliseconds(jitter(random_));
    saga.resting[key] = until;
    wake_at(until, saga);
}

}  // namespace skald::sagas
