#include "projections/verify/goal.h"

#include <thread>

#include "projections/verify/sql.h"

namespace skald::projections {
namespace {

namespace sql = projections_verify::sql;

constexpr std::chrono::milliseconds pause{50};

Check cursors_now(pq::Connection& connection, const eventstore::Heads& heads) {
    Check check{"cursors", 0, 0, 0, ""};
    const auto rows = connection.query(sql::read_cursors);
    for (int i = 0; i < rows.size(); ++i) {
        const auto partition = static_cast<std::size_t>(rows.int4(i, 1));
        const auto head = partition < heads.size() ? heads[partition].value() : 0;
        ++check.expected;
        if (rows.int8(i, 2) >= head) {
            ++check.found;
        } else if (check.differences++ == 0) {
            check.first_difference = rows.text(i, 0) + ", partition " + std::to_string(partition) +
                                     ": at position " + std::to_string(rows.int8(i, 2)) + " of " +
                                     std::to_string(head);
        }
    }
    return check;
}

}  // namespace

Goal::Goal(const VerifyOptions& options) {
    if (!options.patience) return;
    patience_ = *options.patience;
    pq::Connection connection(options.reader);
    const auto rows = connection.query(sql::read_heads);
    for (int i = 0; i < rows.size(); ++i) heads_.emplace_back(rows.int8(i, 1));
}

bool Goal::may_wait() const {
    if (waited_ >= patience_) return false;
    std::this_thread::sleep_for(pause);  // sleep: nobody tells when other processes are further
    waited_ += pause;
    return true;
}

void check_cursors(const VerifyOptions& options, const Goal& goal, VerifyReport& report) {
    pq::Connection connection(options.reader);
    auto check = cursors_now(connection, goal.heads());
    while (check.differences > 0 && goal.may_wait()) check = cursors_now(connection, goal.heads());
    report.checks.push_back(std::move(check));
}

}  // namespace skald::projections
