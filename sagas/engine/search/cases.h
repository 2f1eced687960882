// For tests: a saga told one thing after the other, and what its companions were told.
#pragma once

#include <string>
#include <vector>

#include "domain/kernel/enum_name.h"
#include "sagas/engine/react.h"

namespace skald::sagas::testing {

using saga::Outcome;

// Takes what it is told, and remembers it as "step moment", with "undo" between them.
class Diary : public Companions {
  public:
    explicit Diary(std::vector<std::string>& lines, const std::string& refuse = {})
        : lines_(lines), refuse_(refuse) {}
    Taken take(const saga::State&, const Happening& what) override {
        const auto line =
            std::string(what.step) + (what.undo ? " undo " : " ") + std::string(name(what.moment));
        if (line == refuse_) return unexpected(std::string("no"));
        lines_.push_back(line);
        return {};
    }
    std::vector<std::vector<eventstore::NewEvent>> events(const std::string&) const override {
        return {};
    }

  private:
    static std::string_view name(Moment moment) {
        switch (moment) {
            case Moment::act:
                return "act";
            case Moment::attempt_started:
                return "attempt_started";
            case Moment::succeeded:
                return "succeeded";
            case Moment::refused:
                return "refused";
            case Moment::unknown:
                return "unknown";
            case Moment::never:
                return "never";
            case Moment::skipped:
                return "skipped";
            case Moment::called_off:
                return "called_off";
            case Moment::abandoned:
                return "abandoned";
        }
        return "";
    }
    std::vector<std::string>& lines_;
    const std::string refuse_;
};

struct Told {
    std::string error;
    bool moved = false;
};

struct Case {
    explicit Case(const Process& of, const char* input = "2") : process(of) {
        hear(Start{"s", input, ""});
    }
    Told hear(const Input& input) {
        Diary companions(diary, refuse);
        const auto reaction = react(process, state, input, companions, now);
        if (!reaction) return {reaction.error(), false};
        for (const auto& event : *reaction) {
            saga::apply(state, event);
            if (const auto* repaired = std::get_if<saga::Repaired>(&event))
                left = repaired->residue;
        }
        return {"", !reaction->empty()};
    }
    Told due() {
        now = *next_due(process, state);
        return hear(Due{now});
    }
    Told repair(RepairAction action) { return hear(Repair{action, "op", "why", "ref"}); }
    void hold() { hear(Replies{"hold", false, {{0, Outcome::done, ""}, {1, Outcome::done, ""}}}); }
    void claim(const char* step = "charge", bool undo = false) { hear(Claim{step, undo, false}); }
    Told attempt(Outcome outcome, int n = 0, bool asked = false, bool undo = false) {
        return hear(AttemptResult{"charge", undo, outcome, outcome == Outcome::refused ? "no" : "",
                                  outcome == Outcome::done ? "ref" : "", asked, "", n});
    }
    const saga::Attempts& attempts() const { return state.find("charge")->forward; }
    const saga::Attempts& undo_attempts() const { return state.find("charge")->undo; }
    std::string where() const {
        std::string text(kernel::name_of(state.phase));
        if (state.current) text += " " + state.current->step;
        return text;
    }
    std::vector<std::string> wanted() const {
        std::vector<std::string> names;
        constexpr const char* kinds[] = {"send", "undo", "cancel", "claim", "ask", "child"};
        for (const auto& effect : effects(process, state))
            names.emplace_back(kinds[static_cast<int>(effect.kind)]);
        return names;
    }

    const Process& process;
    saga::State state;
    kernel::Timestamp now{1'700'000'000'000'000};
    std::vector<std::string> diary;
    std::string left;    // by the last repair
    std::string refuse;  // the line that is not taken
};

using Words = std::vector<std::string>;

}  // namespace skald::sagas::testing
