// Events as operators see them: Protobuf shown as JSON, one event a line.
#pragma once

#include <ostream>

#include "eventstore/types.h"

namespace skald::cli {

// Prints events as they come: a JSON object a line, or columns under one heading.
class EventPrinter {
  public:
    EventPrinter(std::ostream& out, bool json) : out_(out), json_(json) {}
    void print(const eventstore::StoredEvent& event);
    std::int64_t printed() const { return printed_; }

  private:
    std::ostream& out_;
    bool json_;
    std::int64_t printed_ = 0;
};

}  // namespace skald::cli
