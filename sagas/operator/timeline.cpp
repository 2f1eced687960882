#include "sagas/operator/timeline.h"

#include <map>

#include "domain/kernel/enum_name.h"

namespace skald::sagas {
namespace {

using kernel::name_of;

std::string in_brackets(const std::string& code) { return code.empty() ? "" : " (" + code + ")"; }

std::string replies_of(const saga::Moved& moved, const saga::State& before) {
    std::map<std::string, int> counts;
    for (const auto& reply : moved.replies)
        ++counts[std::string(name_of(reply.outcome)) + in_brackets(reply.code)];
    std::string text = before.current ? before.current->step + ": " : "";
    bool first = true;
    for (const auto& [outcome, count] : counts)
        text += (std::exchange(first, false) ? "" : ", ") + std::to_string(count) + " " + outcome;
    return text;
}

std::string begun_of(const saga::Begun& begun, const ShowTime& show_time) {
    std::string text = (begun.undo ? "undoing of " : "") + begun.step + " begun";
    if (begun.round > 1) text += ", round " + std::to_string(begun.round);
    if (begun.items > 0) text += ", " + std::to_string(begun.items) + " commands";
    return text + ", until " + show_time(begun.deadline);
}

class Teller {
  public:
    explicit Teller(const ShowTime& show_time) : show_time_(show_time) {}

    std::string tell(const saga::Event& event) {
        parts_.clear();
        std::visit([&](const auto& one) { add(one); }, event);
        saga::apply(state_, event);
        std::string text;
        for (const auto& part : parts_) text += (text.empty() ? "" : "; ") + part;
        return text;
    }

  private:
    void add(const saga::Started& started) {
        parts_.push_back("started, version " + std::to_string(started.definition) +
                         (started.parent.empty() ? "" : ", for " + started.parent) + ", until " +
                         show_time_(started.deadline));
        add_move(started.move);
    }
    void add(const saga::AttemptStarted& attempt) {
        parts_.push_back("attempt " + std::to_string(attempt.attempt) + " of " +
                         (attempt.undo ? "the undoing of " : "") + attempt.step +
                         (attempt.series > 0 ? ", under a new key" : "") + ", until " +
                         show_time_(attempt.deadline));
    }
    void add(const saga::Moved& moved) {
        if (state_.phase == saga::Phase::stuck && (moved.attempt_ended || !moved.ended.empty()))
            parts_.emplace_back("answered while it was stuck");
        add_move(moved);
    }
    void add_move(const saga::Moved& moved) {
        if (!moved.replies.empty()) parts_.push_back(replies_of(moved, state_));
        if (moved.attempt_ended) {
            const auto& end = *moved.attempt_ended;
            parts_.push_back(std::string("attempt of ") + (end.undo ? "the undoing of " : "") +
                             end.step + ": " + std::string(name_of(end.outcome)));
        }
        if (!moved.signal.empty())
            parts_.push_back("heard " + moved.signal + in_brackets(moved.signal_code));
        for (const auto& end : moved.ended)
            parts_.push_back(end.step + " " + std::string(name_of(end.outcome)) +
                             in_brackets(end.code) +
                             (end.reference.empty() ? "" : ", reference " + end.reference));
        if (moved.begun) parts_.push_back(begun_of(*moved.begun, show_time_));
        // Forward is where it starts from.
        const auto before = state_.exists ? state_.phase : saga::Phase::forward;
        if (moved.phase != before || moved.phase == saga::Phase::stuck)
            parts_.push_back((moved.phase == before && moved.code.empty() ? "still " : "now ") +
                             std::string(name_of(moved.phase)) + in_brackets(moved.code));
        if (parts_.empty()) parts_.push_back("moved");
    }
    void add(const saga::Repaired& repaired) {
        parts_.push_back(repaired.action + " of " + repaired.step + " by " + repaired.actor + ": " +
                         repaired.reason);
        if (!repaired.residue.empty()) parts_.push_back("left undone: " + repaired.residue);
        add_move(repaired.move);
    }

    const ShowTime& show_time_;
    saga::State state_;
    std::vector<std::string> parts_;
};

}  // namespace

std::vector<TimelineEntry> timeline(std::span<const Recorded> history, const ShowTime& show_time) {
    std::vector<TimelineEntry> entries;
    Teller teller(show_time);
    for (const auto& one : history)
        entries.push_back({one.version, one.at, teller.tell(one.event)});
    return entries;
}

std::string words_of(const Effect& effect) {
    const auto item = "command " + std::to_string(effect.item) + " of " + effect.step;
    const auto call = (effect.undo ? "the undoing of " : "") + effect.step;
    switch (effect.kind) {
        case EffectKind::send:
            return "send " + item;
        case EffectKind::undo:
            return "undo " + item;
        case EffectKind::cancel:
            return "cancel " + item;
        case EffectKind::claim:
            return "make the call of " + call;
        case EffectKind::ask:
            return "ask what became of the call of " + call;
        case EffectKind::start_child:
            return "start the saga of " + effect.step + ", or wait for it";
    }
    return {};
}

}  // namespace skald::sagas
