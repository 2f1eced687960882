// Data about a person. The type marks the fields that erasure has to reach, and does not print
// itself, so that a log line or a test's output cannot show it by accident.
#pragma once

#include <string>
#include <utility>

namespace skald::kernel {

template <class Tag>
class Personal {
  public:
    Personal() = default;
    explicit Personal(std::string value) : value_(std::move(value)) {}

    const std::string& value() const { return value_; }

    friend bool operator==(const Personal&, const Personal&) = default;

  private:
    std::string value_;
};

using EmailAddress = Personal<struct EmailAddressTag>;
using PersonName = Personal<struct PersonNameTag>;

}  // namespace skald::kernel
