// What a saga is made of: a constexpr table of steps, checked while it is compiled. A table that
// could leave something undone does not compile; the compiler's message names the rule and the
// step.
//
//   constexpr Step steps[] = {...};
//   constexpr Definition checkout = verified<steps>("checkout", 1, 15min);
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace skald::sagas {

using std::chrono::milliseconds;

enum class StepKind {
    local,     // decided and appended together with the saga's own event: needs no waiting
    commands,  // any number of commands side by side, on streams of their own
    call,      // one call to the world, in attempts
    wait,      // for a signal
    child      // starts another saga and waits for its end
};

// What undoes a step: nothing has to be said too. A step's undoing is of the step's own kind.
enum class Undo { missing, nothing, by_itself };

// What a refusal, or a deadline that passed, comes to.
enum class Otherwise {
    undo,   // all steps so far are undone, the last one first
    go_on,  // the saga goes on as if the step were done
    stick   // an operator decides
};

// Bits that a definition gives its own meaning: a hold of stock, an authorised payment.
using Resources = std::uint32_t;

struct Step {
    std::string_view name;
    StepKind kind = StepKind::local;
    // The steps that may come behind it, further down the table; the process chooses when there are
    // two. Empty: the saga is complete.
    std::string_view then = {};
    std::string_view or_then = {};
    bool last = false;  // the saga may be complete behind it
    Undo undo = Undo::missing;
    Otherwise otherwise = Otherwise::undo;
    bool pivot = false;             // once it is done nothing is undone any more
    bool skippable = false;         // the process may find that it is not needed
    milliseconds deadline{0};       // of the whole step
    milliseconds undo_deadline{0};  // of its undoing; 0: the same
    milliseconds attempt{0};        // of one attempt of a call
    std::string_view signal = {};   // what a wait waits for; of a child, the saga's name
    Resources acquires = 0;         // held once it is done, and given back by its undoing
    Resources settles = 0;          // handed over to somebody else for good
};

struct Definition {
    std::string_view saga;
    int version = 0;
    std::span<const Step> steps;
    milliseconds deadline{0};

    constexpr const Step* find(std::string_view name) const {
        for (const auto& step : steps)
            if (step.name == name) return &step;
        return nullptr;
    }
};

// A text as a template argument, so that the compiler prints it.
template <std::size_t n>
struct Text {
    char chars[n]{};
    constexpr Text() = default;
    constexpr explicit Text(std::string_view text) {
        for (std::size_t i = 0; i < text.size() && i + 1 < n; ++i) chars[i] = text[i];
    }
    constexpr bool empty() const { return chars[0] == 0; }
};

struct Fault {
    Text<72> rule;
    Text<40> step;
};

namespace detail {

constexpr std::size_t index_of(std::span<const Step> steps, std::string_view name) {
    for (std::size_t i = 0; i < steps.size(); ++i)
        if (steps[i].name == name) return i;
    return steps.size();
}

constexpr Fault fault(const char* rule, std::string_view step) {
    return {Text<72>(rule), Text<40>(step)};
}

// What is wrong with a step by itself.
constexpr Fault fault_of(std::span<const Step> steps, std::size_t i) {
    const Step& step = steps[i];
    if (step.name.empty()) return fault("every step has a name", "?");
    if (index_of(steps, step.name) != i) return fault("step names are unique", step.name);
    if (step.kind != StepKind::local && step.deadline <= milliseconds(0))
        return fault("every wait has a deadline", step.name);
    if (step.kind == StepKind::call && step.attempt <= milliseconds(0))
        return fault("every attempt has a deadline", step.name);
    const bool waits = step.kind == StepKind::wait || step.kind == StepKind::child;
    if (waits && step.signal.empty()) return fault("a wait names its signal", step.name);
    if (waits && (step.undo == Undo::by_itself || step.acquires != 0))
        return fault("a wait holds nothing, and nothing undoes it", step.name);
    for (const auto& other : steps.first(i))
        if (waits && other.signal == step.signal &&
            (step.kind == StepKind::child || other.kind == StepKind::child))
            return fault("the end of a child is the signal of one step", step.name);
    if (!step.last && step.then.empty())
        return fault("a step leads on, or is marked as the last", step.name);
    if (step.acquires != 0 && step.otherwise == Otherwise::go_on)
        return fault("nobody goes on past a step that may hold something", step.name);
    for (const auto next : {step.then, step.or_then}) {
        if (next.empty()) continue;
        const auto to = index_of(steps, next);
        if (to == steps.size()) return fault("a step leads to a step that exists", step.name);
        if (to <= i) return fault("a step leads only to steps further down", step.name);
    }
    return {};
}

// Walks every path from step `i` on. `held`: acquired and not settled so far.
constexpr Fault walk(std::span<const Step> steps, std::size_t i, Resources held, bool behind_pivot,
                     std::span<bool> reached) {
    const Step& step = steps[i];
    reached[i] = true;
    if (behind_pivot) {
        if (step.pivot) return fault("a path has one pivot", step.name);
        if (step.otherwise == Otherwise::undo)
            return fault("behind the pivot nothing is undone", step.name);
    } else if (step.undo == Undo::missing && !step.pivot) {
        return fault("a step before the pivot says what undoes it", step.name);
    } else if (step.undo == Undo::nothing && step.acquires != 0) {
        return fault("the undoing of a step gives back what it acquired", step.name);
    }
    for (const bool skipped : {false, true}) {
        if (skipped && !step.skippable) continue;
        auto now = held;
        if (!skipped) now = (now | step.acquires) & ~step.settles;
        if (step.last && now != 0)
            return fault("what was acquired is settled when the saga is complete", step.name);
        for (const auto next : {step.then, step.or_then}) {
            if (next.empty()) continue;
            const auto found = walk(steps, index_of(steps, next), now,
                                    behind_pivot || (step.pivot && !skipped), reached);
            if (!found.rule.empty()) return found;
        }
    }
    return {};
}

template <std::size_t n>
constexpr Fault fault_of_table(const Step (&table)[n]) {
    const std::span<const Step> steps(table);
    for (std::size_t i = 0; i < n; ++i) {
        const auto found = fault_of(steps, i);
        if (!found.rule.empty()) return found;
    }
    bool reached[n] = {};
    const auto found = walk(steps, 0, 0, false, reached);
    if (!found.rule.empty()) return found;
    for (std::size_t i = 0; i < n; ++i)
        if (!reached[i]) return fault("every step can be reached", steps[i].name);
    return {};
}

// Never defined: that this type is incomplete is how the compiler says what is wrong.
template <Text rule, Text step>
struct this_definition_breaks_the_rule;

template <const auto& table>
consteval void check() {
    constexpr Fault found = fault_of_table(table);
    if constexpr (!found.rule.empty()) {
        this_definition_breaks_the_rule<found.rule, found.step> shown;
        (void)shown;
    }
}

}  // namespace detail

// The definition over a table that keeps all rules.
template <const auto& table>
consteval Definition verified(std::string_view saga, int version, milliseconds deadline) {
    detail::check<table>();
    return {saga, version, table, deadline};
}

}  // namespace skald::sagas
