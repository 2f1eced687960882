// What JSON is inside the program: nlohmann's value, and the problems found in one. Keys of objects
// are sorted.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace skald::json {

using Value = nlohmann::json;

// One thing wrong with a document: where (JSON pointer, RFC 6901; "" is the whole document), a
// stable code for programs, a sentence for people.
struct Issue {
    std::string pointer;
    std::string code;
    std::string message;
    friend bool operator==(const Issue&, const Issue&) = default;
};
using Issues = std::vector<Issue>;

}  // namespace skald::json
