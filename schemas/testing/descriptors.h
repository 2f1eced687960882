// For tests: what a schema promises, as lines of text, one for each field, so that a promise that
// is gone can be found.
#pragma once

#include <google/protobuf/descriptor.h>

#include <set>
#include <string>
#include <vector>

namespace skald::schemas::testing {

// "skald.stock.v1.Reserved quantity = 2 int64" for every field of every message of the file, and
// "skald.payment.v1.Found FOUND_DONE = 1" for every value of its enums.
std::set<std::string> promises_of(const google::protobuf::FileDescriptor& file);

// Promises of every file that a known event type or Meta needs, Protobuf's own files excepted.
std::set<std::string> promises_of_all_schemas();

// The recorded ones that are kept no more: a field that was removed, renumbered, renamed or got
// another type. Any of it breaks readers of stored bytes or of their JSON.
std::vector<std::string> broken(const std::set<std::string>& recorded,
                                const std::set<std::string>& now);

}  // namespace skald::schemas::testing
