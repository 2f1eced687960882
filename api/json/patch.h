// A field of a PATCH body, which may be absent (leave as it is), null (take away) or a value.
#pragma once

#include <optional>
#include <utility>

namespace skald::json {

template <class T>
class Patch {
  public:
    Patch() = default;
    Patch(T value) : present_(true), value_(std::move(value)) {}
    static Patch null() {
        Patch patch;
        patch.present_ = true;
        return patch;
    }

    bool is_absent() const { return !present_; }
    bool is_null() const { return present_ && !value_; }
    bool has_value() const { return value_.has_value(); }
    const T& value() const { return value_.value(); }

    friend bool operator==(const Patch&, const Patch&) = default;

  private:
    bool present_ = false;
    std::optional<T> value_;
};

}  // namespace skald::json
