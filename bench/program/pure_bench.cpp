// The parts without a server, by Google Benchmark: deciding, folding, bytes, JSON, cursors. The
// control is a plain parse of the same order's JSON, in turns with them.
#include <benchmark/benchmark.h>

#include <map>
#include <nlohmann/json.hpp>

#include "api/http/page_cursor.h"
#include "api/json/parse.h"
#include "api/json/read.h"
#include "api/json/write.h"
#include "api/routes/order_bodies.h"
#include "bench/program/benches.h"
#include "bench/program/figures.h"
#include "commands/aggregate.h"
#include "eventstore/kafka/record.h"
#include "schemas/meta.h"
#include "schemas/order/codec.h"
#include "schemas/stock/codec.h"

namespace skald::bench {
namespace {

constexpr int order_lines = 10;
const std::string plain_parse = "nlohmann::json::parse of an order";

std::string order_json() {
    auto lines = nlohmann::json::array();
    for (int i = 0; i < order_lines; ++i)
        lines.push_back({{"sku", "BENCH-" + std::to_string(i)}, {"quantity", i + 1}});
    return nlohmann::json{{"account_id", "0192f0c1a2b37c4d8e5f60718293a4b5"},
                          {"lines", lines},
                          {"payment", {{"method", "card-ok"}}}}
        .dump();
}

order::Event placed_order() {
    const auto euro = kernel::Currency::make("EUR").value();
    order::Placed placed{.account = kernel::AccountId("0192f0c1a2b37c4d8e5f60718293a4b5"),
                         .lines = {},
                         .total = {0, euro},
                         .payment_method = "card-ok",
                         .placed_at = kernel::Timestamp(1'700'000'000'000'000)};
    std::int64_t total = 0;
    for (int i = 0; i < order_lines; ++i) {
        placed.lines.push_back({.sku = kernel::Sku("BENCH-" + std::to_string(i)),
                                .title = "A thing to measure with",
                                .department = "Bench",
                                .quantity = 1,
                                .unit_price = {399, euro},
                                .total = {399, euro}});
        total += 399;
    }
    placed.total = {total, euro};
    return placed;
}

eventstore::StoredEvent stored_receipt() {
    const auto bytes = schemas::stock::encode(stock::Event(stock::Received{.quantity = 5}));
    return {.partition = eventstore::Partition(3),
            .position = eventstore::Position(1),
            .stream = eventstore::StreamName::of("stock", "BENCH-00042"),
            .version = eventstore::Version(1),
            .type = bytes.type,
            .schema_version = bytes.schema_version,
            .id = eventstore::event_id(eventstore::CommandId(), 1),
            .command = eventstore::CommandId(),
            .command_seq = 1,
            .recorded_at = eventstore::RecordedAt(1'700'000'000'000'000),
            .meta = schemas::encode_meta(
                {.principal = "anonymous",
                 .correlation_id = "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5",
                 .causation_id = {},
                 .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}),
            .data = bytes.data};
}

// One more thing to measure: `work` is done again and again, and what it gives is looked at.
template <class Work>
void measure(const std::string& name, Work work) {
    benchmark::RegisterBenchmark(name.c_str(), [work](benchmark::State& state) {
        for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(work());
    });
}

void add_all() {
    measure(plain_parse, [text = order_json()] { return nlohmann::json::parse(text); });
    measure("read an order's JSON",
            [text = order_json()] { return json::read<routes::PlaceOrder>(*json::parse(text)); });
    measure("write an order's JSON",
            [body = *json::read<routes::PlaceOrder>(*json::parse(order_json()))] {
                return json::to_text(body);
            });
    measure("decide a receipt", [state = stock::State()] {
        return stock::decide(state, stock::Receive{.quantity = 5, .reference = std::nullopt});
    });
    measure("fold a stored receipt",
            [fold = commands::folds().at("stock"), event = stored_receipt()] {
                auto state = fold->initial();
                fold->apply(state, event);
                return state;
            });
    measure("encode an order of 10 lines",
            [event = placed_order()] { return schemas::order::encode(event); });
    measure("decode an order of 10 lines", [bytes = schemas::order::encode(placed_order())] {
        return schemas::order::decode(bytes.type, bytes.schema_version, bytes.data);
    });
    measure("make a Kafka record", [event = stored_receipt()] {
        static const eventstore::RecordFormat format{.meta_headers = schemas::meta_headers};
        return record_of(event, eventstore::Era(1), format);
    });
    static const http::CursorCodec codec("0123456789abcdef0123456789abcdef");
    static const http::Cursor cursor{.keys = {"2026-01-01T00:00:00Z", "0192f0c1a2b37c4d"}};
    measure("sign a page cursor", [] { return codec.encode(cursor, "orders"); });
    measure("check a page cursor",
            [text = codec.encode(cursor, "orders")] { return codec.decode(text, "orders"); });
}

// Keeps each run's time instead of printing it.
class Collector : public benchmark::BenchmarkReporter {
  public:
    bool ReportContext(const Context&) override { return true; }
    void ReportRuns(const std::vector<Run>& runs) override {
        for (const auto& run : runs) {
            if (run.error_occurred) throw std::runtime_error(run.error_message);
            if (run.run_type != Run::RT_Iteration) continue;
            Sample sample;
            sample.seconds = run.real_accumulated_time;
            sample.operations = static_cast<std::uint64_t>(run.iterations);
            samples[run.run_name.function_name].add(std::move(sample));
        }
    }
    std::map<std::string, Samples> samples;
};

double ns_of(const Samples& samples) { return 1e9 / samples.rate(); }

}  // namespace

void bench_pure(const Options& options) {
    add_all();
    std::vector<std::string> words{
        "skald_bench", "--benchmark_enable_random_interleaving=true",
        "--benchmark_repetitions=" + std::to_string(options.rounds),
        "--benchmark_min_time=" + std::to_string((options.seconds / options.rounds).count())};
    std::vector<char*> pointers;
    for (auto& word : words) pointers.push_back(word.data());
    int count = static_cast<int>(pointers.size());
    benchmark::Initialize(&count, pointers.data());
    tell("pure: " + std::to_string(options.rounds) + " rounds");
    Collector collector;
    benchmark::RunSpecifiedBenchmarks(&collector);
    const double control = ns_of(collector.samples.at(plain_parse));
    for (const auto& [name, samples] : collector.samples) {
        if (name == plain_parse) continue;
        print({.bench = "pure",
               .metric = name,
               .value = ns_of(samples),
               .unit = "ns",
               .control = plain_parse,
               .control_value = control});
    }
}

}  // namespace skald::bench
