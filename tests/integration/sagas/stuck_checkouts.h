// For tests: a shop whose provider refuses to capture, so that checkouts get stuck, with a driver
// running.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "api/saga_views/rows.h"
#include "domain/kernel/enum_name.h"
#include "projections/migrations/migrations.h"
#include "sagas/migrations/migrations.h"
#include "sagas/operator/desk.h"
#include "tests/integration/sagas/saga_rig.h"
#include "tests/support/database.h"
#include "tests/support/eventually.h"

namespace skald::tests {

class StuckCheckouts : public testing::Test {
  protected:
    void SetUp() override {
        folder =
            std::filesystem::temp_directory_path() / ("skald-repairs-" + std::to_string(getpid()));
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
        rig = std::make_unique<SagaRig>(database.conninfo(), ledger());
        rig->stock_up({{"SONG", 1000}}, {"SONG"});
        rig->provider().refuse_captures(true);
        rig->start();
    }
    void TearDown() override {
        rig.reset();
        std::filesystem::remove_all(folder);
    }

    std::string ledger() const { return (folder / "ledger").string(); }
    eventstore::StreamName place() {
        const auto order = rig->place({{"SONG", 1}}, "card-ok");
        return eventstore::StreamName::of("checkout", eventstore::to_text(order.value()));
    }
    // One after the other, so that this is the order of the list too.
    std::vector<eventstore::StreamName> stuck(int count) {
        std::vector<eventstore::StreamName> all;
        for (int i = 0; i < count; ++i) {
            all.push_back(place());
            EXPECT_TRUE(comes_to(all.back(), saga::Phase::stuck)) << all.back().text();
        }
        return all;
    }
    projections::Page<saga_views::SagaRow> list(const saga_views::SagaFilter& filter = {},
                                                std::int32_t limit = 100) {
        return saga_views::list_sagas(reader, filter, {.limit = limit, .after = {}});
    }
    // In its row, which follows the log.
    bool comes_to(const eventstore::StreamName& saga, saga::Phase phase) {
        return eventually([&] {
            for (const auto& row : list().rows)
                if (row.stream == saga.text()) return row.phase == kernel::name_of(phase);
            return false;
        });
    }
    sagas::Plan plan(sagas::RepairAction action, const std::vector<eventstore::StreamName>& streams,
                     const std::string& reference = {}) {
        eventstore::PgLog log(database.reader());
        return desk.plan(log, {action, "bob", "the bank was closed", reference}, streams, now());
    }
    std::vector<sagas::Applied> apply(const sagas::Plan& plan) {
        // Of its own, as an operator's process has it beside the one that drives.
        eventstore::Executor executor(
            [this] { return std::make_unique<eventstore::PgLog>(database.writer()); }, desk.folds(),
            {});
        return desk.apply(plan, {.executor = executor, .now = [this] { return now(); }});
    }
    static std::vector<eventstore::Migration> migrations() {
        std::vector<eventstore::Migration> all;
        for (const auto& some : {projections::migrations(), sagas::migrations()})
            all.insert(all.end(), some.begin(), some.end());
        return all;
    }
    kernel::Timestamp now() { return sagas::database_time(reader); }
    static order::Status status_of(SagaRig& rig, const eventstore::StreamName& saga) {
        return rig.state<commands::OrderBinding>("order-" + std::string(saga.id())).status;
    }
    std::int64_t captured(const eventstore::StreamName& saga) {
        const auto balance = rig->sandbox().balance(kernel::OrderId(std::string(saga.id())));
        return balance ? balance->captured : 0;
    }

    Database database{saga_partitions, migrations()};
    pq::Connection reader{database.reader()};
    const sagas::Desk desk{sagas::known_sagas()};
    std::filesystem::path folder;
    std::unique_ptr<SagaRig> rig;
};

}  // namespace skald::tests
