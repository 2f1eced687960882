// For the codecs' tests: bytes that were once stored must be read for ever. A golden file holds the
// hexadecimal bytes of one event as it was written, `<type>.v<schema version>.<case>.hex`, and
// beside it its JSON. SKALD_RECORD=1 writes the files that do not exist yet; none is ever
// overwritten.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "schemas/catalogue.h"
#include "schemas/encoded.h"

namespace skald::schemas::testing {

template <class Event>
struct Golden {
    std::string name;  // of the file, without its ending
    Event event;       // what it is read as today
};

struct GoldenName {
    std::string type;
    int schema_version = 0;
};
GoldenName parse_golden_name(const std::string& name);

std::string from_hex(const std::string& hex);
std::string to_hex(const std::string& bytes);

// The file's text, or "" if it cannot be read.
std::string read_file(const std::string& path);

// If recording: writes both files of a golden event, unless they exist.
void record(const std::string& folder, const std::string& name, const Encoded& encoded);

// Names, without ending, of the golden events in a folder.
std::set<std::string> golden_names(const std::string& folder);

// Each file is read as the event beside it; the newest ones are also what is written today. No file
// goes unread, and no type of the category goes without a file.
template <class Event>
void check_golden(const std::string& category, const std::vector<Golden<Event>>& rows,
                  Encoded (*encode)(const Event&),
                  Result<Event, DecodeError> (*decode)(std::string_view, int, std::string_view)) {
    const std::string folder = "schemas/" + category + "/golden";
    std::set<std::string> types, read;
    for (const auto& row : rows) {
        const auto [type, schema_version] = parse_golden_name(row.name);
        const EventType* known = find_type(type);
        ASSERT_NE(known, nullptr) << row.name;
        const bool newest = schema_version == known->schema_version;
        const auto written = encode(row.event);
        if (newest && std::getenv("SKALD_RECORD")) record(folder, row.name, written);
        const auto bytes = from_hex(read_file(folder + "/" + row.name + ".hex"));
        const auto json = to_json(type, schema_version, bytes);
        ASSERT_TRUE(json) << row.name << ": " << json.error().detail;
        EXPECT_EQ(*json + "\n", read_file(folder + "/" + row.name + ".json")) << row.name;
        const auto event = decode(type, schema_version, bytes);
        ASSERT_TRUE(event) << row.name << ": " << event.error().detail;
        EXPECT_TRUE(*event == row.event) << row.name << " is read as another event than expected";
        if (newest) {
            EXPECT_EQ(written.type, type);
            EXPECT_EQ(written.schema_version, schema_version) << row.name;
            EXPECT_EQ(to_hex(written.data), to_hex(bytes)) << row.name;
            types.insert(type);
        }
        read.insert(row.name);
    }
    EXPECT_EQ(read, golden_names(folder)) << "files and rows differ";
    for (const auto& type : catalogue()) {
        if (type.category != category) continue;
        EXPECT_TRUE(types.contains(std::string(type.name))) << type.name << " has no file";
    }
}

}  // namespace skald::schemas::testing
