// What a reader does with a record, judged by its place alone: the rules that let a topic hold
// repeats and a reader never skip progress. Records of lower eras come from before the log was set
// back to an older state.
#pragma once

#include <span>
#include <string_view>

#include "domain/kernel/invariant.h"
#include "eventstore/step.h"

namespace skald::eventstore {

enum class Passage {
    take,        // the next one
    repeat,      // taken already
    hole,        // something between is missing here: the log has it
    foreign,     // another event than the one taken at this position
    lower_era,   // written by somebody who does not know that the log was set back
    higher_era,  // the log was set back, and this reader does not know it yet
};

class PositionGate {
  public:
    PositionGate(Era era, const Cursor& at) : era_(era), at_(at) {}

    Passage judge(Era era, Position position, const EventId& event) const {
        if (era < era_) return Passage::lower_era;
        if (era > era_) return Passage::higher_era;
        if (position > at_.position + 1) return Passage::hole;
        if (position == at_.position + 1) return Passage::take;
        if (position == at_.position && event != at_.event) return Passage::foreign;
        return Passage::repeat;
    }

    // Moves on behind events without holes, the first of which was judged `take`.
    void take(std::span<const StoredEvent> events) {
        INVARIANT(events.front().position == at_.position + 1);
        at_ = cursor_at(events.back());
    }

    const Cursor& at() const { return at_; }

  private:
    Era era_;
    Cursor at_;
};

}  // namespace skald::eventstore
