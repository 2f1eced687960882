// Inside schemas/ only: turns the fields of a message into the domain's types and remembers the
// first one that cannot be. It checks what types and folds rely on; limits that may change with the
// years (a title's length) are not looked at again. Used by one thread, for one message.
#pragma once

#include <google/protobuf/repeated_field.h>
#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/kernel/ids.h"
#include "domain/kernel/money.h"
#include "domain/kernel/portion.h"
#include "domain/kernel/quantity.h"
#include "domain/kernel/time.h"
#include "schemas/common/v1/money.pb.h"
#include "schemas/common/v1/portion.pb.h"

namespace skald::schemas::wire {

class Reader {
  public:
    const std::optional<std::string>& fault() const { return fault_; }

    void require(bool holds, std::string_view otherwise) {
        if (!holds && !fault_) fault_ = std::string(otherwise);
    }

    template <class Id>
    Id id(std::string_view field, const std::string& text) {
        Id id(text);
        require(is_id(id), std::string(field) + " is no id");
        return id;
    }
    // Human text; may be empty.
    std::string text(std::string_view field, const std::string& text);
    // Human text that says something.
    std::string words(std::string_view field, const std::string& text);
    // least <= value <= most
    kernel::Quantity quantity(std::string_view field, std::int64_t value, kernel::Quantity least,
                              kernel::Quantity most);
    // At least one minor unit.
    kernel::Money price(std::string_view field, std::int64_t amount, std::string_view currency);
    kernel::Money price(std::string_view field, const common::v1::Money& money);
    // Nothing, or so many minor units.
    kernel::Money amount(std::string_view field, const common::v1::Money& money);
    // Each sku once, at least one of them.
    std::vector<kernel::Portion> portions(
        std::string_view field,
        const google::protobuf::RepeatedPtrField<common::v1::Portion>& portions);
    // A time between the years 0001 and 9999, in whole microseconds.
    kernel::Timestamp time(std::string_view field, const google::protobuf::Timestamp& time);

  private:
    kernel::Money money_of(std::string_view field, std::int64_t amount, std::string_view currency);

    std::optional<std::string> fault_;
};

}  // namespace skald::schemas::wire
