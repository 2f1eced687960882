#include "eventstore/decision_batch.h"

#include <utility>

#include "diagnostics/logger.h"
#include "domain/kernel/invariant.h"

namespace skald::eventstore {

Answer answer_of(AnswerKind kind, const Command& command) {
    return {.kind = kind, .id = command.id, .stream = command.streams.front()};
}

void give(Pending& pending, Answer answer) {
    if (!pending.reply) return;
    auto reply = std::move(pending.reply);
    pending.reply = nullptr;
    if (pending.counted_in != nullptr) --*pending.counted_in;
    reply(std::move(answer));
}

const CachedState* DecisionBatch::working_state(const StreamName& stream) const {
    const auto found = working_.find(stream);
    return found == working_.end() ? nullptr : &found->second;
}

bool DecisionBatch::holds(const StreamName& stream) const {
    return working_.contains(stream) || (before_ != nullptr && before_->working_.contains(stream));
}

DecisionBatch::Known DecisionBatch::known(const StreamName& stream) {
    if (const auto* own = working_state(stream)) return {own, false};
    if (const auto* older = before_ == nullptr ? nullptr : before_->working_state(stream))
        return {older, true};
    const auto* cached = cache_.find(stream);
    INVARIANT(cached != nullptr);
    return {cached, false};
}

std::optional<Pending> DecisionBatch::add(Pending pending) {
    Member member;
    const auto uses_before = seen_.size();
    const auto bytes_before = bytes_;
    auto append = decide(pending.command, member);
    for (const auto& use : append.uses) {
        if (!use.events.empty()) member.written.push_back(use.stream);
    }
    if (!extend_states(append)) {
        seen_.resize(uses_before);
        bytes_ = bytes_before;
        tainted_.insert(member.written.begin(), member.written.end());
        if (before_ != nullptr) {
            gave_back_ = true;
            return pending;
        }
        auto answer = answer_of(AnswerKind::invalid, pending.command);
        answer.refusal = {"impossible_event",
                          "the command decided on an event that its own state cannot take", ""};
        give(pending, std::move(answer));
        return std::nullopt;
    }
    member.pending = std::move(pending);
    members_.push_back(std::move(member));
    appends_.push_back(std::move(append));
    return std::nullopt;
}

AppendCommand DecisionBatch::decide(const Command& command, Member& member) {
    AppendCommand append{.id = command.id, .fingerprint = command.fingerprint};
    std::vector<States::Entry> entries;
    entries.reserve(command.streams.size());
    append.uses.reserve(command.streams.size());
    for (const auto& stream : command.streams) {
        const auto [one, of_batch_before] = known(stream);
        entries.push_back({&one->state, one->version});
        append.uses.push_back({stream, one->version, {}});
        seen_.push_back({one->complete_at, of_batch_before});
    }
    const bool matches = !command.if_match || *command.if_match == append.uses.front().expected;
    Decided decided = matches ? command.decide(States(std::move(entries))) : Decided(Refusal{});
    if (auto* refusal = std::get_if<Refusal>(&decided)) {
        append.verdict = Verdict::refused;
        append.leaves_receipt = command.refusal_leaves_receipt && matches;
        member.if_accepted = matches ? AnswerKind::refused : AnswerKind::version_mismatch;
        member.refusal = std::move(*refusal);
        return append;
    }
    auto& events = std::get<Accepted>(decided).events;
    INVARIANT(events.size() <= append.uses.size());
    bool any = false;
    for (std::size_t i = 0; i < events.size(); ++i) {
        for (const auto& event : events[i]) bytes_ += event.data.size() + event.meta.size();
        any |= !events[i].empty();
        append.uses[i].events = std::move(events[i]);
    }
    append.verdict = any ? Verdict::appended : Verdict::nothing_to_do;
    append.leaves_receipt = any || command.id_from_outside;
    return append;
}

void DecisionBatch::stand_alone() {
    before_ = nullptr;
    auto seen = seen_.begin();
    for (const auto& append : appends_) {
        for (const auto& use : append.uses) {
            if (std::exchange(seen->in_batch_before, false))
                seen->complete_at = heads_.at(use.stream);
            ++seen;
        }
    }
}

void DecisionBatch::claim() {
    INVARIANT(before_ == nullptr);
    auto seen = seen_.begin();
    for (auto& append : appends_) {
        for (auto& use : append.uses)
            use.seen_at = heads_.seen_at(use.stream, (seen++)->complete_at);
    }
}

bool DecisionBatch::extend_states(const AppendCommand& append) {
    std::int32_t seq = 0;
    try {
        for (const auto& use : append.uses) {
            if (use.events.empty()) continue;
            auto& working =
                working_.try_emplace(use.stream, *known(use.stream).state).first->second;
            working.complete_at.reset();  // nobody has seen what this batch only means to write
            const auto& fold = cache_.fold_of(use.stream);
            for (const auto& event : use.events) {
                ++working.version;
                fold.apply(working.state, StoredEvent{.stream = use.stream,
                                                      .version = working.version,
                                                      .type = event.type,
                                                      .schema_version = event.schema_version,
                                                      .command = append.id,
                                                      .command_seq = ++seq,
                                                      .meta = event.meta,
                                                      .data = event.data});
            }
            working.last = {append.id, seq, {}};  // keep_states() knows when
        }
        return true;
    } catch (const CorruptStream& error) {
        diagnostics::log_error(
            "a command decided on an event that cannot be folded",
            {{"stream", append.uses.front().stream.text()}, {"error", error.what()}});
        return false;
    }
}

void DecisionBatch::keep_states(const AppendResult& result) {
    for (std::size_t i = 0; i < members_.size(); ++i) {
        if (result.outcomes[i].kind != OutcomeKind::accepted) {
            tainted_.insert(members_[i].written.begin(), members_[i].written.end());
            continue;
        }
        for (const auto& use : appends_[i].uses) {
            if (!use.seen_at && !working_.contains(use.stream))
                cache_.note_complete(use.stream, heads_.behind(result, use.stream));
        }
    }
    // The cached state of a stream whose write failed is still right, only behind.
    for (auto& [stream, state] : working_) {
        if (tainted_.contains(stream)) {
            cache_.mark_stale(stream);
        } else {
            state.complete_at = heads_.behind(result, stream);
            if (result.parts.size() == 1) state.last.recorded_at = result.parts[0].recorded_at;
            cache_.put(stream, std::move(state));
        }
    }
    working_.clear();
}

std::deque<Pending> DecisionBatch::undo() {
    std::deque<Pending> pending;
    for (auto& member : members_) pending.push_back(std::move(member.pending));
    clear();
    return pending;
}

void DecisionBatch::clear() {
    before_ = nullptr;
    members_.clear();
    appends_.clear();
    seen_.clear();
    working_.clear();
    tainted_.clear();
    bytes_ = 0;
    gave_back_ = false;
}

}  // namespace skald::eventstore
