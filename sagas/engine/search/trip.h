// For tests: a saga with a step of every kind. Two seats are held, a card is charged, the booking
// is the pivot, tickets are sent, and the traveller has to confirm.
#pragma once

#include "sagas/engine/process.h"

namespace skald::sagas::testing {

using namespace std::chrono_literals;

enum TripResource : Resources { seats = 1, money = 2 };

inline constexpr Step trip_steps[] = {
    {.name = "open", .kind = StepKind::local, .then = "hold", .undo = Undo::by_itself},
    {.name = "hold",
     .kind = StepKind::commands,
     .then = "charge",
     .undo = Undo::by_itself,
     .deadline = 10s,
     .acquires = seats},
    {.name = "charge",
     .kind = StepKind::call,
     .then = "book",
     .undo = Undo::by_itself,
     .deadline = 30s,
     .attempt = 3s,
     .acquires = money},
    {.name = "book", .kind = StepKind::local, .then = "tickets", .pivot = true, .settles = money},
    {.name = "tickets",
     .kind = StepKind::commands,
     .then = "confirm",
     .otherwise = Otherwise::stick,
     .deadline = 10s,
     .settles = seats},
    {.name = "confirm",
     .kind = StepKind::wait,
     .last = true,
     .otherwise = Otherwise::go_on,
     .skippable = true,
     .deadline = 60s,
     .signal = "confirmed"},
};
inline constexpr Definition trip_definition = verified<trip_steps>("trip", 1, 10min);

class Trip : public Process {
  public:
    explicit Trip(const Definition& definition = trip_definition) : definition_(definition) {}
    const Definition& definition() const override { return definition_; }
    std::vector<eventstore::StreamName> companion_streams(const std::string&) const override {
        return {};
    }
    std::unique_ptr<Companions> companions(const eventstore::States&, std::size_t) const override {
        return nullptr;
    }
    std::int32_t items(const saga::State& saga, std::string_view step) const override {
        return step == "hold" ? std::stoi(saga.input) : 1;
    }
    bool skips(const saga::State& saga, std::string_view) const override {
        return saga.input == "1";
    }

  private:
    const Definition& definition_;
};

}  // namespace skald::sagas::testing
