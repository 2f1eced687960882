// For tests: what each input comes to in each abstract state that a search comes to, as a text that
// a person can read through, and that is compared from then on.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "sagas/engine/search/search.h"

namespace skald::sagas::testing {

class Matrix {
  public:
    explicit Matrix(const Process& process, Beside beside = {})
        : process_(process), beside_(std::move(beside)) {}

    void search(const SearchOptions& options, const std::string& input) {
        Search all(process_, options, beside_);
        all.look = [&](const Place& place) { look(place); };
        const auto report = all.run(input);
        for (const auto& fault : report.faults) ADD_FAILURE() << fault;
    }

    std::string text() const {
        std::string text;
        for (const auto& [row, cells] : rows_) {
            text += row + "\n";
            std::map<std::set<std::string>, std::string> inputs;  // that come to the same
            for (const auto& [input, moves] : cells) {
                auto& same = inputs[moves];
                same += (same.empty() ? "" : " | ") + input;
            }
            for (const auto& [moves, same] : inputs) {
                text += "  " + same + "\n";
                for (const auto& move : moves) text += "    -> " + move + "\n";
            }
        }
        return text;
    }

    // `record`: the file is written anew.
    void compare(const std::string& path, bool record) const {
        if (record) std::ofstream(path) << text();
        std::ifstream in(path);
        std::ostringstream stored;
        stored << in.rdbuf();
        EXPECT_EQ(text(), stored.str())
            << "read the difference; if it is meant, SKALD_RECORD=1 writes " << path;
    }

  private:
    static constexpr const char* none = "nothing";

    static std::string words(const saga::Attempts& attempts) {
        if (attempts.open) return attempts.unknown ? "open, an earlier one unknown" : "open";
        if (attempts.unknown) return "unknown";
        return attempts.count == 0 ? "none" : "over";
    }

    std::string row_of(const saga::State& saga) const {
        std::string text(kernel::name_of(saga.phase));
        if (!saga.current) return text;
        text += (saga.current->undo ? ", undoing of " : ", ") + saga.current->step;
        if (process_.definition().find(saga.current->step)->kind != StepKind::call) return text;
        const auto& record = *saga.find(saga.current->step);
        text += "; attempt: " + words(record.forward);
        if (saga.current->undo) text += "; attempt to undo: " + words(record.undo);
        return text;
    }

    static void add(std::string& text, const std::string& part) {
        text += (text.empty() ? "" : ", ") + part;
    }
    static std::string coded(std::string_view name, const std::string& code) {
        return std::string(name) + (code.empty() ? "" : " (" + code + ")");
    }
    static std::string words(const saga::Moved& move, saga::Phase before) {
        std::string text;
        for (const auto& one : move.replies)
            add(text, "an item is " + coded(kernel::name_of(one.outcome), one.code));
        if (move.attempt_ended)
            add(text,
                "the attempt is " + std::string(kernel::name_of(move.attempt_ended->outcome)));
        if (!move.signal.empty()) add(text, "the signal is kept");
        for (const auto& one : move.ended)
            add(text, one.step + " is " + coded(kernel::name_of(one.outcome), one.code));
        if (move.begun)
            add(text, (move.begun->undo ? "undoing of " : "") + move.begun->step + " begins");
        if (move.phase != before) add(text, coded(kernel::name_of(move.phase), move.code));
        return text;
    }

    std::string outcome(const Place& place, const Input& input, bool at_due) const {
        const auto companions = open_beside(beside_, place.beside);
        const auto due = next_due(process_, place.saga);
        const auto reaction = react(process_, place.saga, input, *companions,
                                    at_due && due ? *due : place.saga.since);
        if (!reaction) return "refused: " + reaction.error();
        if (reaction->empty()) return none;
        if (std::holds_alternative<saga::AttemptStarted>(reaction->front()))
            return "an attempt begins";
        if (const auto* moved = std::get_if<saga::Moved>(&reaction->front()))
            return words(*moved, place.saga.phase);
        if (const auto* repaired = std::get_if<saga::Repaired>(&reaction->front()))
            return words(repaired->move, place.saga.phase) +
                   (repaired->residue.empty() ? "" : "; left: " + repaired->residue);
        return "it begins";
    }

    void look(const Place& place) {
        auto key = key_of(place.saga);
        if (beside_.key) key += beside_.key(place.beside);
        if (!seen_.insert(std::move(key)).second) return;
        auto& row = rows_[row_of(place.saga)];
        const auto cell = [&](const std::string& name, const Input& input, bool at_due = false) {
            row[name].insert(outcome(place, input, at_due));
        };
        cell("start", Start{"s", place.saga.input, ""});
        cell("abort", Abort{"cancelled"});
        cell("the deadline", Due{}, true);
        for (const auto& step : process_.definition().steps) {
            if (step.signal.empty()) continue;
            const std::string signal(step.signal);
            cell("signal " + signal, Signal{signal});
            cell("signal " + signal + " with a code", Signal{signal, "failed"});
        }
        for (const auto action :
             {RepairAction::retry, RepairAction::record_done, RepairAction::record_refused,
              RepairAction::skip, RepairAction::undo, RepairAction::abandon})
            cell("repair " + std::string(kernel::name_of(action)),
                 Repair{action, "op", "why", "ref"});
        if (!place.saga.current) return;
        look_at_step(place, cell);
        const auto& record = *place.saga.find(place.saga.current->step);
        if (record.forward.unknown) look_behind(place, Claim{record.name, false, true});
        if (record.undo.unknown) look_behind(place, Claim{record.name, true, true});
    }

    // Further than a search with one attempt goes.
    void look_behind(Place place, const Input& input) {
        const SearchOptions options;
        Moves moves(process_, options, beside_);
        if (moves.take(place, input)) look(place);
    }

    template <class Cell>
    void look_at_step(const Place& place, const Cell& cell) {
        const auto& name = place.saga.current->step;
        const auto& record = *place.saga.find(name);
        for (std::int32_t item = 0; item < std::int32_t(record.items.size()); ++item) {
            using saga::Outcome;
            cell("reply done", Replies{name, false, {{item, Outcome::done, ""}}});
            cell("reply refused", Replies{name, false, {{item, Outcome::refused, "no"}}});
            cell("reply undone", Replies{name, true, {{item, Outcome::undone, ""}}});
            cell("reply undoing refused", Replies{name, true, {{item, Outcome::refused, "no"}}});
        }
        if (process_.definition().find(name)->kind != StepKind::call) return;
        for (const bool undo : {false, true}) {
            const auto count = (undo ? record.undo : record.forward).count;
            const std::string of = undo ? "undo " : "";
            cell(of + "claim", Claim{name, undo, false});
            cell(of + "claim once asked", Claim{name, undo, true});
            for (const bool asked : {false, true}) {
                for (const auto outcome : {saga::Outcome::done, saga::Outcome::refused,
                                           saga::Outcome::unknown, saga::Outcome::not_sent}) {
                    const bool refused = outcome == saga::Outcome::refused;
                    cell(of + "attempt " + std::string(kernel::name_of(outcome)) +
                             (asked ? " when asked" : ""),
                         AttemptResult{name, undo, outcome, refused ? "no" : "", "ref", asked, "",
                                       count});
                }
            }
        }
    }

    const Process& process_;
    const Beside beside_;
    std::set<std::string> seen_;
    std::map<std::string, std::map<std::string, std::set<std::string>>> rows_;
};

}  // namespace skald::sagas::testing
