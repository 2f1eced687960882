#include "eventstore/position_gate.h"

#include <gtest/gtest.h>

namespace skald::eventstore {
namespace {

EventId id(int n) { return event_id(CommandId{}, n); }

struct Row {
    const char* rule;
    std::int64_t at, at_event, era, position, event;
    Passage passage;
};

// The reader is in era 2.
const Row rows[] = {
    {"the first event of all is next", 0, 0, 2, 1, 1, Passage::take},
    {"the first event of all must be position 1", 0, 0, 2, 2, 2, Passage::hole},
    {"one above the cursor is next", 7, 7, 2, 8, 8, Passage::take},
    {"two above the cursor is a hole", 7, 7, 2, 9, 9, Passage::hole},
    {"far above the cursor is a hole", 7, 7, 2, 900, 900, Passage::hole},
    {"the same event again is a repeat", 7, 7, 2, 7, 7, Passage::repeat},
    {"another event at the cursor is foreign", 7, 7, 2, 7, 700, Passage::foreign},
    {"below the cursor is a repeat, whatever it is", 7, 7, 2, 3, 300, Passage::repeat},
    {"a lower era is refused, even as the next one", 7, 7, 1, 8, 8, Passage::lower_era},
    {"a lower era is refused before it counts as a repeat", 7, 7, 1, 7, 7, Passage::lower_era},
    {"a higher era is told, even as the next one", 7, 7, 3, 8, 8, Passage::higher_era},
    {"a higher era is told before its repeat", 7, 7, 3, 5, 5, Passage::higher_era},
    {"a higher era is told before its hole", 7, 7, 3, 50, 50, Passage::higher_era},
};

TEST(PositionGate, judges_every_rule) {
    for (const auto& row : rows) {
        const Cursor at{Position(row.at), row.at == 0 ? EventId{} : id(int(row.at_event))};
        const PositionGate gate(Era(2), at);
        EXPECT_EQ(gate.judge(Era(row.era), Position(row.position), id(int(row.event))), row.passage)
            << row.rule;
    }
}

TEST(PositionGate, taking_moves_the_cursor_to_the_event_taken) {
    PositionGate gate(Era(1), Cursor{});
    StoredEvent event;
    event.position = Position(1);
    event.id = id(1);
    gate.take({&event, 1});
    EXPECT_EQ(gate.at(), (Cursor{Position(1), id(1)}));
    EXPECT_EQ(gate.judge(Era(1), Position(2), id(2)), Passage::take);
}

TEST(PositionGateDeathTest, taking_over_a_hole_is_a_bug) {
    PositionGate gate(Era(1), Cursor{});
    StoredEvent event;
    event.position = Position(2);
    EXPECT_DEATH(gate.take({&event, 1}), "invariant");
}

}  // namespace
}  // namespace skald::eventstore
