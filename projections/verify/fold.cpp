#include "projections/verify/fold.h"

#include <set>

#include "projections/all.h"
#include "projections/engine/registry.h"
#include "projections/engine/table_sql.h"
#include "projections/verify/sql.h"
#include "schemas/catalogue.h"

namespace skald::projections {
namespace {

namespace sql = projections_verify::sql;

constexpr std::int64_t chunk = 5000;

struct Comparison {
    std::string_view table;
    std::string_view projection;
    std::string_view sql;  // "expected AS (...), found AS (...)", from `seen`
};

constexpr Comparison comparisons[] = {
    {"accounts", "accounts", sql::fold_accounts},
    {"cart_items", "carts", sql::fold_cart_items},
    {"carts", "carts", sql::fold_carts},
    {"order_lines", "orders", sql::fold_order_lines},
    {"order_portions", "orders", sql::fold_order_portions},
    {"order_timeline", "orders", sql::fold_order_timeline},
    {"orders", "orders", sql::fold_orders},
    {"payment_doubts", "payments", sql::fold_payment_doubts},
    {"payment_movements", "payments", sql::fold_payment_movements},
    {"payment_promises", "payments", sql::fold_payment_promises},
    {"payment_refunds", "payments", sql::fold_payment_refunds},
    {"payments", "payments", sql::fold_payments},
    {"products", "products", sql::fold_products},
    {"sales_by_day", "sales", sql::fold_sales_by_day},
    {"sales_by_department", "sales", sql::fold_sales_by_department},
    {"sales_by_sku", "sales", sql::fold_sales_by_sku},
    {"stock_holds", "stock_levels", sql::fold_stock_holds},
    {"stock_levels", "stock_levels", sql::fold_stock_levels},
};

pq::Settings unhurried(pq::Settings settings) {
    settings.application_name = "skald verify";
    settings.answer_timeout = std::chrono::hours(2);
    settings.statement_timeout = std::chrono::hours(1);
    settings.idle_in_transaction_timeout = std::chrono::hours(1);
    return settings;
}

// Whether a string of the JSON has a NUL in it: \u0000, behind no backslash or an even number of
// them. The six characters themselves are written \\u0000.
bool holds_nul(const std::string& json) {
    constexpr std::string_view escape = "\\u0000";
    for (auto at = json.find(escape); at != std::string::npos; at = json.find(escape, at + 1)) {
        std::size_t before = 0;
        while (before < at && json[at - before - 1] == '\\') ++before;
        if (before % 2 == 0) return true;
    }
    return false;
}

// An event as JSON, or nothing where its type is unknown, it cannot be decoded, or the JSON holds
// what jsonb cannot (a NUL): such an event is parked wherever it matters.
std::optional<std::string> json_of(const std::string& type, std::int32_t schema_version,
                                   const std::string& data) {
    auto json = schemas::to_json(type, schema_version, data);
    if (!json || holds_nul(*json)) return std::nullopt;
    return std::move(*json);
}

class Fold {
  public:
    explicit Fold(const VerifyOptions& options)
        : options_(options), connection_(unhurried(options.reader)) {
        connection_.script("SET work_mem = '128MB'; SET temp_buffers = '64MB'");
    }

    void run(VerifyReport& report) {
        pq::Transaction snapshot(connection_, "ISOLATION LEVEL REPEATABLE READ");
        connection_.script(sql::create_tables);
        connection_.query(sql::fill_cursors);
        report.parked_keys = connection_.query(sql::fill_parked).affected();
        report.events = take_events();
        fill_types();
        connection_.script("ANALYZE verify_events, verify_cursors, verify_parked, verify_types");
        report.checks.push_back(check_in("receipts", connection_.query(sql::check_receipts)));
        report.checks.push_back(check_in(
            "parked_events",
            connection_.query(std::string(sql::fold_parked_events) + std::string(sql::compare))));
        for (const auto& one : comparisons) {
            const auto live = live_version(connection_, std::string(one.projection));
            if (!live) continue;
            report.checks.push_back(check_in(std::string(one.table), compare(one, live->version)));
        }
    }  // rolled back: nothing is to stay

