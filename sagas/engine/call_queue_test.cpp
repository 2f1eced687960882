// Whose turn it is to call the world.
#include "sagas/engine/call_queue.h"

#include <gtest/gtest.h>

#include <set>

namespace skald::sagas {
namespace {

struct Partner : World {
    bool open = true;
    bool is_tried = false;
    const World* shared = this;
    const void* partner() const override { return shared; }
    std::size_t room() const override { return !open ? 0 : is_tried ? 1 : World::room(); }
    CallResult call(const saga::State&, std::string_view, bool, const std::string&,
                    milliseconds) override {
        return {};
    }
    CallResult ask(const saga::State&, std::string_view, bool, const std::string&,
                   milliseconds) override {
        return {};
    }
};

class CallQueueTest : public ::testing::Test {
  protected:
    void wish(World& world, const std::string& subject) {
        queue.add(world, {eventstore::StreamName::of("tour", subject), {}, subject});
    }
    // Whose turn it is, or nothing.
    std::string next() {
        const auto wish = queue.next();
        return wish ? wish->key : "";
    }
    void over(const std::string& subject) {
        queue.over(eventstore::StreamName::of("tour", subject));
    }
    Partner bank, carrier;
    CallQueue queue{1}, wide{9};
};

// Whichever partner stood first had all the places for as long as anybody waited for it.
TEST_F(CallQueueTest, PartnersTakeTurns) {
    for (const auto* subject : {"b1", "b2"}) wish(bank, subject);
    for (const auto* subject : {"c1", "c2"}) wish(carrier, subject);
    std::string order;
    for (auto one = next(); !one.empty(); one = next()) {
        order += one.substr(0, 1);
        over(one);
    }
    EXPECT_TRUE(order == "bcbc" || order == "cbcb") << order;
}

TEST_F(CallQueueTest, APlaceIsTakenUntilItsCallIsOver) {
    wish(bank, "b1");
    wish(bank, "b2");
    EXPECT_EQ(next(), "b1");
    EXPECT_EQ(next(), "");
    EXPECT_FALSE(queue.waits_for_the_world());
    over("b1");
    EXPECT_EQ(next(), "b2");
}

TEST_F(CallQueueTest, WhoTakesNoCallsKeepsNobodyElseWaiting) {
    bank.open = false;
    wish(bank, "b1");
    wish(carrier, "c1");
    EXPECT_EQ(next(), "c1");
    over("c1");
    EXPECT_EQ(next(), "");
    EXPECT_TRUE(queue.waits_for_the_world());
    bank.open = true;
    EXPECT_EQ(next(), "b1");
}

// A world that was away is tried with one call, and all who waited for it claimed an attempt then,
// which was turned away.
TEST_F(CallQueueTest, WhoIsTriedIsCalledByOne) {
    bank.is_tried = true;
    for (const auto* subject : {"b1", "b2"})
        wide.add(bank, {eventstore::StreamName::of("tour", subject), {}, subject});
    wide.add(carrier, {eventstore::StreamName::of("tour", "c1"), {}, "c1"});
    std::set<std::string> called;
    while (const auto wish = wide.next()) called.insert(wish->key);
    EXPECT_EQ(called, (std::set<std::string>{"b1", "c1"}));
    EXPECT_TRUE(wide.waits_for_the_world());
    wide.over(eventstore::StreamName::of("tour", "b1"));
    EXPECT_EQ(wide.next()->key, "b2");
}

// Each kind of saga has a world of its own to the one payment provider, and each tried it with a
// call: all but one were turned away.
TEST_F(CallQueueTest, WorldsOfOnePartnerShareItsRoom) {
    carrier.shared = &bank;
    bank.is_tried = carrier.is_tried = true;
    wide.add(bank, {eventstore::StreamName::of("tour", "b1"), {}, "b1"});
    wide.add(carrier, {eventstore::StreamName::of("tour", "c1"), {}, "c1"});
    const auto first = wide.next();
    ASSERT_TRUE(first);
    EXPECT_FALSE(wide.next());
    wide.over(first->stream);
    EXPECT_TRUE(wide.next());
}

}  // namespace
}  // namespace skald::sagas
