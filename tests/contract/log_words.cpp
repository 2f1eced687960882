// How the contract's cases say what is appended and what came of it; declared in log_contract.h.
#include <map>

#include "tests/contract/log_contract.h"

namespace skald::tests {

using namespace eventstore;

CommandId id(int n) {
    Uuid value{};
    for (int i = 0; i < 4; ++i) value.data[12 + i] = static_cast<std::uint8_t>(n >> (8 * (3 - i)));
    value.data[0] = 1;
    return CommandId(value);
}

StreamName stream(const std::string& text) { return *StreamName::parse(text); }
NewEvent event(const std::string& data) {
    return {.type = "test.noted", .schema_version = 1, .data = data, .meta = "m"};
}

StreamUse uses(const std::string& name, std::int64_t expected, std::vector<std::string> data) {
    StreamUse use{.stream = stream(name), .expected = Version(expected)};
    for (const auto& one : data) use.events.push_back(event(one));
    return use;
}

AppendCommand command(int n, std::vector<StreamUse> all) {
    return {.id = id(n), .fingerprint = {static_cast<std::uint8_t>(n)}, .uses = std::move(all)};
}

AppendCommand verdict(int n, Verdict verdict, bool receipt, std::vector<StreamUse> all) {
    auto made = command(n, std::move(all));
    made.verdict = verdict;
    made.leaves_receipt = receipt;
    return made;
}

std::string kinds(const AppendResult& result) {
    static const std::map<OutcomeKind, std::string> names{{OutcomeKind::accepted, "accepted"},
                                                          {OutcomeKind::duplicate, "duplicate"},
                                                          {OutcomeKind::conflict, "conflict"},
                                                          {OutcomeKind::behind, "behind"},
                                                          {OutcomeKind::invalid, "invalid"}};
    std::string text;
    for (const auto& outcome : result.outcomes)
        text += (text.empty() ? "" : " ") + names.at(outcome.kind);
    return text;
}

std::string content(Log& log, const std::string& name) {
    const StreamFrom from[] = {{stream(name), Version(0)}};
    std::string text;
    for (const auto& stored : log.read_streams(from, 1000))
        text += (text.empty() ? "" : " ") + stored.data;
    return text;
}

}  // namespace skald::tests