  private:
    std::int64_t take_events() {
        std::int64_t total = 0;
        std::int64_t done = 0;
        const auto reach = connection_.query(sql::read_reach);
        for (int i = 0; i < reach.size(); ++i) total += reach.int8(i, 1);
        for (int i = 0; i < reach.size(); ++i) {
            const auto end = reach.int8(i, 1);
            for (std::int64_t at = 0; at < end;) {
                const auto before = at;
                at = take_chunk(reach.int4(i, 0), at, end);
                if (at == before) break;  // the log lacks what cursors say: the fold will show it
                done += at - before;
                if (options_.progress) options_.progress(done, total);
            }
        }
        return done;
    }

    std::int64_t take_chunk(std::int32_t partition, std::int64_t after, std::int64_t end) {
        const auto rows = connection_.prepared(
            sql::read_events, pq::Params().int4(partition).int8(after).int8(end).int8(chunk));
        std::vector<std::int64_t> positions, versions, times;
        std::vector<std::string> streams, keys, types;
        std::vector<std::int32_t> schema_versions;
        std::vector<std::optional<std::string>> data;
        for (int i = 0; i < rows.size(); ++i) {
            positions.push_back(rows.int8(i, 0));
            streams.push_back(rows.text(i, 1));
            const auto name = eventstore::StreamName::parse(streams.back());
            keys.emplace_back(name ? name->partition_key() : std::string_view());
            versions.push_back(rows.int8(i, 2));
            types.push_back(rows.text(i, 3));
            schema_versions.push_back(rows.int4(i, 4));
            types_.emplace(types.back(), schema_versions.back());
            times.push_back(rows.timestamp(i, 5));
            data.push_back(json_of(types.back(), rows.int4(i, 4), rows.bytea(i, 6)));
        }
        if (positions.empty()) return after;
        connection_.prepared(sql::add_events, pq::Params()
                                                  .int4(partition)
                                                  .int8_array(positions)
                                                  .text_array(streams)
                                                  .text_array(keys)
                                                  .int8_array(versions)
                                                  .text_array(types)
                                                  .int4_array(schema_versions)
                                                  .timestamp_array(times)
                                                  .text_array(data));
        return positions.back();
    }

    // What each projection has to apply, or to hold back, of the types that the log has.
    void fill_types() {
        for (const auto* projection : all_projections()) {
            std::vector<std::string> types;
            std::vector<std::int32_t> schema_versions;
            for (const auto& [type, schema_version] : types_) {
                if (!projection->subscribes_to(type) && projection->knows(type, schema_version))
                    continue;
                types.push_back(type);
                schema_versions.push_back(schema_version);
            }
            connection_.query(
                sql::fill_types,
                pq::Params().text(projection->name).text_array(types).int4_array(schema_versions));
        }
    }

    pq::Rows compare(const Comparison& one, std::int32_t version) {
        std::string text(sql::seen);
        for (auto at = text.find("{name}"); at != std::string::npos; at = text.find("{name}"))
            text.replace(at, std::string_view("{name}").size(), one.projection);
        text += at_version(one.sql, version);
        text += sql::compare;
        return connection_.query(text);
    }

    static Check check_in(std::string name, const pq::Rows& rows) {
        return {std::move(name), rows.int8(0, 0), rows.int8(0, 1), rows.int8(0, 2),
                rows.text(0, 3)};
    }

    const VerifyOptions& options_;
    pq::Connection connection_;
    std::set<std::pair<std::string, std::int32_t>> types_;
};

}  // namespace

void check_read_tables(const VerifyOptions& options, VerifyReport& report) {
    Fold(options).run(report);
}

}  // namespace skald::projections
