#include "api/json/read.h"

#include <algorithm>
#include <map>

namespace skald::json {

std::string Path::pointer() const {
    if (parent_ == nullptr) return "";
    return parent_->pointer() + "/" + (is_index_ ? std::to_string(index_) : pointer_token(key_));
}

void Findings::add(std::string_view pointer, std::string code, std::string message) {
    if (issues_.size() >= issues_max) return;
    issues_.push_back({prefix_ + std::string(pointer), std::move(code), std::move(message)});
}

void Findings::add(const Path& path, std::string code, std::string message) {
    if (issues_.size() >= issues_max) return;
    add(path.pointer(), std::move(code), std::move(message));
}

namespace detail {
namespace {

std::string_view kind_of(const Value& value) {
    switch (value.type()) {
        case Value::value_t::null:
            return "null";
        case Value::value_t::object:
            return "an object";
        case Value::value_t::array:
            return "a list";
        case Value::value_t::string:
            return "a text";
        case Value::value_t::boolean:
            return "true or false";
        default:
            return "a number";
    }
}

void wrong_type(const Path& path, const Value& value, std::string_view wanted, Findings& findings) {
    std::string message = "must be " + std::string(wanted) + ", not " + std::string(kind_of(value));
    if (value.is_null()) message += "; leave the field out if it may be absent";
    findings.add(path, "wrong_type", std::move(message));
}

}  // namespace

bool read_text(const Path& path, const Value& value, const Rule& rule, std::string& out,
               Findings& findings) {
    if (!value.is_string()) {
        wrong_type(path, value, "a text", findings);
        return false;
    }
    out = value.get_ref<const std::string&>();
    auto broken = check_text(rule, out);
    if (broken) findings.add(path, std::move(broken->code), std::move(broken->message));
    return !broken;
}

bool read_integer(const Path& path, const Value& value, const Rule& rule, std::int64_t& out,
                  Findings& findings) {
    if (value.is_number_float()) {
        findings.add(path, "wrong_type",
                     "must be an integer, written without fraction and exponent");
        return false;
    }
    if (!value.is_number_integer()) {
        wrong_type(path, value, "an integer", findings);
        return false;
    }
    out = value.get<std::int64_t>();
    auto broken = check_integer(rule, out);
    if (broken) findings.add(path, std::move(broken->code), std::move(broken->message));
    return !broken;
}

bool read_bool(const Path& path, const Value& value, bool& out, Findings& findings) {
    if (!value.is_boolean()) {
        wrong_type(path, value, "true or false", findings);
        return false;
    }
    out = value.get<bool>();
    return true;
}

bool read_choice(const Path& path, const Value& value, const std::vector<std::string>& names,
                 std::size_t& out, Findings& findings) {
    std::string text;
    if (!read_text(path, value, one_of(names), text, findings)) return false;
    out = static_cast<std::size_t>(std::ranges::find(names, text) - names.begin());
    return true;
}

bool expect_list(const Path& path, const Value& value, const Rule& rule, Findings& findings) {
    if (!value.is_array()) {
        wrong_type(path, value, "a list", findings);
        return false;
    }
    auto broken = check_length(rule, value.size());
    if (!broken) return true;
    const bool too_many = broken->code == "too_many";
    findings.add(path, std::move(broken->code), std::move(broken->message));
    return !too_many;  // the items of a list beyond its bounds are not looked at
}

bool expect_object(const Path& path, const Value& value, Findings& findings) {
    if (value.is_object()) return true;
    wrong_type(path, value, "an object", findings);
    return false;
}

void check_unique(const Path& path, const Value& value, const Rule& rule, Findings& findings) {
    if (rule.unique_by.empty()) return;
    std::map<std::string, std::size_t> first;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (!value[i].is_object()) continue;
        const auto member = value[i].find(rule.unique_by);
        if (member == value[i].end() || !member->is_string()) continue;
        const auto [seen, fresh] = first.emplace(member->get<std::string>(), i);
        if (fresh) continue;
        const Path item(path, i);
        findings.add(Path(item, rule.unique_by), "duplicate",
                     "is the same as in item " + std::to_string(seen->second) + " of the list");
    }
}

void missing(const Path& path, Findings& findings) { findings.add(path, "missing", "is required"); }

void unknown_fields(const Path& path, const Value& value,
                    const std::vector<std::string_view>& known, Findings& findings) {
    for (auto field = value.begin(); field != value.end(); ++field) {
        if (std::ranges::find(known, field.key()) != known.end()) continue;
        findings.add(Path(path, field.key()), "unknown_field", "is not a field of this object");
    }
}

}  // namespace detail
}  // namespace skald::json
