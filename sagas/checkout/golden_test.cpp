// Checkouts that were once stored, by each version of the definition: today's program reads them,
// and brings each to a proper end from every place where it may have stopped. A file of golden/
// (version 1) or golden/2/ holds the events of one course, of the saga and beside it, in the order
// they were appended: stream, type, schema version, bytes. SKALD_RECORD=1 writes those that do not
// exist yet; none is ever overwritten.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "sagas/checkout/checkout.h"
#include "sagas/checkout/input.h"
#include "sagas/checkout/shop.h"
#include "schemas/order/codec.h"
#include "schemas/payment/codec.h"

namespace skald::sagas {
namespace {

using kernel::name_of;
using saga::Outcome;
using saga::Phase;

std::string folder_of(int version) {
    return "sagas/checkout/golden/" + (version == 1 ? "" : std::to_string(version) + "/");
}

std::string hex(const std::string& bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        text += digits[static_cast<unsigned char>(c) >> 4];
        text += digits[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

// Of `-`: none.
std::string bytes(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        out += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
    return out;
}

struct Line {
    std::string stream, type, data;
    int schema_version = 1;
};

// A checkout with its order and payment.
class Course {
  public:
    explicit Course(int version) : process(checkout(version)) {}

    std::vector<Line> lines;
    saga::State saga;
    testing::Shop shop;

    void read(const Line& line) {
        const auto fold = [&](auto& state, const auto& event) {
            ASSERT_TRUE(event) << line.type << ": " << event.error().detail;
            apply(state, *event);
        };
        if (line.stream == "order")
            return fold(shop.order,
                        schemas::order::decode(line.type, line.schema_version, line.data));
        if (line.stream == "payment")
            return fold(shop.payment,
                        schemas::payment::decode(line.type, line.schema_version, line.data));
        fold(saga, schemas::saga::decode(line.type, line.schema_version, line.data));
    }
    void append(const std::string& stream, const schemas::Encoded& event) {
        lines.push_back({stream, event.type, event.data, event.schema_version});
        read(lines.back());
    }

    // A second later, or at the deadline.
    bool hear(const Input& input) {
        now = std::holds_alternative<Due>(input) ? *next_due(*process, saga) : now + 1'000'000;
        CheckoutCompanions beside(shop.order, shop.payment);
        const auto reaction = react(*process, saga, input, beside, now);
        if (!reaction || reaction->empty()) return false;
        for (const auto& event : *reaction) append("saga", schemas::saga::encode(event));
        const auto events = beside.events("");
        for (const auto& event : events.at(0))
            append("order", {event.type, event.schema_version, event.data});
        for (const auto& event : events.at(1))
            append("payment", {event.type, event.schema_version, event.data});
        return true;
    }
    void place(bool ships) {
        const auto placed = testing::placed(2, ships);
        append("order", schemas::order::encode(placed));
        hear(Start{"o", encode(input_of(placed)), ""});
    }
    void reply(const char* step, int item, Outcome outcome) {
        hear(Replies{step,
                     outcome == Outcome::undone,
                     {{item, outcome, outcome == Outcome::refused ? "stock_not_enough" : ""}}});
    }
    void both(const char* step, Outcome outcome) {
        for (const int item : {0, 1}) reply(step, item, outcome);
    }
    void call(const char* step, Outcome outcome, bool undo = false) {
        hear(Claim{step, undo, false});
        result(step, outcome, undo);
    }
    void result(const char* step, Outcome outcome, bool undo = false, bool asked = false) {
        const auto& record = *saga.find(step);
        hear(AttemptResult{step, undo, outcome, outcome == Outcome::refused ? "declined" : "",
                           outcome == Outcome::done ? std::string("ref-") + step : "", asked, "",
                           (undo ? record.undo : record.forward).count});
    }
    void customer_cancels() {
        const auto decided =
            order::decide(shop.order, order::RequestCancel{"changed my mind", now});
        for (const auto& event : *decided) append("order", schemas::order::encode(event));
        hear(Abort{"cancelled"});
    }

    // To its end, in a world that does all it is asked for.
    void go_on() {
        constexpr int steps_max = 100;
        for (int i = 0; i < steps_max && !saga::ended(saga.phase); ++i) {
            if (saga.phase == Phase::stuck) {
                hear(Repair{RepairAction::retry, "op", "why"});
                continue;
            }
            const auto wanted = effects(*process, saga);
            if (wanted.empty()) {
                // A call is under way.
                const auto& record = *saga.find(saga.current->step);
                result(record.name.c_str(), Outcome::done, record.undo.open);
                continue;
            }
            const auto& effect = wanted.front();
            const auto* step = effect.step.c_str();
            switch (effect.kind) {
                case EffectKind::send:
                    reply(step, effect.item, Outcome::done);
                    break;
                case EffectKind::undo:
                case EffectKind::cancel:
                    reply(step, effect.item, Outcome::undone);
                    break;
                case EffectKind::claim:
                    hear(Claim{effect.step, effect.undo, false});
                    break;
                case EffectKind::ask:
                    result(step, Outcome::done, effect.undo, true);
                    break;
                case EffectKind::start_child:
                    FAIL() << "a checkout has no children";
            }
        }
    }

    const std::shared_ptr<const Process> process;
    kernel::Timestamp now{1'700'000'000'000'000};
};

// Of the name, what stands before the first `_` is how the course ends.
struct Kept {
    const char* name;
    bool ships;
    void (*run)(Course&);
    int version = 1;
};

void sold(Course& c) {
    c.both("reserve", Outcome::done);
    c.call("authorise", Outcome::done);
    c.both("allocate", Outcome::done);
    c.call("capture", Outcome::done);
}

const Kept version_1[] = {
    {"completed_shipped", true,
     [](Course& c) {
         c.both("reserve", Outcome::done);
         c.call("authorise", Outcome::done);
         c.both("allocate", Outcome::done);
     }},
    {"completed_not_shipped", false,
     [](Course& c) {
         c.reply("reserve", 1, Outcome::done);
         c.reply("reserve", 0, Outcome::done);
         c.call("authorise", Outcome::not_sent);
         c.hear(Claim{"authorise", false, false});
         c.hear(Due{});
         c.result("authorise", Outcome::done, false, true);
         c.both("allocate", Outcome::done);
         c.call("capture", Outcome::unknown);
         c.hear(Claim{"capture", false, true});
         c.result("capture", Outcome::done);
     }},
    {"undone_declined", true,
     [](Course& c) {
         c.both("reserve", Outcome::done);
         c.call("authorise", Outcome::refused);
         c.both("reserve", Outcome::undone);
     }},
    {"undone_out_of_stock", true,
     [](Course& c) {
         c.reply("reserve", 0, Outcome::done);
         c.reply("reserve", 1, Outcome::refused);
         c.reply("reserve", 0, Outcome::undone);
     }},
    {"undone_reserve_timed_out", true,
     [](Course& c) {
         c.reply("reserve", 0, Outcome::done);
         c.hear(Due{});
         c.both("reserve", Outcome::undone);
     }},
    {"undone_cancelled_while_authorising", true,
     [](Course& c) {
         c.both("reserve", Outcome::done);
         c.call("authorise", Outcome::unknown);
         c.customer_cancels();
         c.result("authorise", Outcome::done, false, true);
         c.call("authorise", Outcome::unknown, true);
         c.result("authorise", Outcome::not_sent, true, true);
         c.call("authorise", Outcome::done, true);
         c.both("reserve", Outcome::undone);
     }},
    {"undone_never_authorised", true,
     [](Course& c) {
         c.both("reserve", Outcome::done);
         c.call("authorise", Outcome::unknown);
         c.hear(Due{});  // of the step
         c.result("authorise", Outcome::not_sent, false, true);
         c.both("reserve", Outcome::undone);
     }},
    {"stuck_release_refused", true,
     [](Course& c) {
         c.both("reserve", Outcome::done);
         c.call("authorise", Outcome::refused);
         c.hear(Replies{"reserve", true, {{0, Outcome::refused, "stock_locked"}}});
     }},
    {"stuck_void_timed_out", true,
     [](Course& c) {
         c.both("reserve", Outcome::done);
         c.hear(Claim{"authorise", false, false});
         c.customer_cancels();
         c.result("authorise", Outcome::done);
         c.call("authorise", Outcome::unknown, true);
         c.hear(Due{});
     }},
    {"stuck_allocate_refused", true,
     [](Course& c) {
         c.both("reserve", Outcome::done);
         c.call("authorise", Outcome::done);
         c.reply("allocate", 1, Outcome::refused);
     }},
    {"stuck_capture_refused_again", false,
     [](Course& c) {
         c.both("reserve", Outcome::done);
         c.call("authorise", Outcome::done);
         c.both("allocate", Outcome::done);
         c.call("capture", Outcome::refused);
         c.hear(Repair{RepairAction::retry, "op", "why"});
         c.call("capture", Outcome::refused);
     }},
    {"abandoned_capture_unknown", false,
     [](Course& c) {
         c.both("reserve", Outcome::done);
         c.call("authorise", Outcome::done);
         c.both("allocate", Outcome::done);
         c.call("capture", Outcome::unknown);
         c.hear(Due{});
         c.hear(Repair{RepairAction::abandon, "op", "why"});
     }},
};

// Those that come as far as goods taken out of stock.
const Kept only_version_2[] = {
    {"completed_not_shipped", false,
     [](Course& c) {
         sold(c);
         c.reply("take_out", 1, Outcome::done);
         c.reply("take_out", 0, Outcome::done);
     }},
    {"completed_cancelled_once_paid", false,
     [](Course& c) {
         sold(c);
         c.customer_cancels();
         c.both("take_out", Outcome::done);
     }},
    {"stuck_take_out_refused", false,
     [](Course& c) {
         sold(c);
         c.reply("take_out", 0, Outcome::done);
         c.reply("take_out", 1, Outcome::refused);
     }},
};

std::vector<Kept> all_kept() {
    std::vector<Kept> all(std::begin(version_1), std::end(version_1));
    for (Kept row : only_version_2) {
        row.version = 2;
        all.push_back(row);
    }
    for (Kept row : version_1) {
        row.version = 2;
        if (row.name != std::string_view("completed_not_shipped")) all.push_back(row);
    }
    return all;
}

std::vector<Line> stored(const Kept& row) {
    std::ifstream in(folder_of(row.version) + row.name + ".events");
    std::vector<Line> lines;
    Line line;
    std::string data;
    while (in >> line.stream >> line.type >> line.schema_version >> data) {
        line.data = bytes(data);
        lines.push_back(line);
    }
    return lines;
}

void record(const Kept& row) {
    const auto path = folder_of(row.version) + row.name + ".events";
    if (std::filesystem::exists(path)) return;
    Course course(row.version);
    course.place(row.ships);
    row.run(course);
    std::filesystem::create_directories(folder_of(row.version));
    std::ofstream out(path);
    for (const auto& line : course.lines)
        out << line.stream << " " << line.type << " " << line.schema_version << " "
            << (line.data.empty() ? "-" : hex(line.data)) << "\n";
}

class CheckoutGolden : public ::testing::TestWithParam<Kept> {};

TEST_P(CheckoutGolden, IsReadAndGoesOnFromEveryPlace) {
    const auto& row = GetParam();
    if (std::getenv("SKALD_RECORD") != nullptr) record(row);
    const auto lines = stored(row);
    ASSERT_GT(lines.size(), 4u);
    Course whole(row.version);
    for (const auto& line : lines) whole.read(line);
    const std::string name = row.name;
    EXPECT_EQ(name_of(whole.saga.phase), name.substr(0, name.find('_')));
    EXPECT_EQ(whole.saga.definition, row.version);
    std::size_t cuts = 0;
    for (std::size_t n = 2; n <= lines.size(); ++n) {
        // Between two appends: an event of the saga is the first of its own.
        if (n < lines.size() && lines[n].stream == "payment") continue;
        if (n < lines.size() && lines[n].stream == "order" &&
            lines[n].type != "order.cancel_requested")
            continue;
        Course course(row.version);
        for (std::size_t i = 0; i < n; ++i) course.read(lines[i]);
        if (course.saga.phase == Phase::abandoned) continue;
        course.now = course.saga.since;
        course.go_on();
        ++cuts;
        const auto phase = course.saga.phase;
        EXPECT_TRUE(phase == Phase::completed || phase == Phase::undone)
            << "cut behind " << n << ": " << name_of(phase) << " " << course.saga.code;
        const auto shop = std::make_shared<const testing::Shop>(course.shop);
        EXPECT_EQ(testing::shop_fault(shop, phase), "") << "cut behind " << n;
    }
    EXPECT_GT(cuts, 3u);
}

INSTANTIATE_TEST_SUITE_P(all, CheckoutGolden, ::testing::ValuesIn(all_kept()), [](const auto& row) {
    return std::string(row.param.name) + "_by_" + std::to_string(row.param.version);
});

TEST(CheckoutGolden, NoFileGoesUnread) {
    std::set<std::string> files, names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_of(1)))
        if (entry.is_regular_file()) files.insert(entry.path().string());
    for (const auto& row : all_kept()) names.insert(folder_of(row.version) + row.name + ".events");
    EXPECT_EQ(files, names);
}

}  // namespace
}  // namespace skald::sagas
