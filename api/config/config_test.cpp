#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "api/config/file.h"
#include "api/config/load.h"
#include "api/config/mask.h"
#include "api/config/setting.h"

namespace skald::config {
namespace {

class ConfigFile : public testing::Test {
  protected:
    // A file of this content, gone after the test.
    std::string file(const std::string& content) {
        path_ = testing::TempDir() + "skald-config-" + std::to_string(getpid()) + ".json";
        std::ofstream(path_) << content;
        return path_;
    }
    void TearDown() override {
        if (!path_.empty()) unlink(path_.c_str());
    }

  private:
    std::string path_;
};

std::string shown(const Loaded& loaded, std::string_view name) {
    return std::ranges::find(loaded.effective, name, &Effective::name)->shown;
}
std::string source(const Loaded& loaded, std::string_view name) {
    return std::ranges::find(loaded.effective, name, &Effective::name)->source;
}
std::string keys(const std::vector<Problem>& problems) {
    std::string joined;
    for (const auto& problem : problems) joined += (joined.empty() ? "" : " ") + problem.key;
    return joined;
}

TEST(Config, EveryDefaultIsReadableByItsOwnReader) {
    for (const auto& setting : all_settings()) {
        Config config;
        if (setting.fallback.empty()) continue;
        EXPECT_EQ(setting.read(config, std::string(setting.fallback)), std::nullopt)
            << setting.name;
    }
}

TEST(Config, DefaultsHoldWithoutAnySource) {
    const auto loaded = load({});
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->config.topic, "skald.events");
    EXPECT_EQ(loaded->config.listen.text(), "127.0.0.1:8080");
    EXPECT_EQ(loaded->config.ops_listen.text(), "127.0.0.1:8081");
    EXPECT_EQ(loaded->config.lease, std::chrono::milliseconds(3000));
    EXPECT_EQ(loaded->config.partitions, 16);
    EXPECT_EQ(loaded->config.roles.size(), 3U);
    EXPECT_EQ(source(*loaded, "topic"), "default");
    EXPECT_FALSE(loaded->given("topic"));
}

TEST(Config, TheLimitsOfThePaymentProviderAreSettings) {
    const auto limits = [](const Sources& sources) {
        const auto config = load(sources)->config;
        return std::vector<std::int64_t>{
            config.payment_call.count(), static_cast<std::int64_t>(config.payment_calls_max),
            config.payment_circuit_failures, config.payment_circuit_open.count(),
            config.payment_circuit_successes};
    };
    EXPECT_EQ(limits({}), (std::vector<std::int64_t>{3000, 8, 5, 30'000, 3}));
    EXPECT_EQ(limits({.environment = {{"SKALD_PAYMENT_CALL_MS", "700"},
                                      {"SKALD_PAYMENT_CALLS_MAX", "16"},
                                      {"SKALD_PAYMENT_CIRCUIT_FAILURES", "9"}},
                      .flags = {{"payment_circuit_open_ms", "1500"},
                                {"payment_circuit_successes", "1"}}}),
              (std::vector<std::int64_t>{700, 16, 9, 1500, 1}));
}

TEST(Config, SagasAreDrivenByDefaultOnlyWhereSomebodyMovesTheMoney) {
    const auto with = load({.environment = {{"SKALD_PAYMENT_URL", "sandbox:/tmp/ledger"}}});
    EXPECT_TRUE(with->config.has(Role::sagas));
    EXPECT_EQ(shown(*with, "roles"), "api,relay,projector,sagas");
    const auto without = load({});
    EXPECT_FALSE(without->config.has(Role::sagas));
    EXPECT_EQ(shown(*without, "roles"), "api,relay,projector");
    EXPECT_EQ(without->config.roles.size(), 3U);
    EXPECT_FALSE(without->given("roles"));
}

TEST(Config, SagasThatWereAskedForStayAndNeedTheirPaymentProvider) {
    const auto required = [](const Config& config) {
        return std::vector<std::string>{config.has(Role::sagas) ? "payment_url" : "topic"};
    };
    const auto loaded = load({.flags = {{"roles", "api,sagas"}}}, required);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(keys(loaded.error()), "SKALD_PAYMENT_URL");
    EXPECT_TRUE(load({.flags = {{"roles", "api,sagas"}}})->config.has(Role::sagas));
}

TEST_F(ConfigFile, LaterSourceOverrulesEarlierOne) {
    const auto path = file(R"({
        // comments are allowed
        "topic": "from.file", "workers": 3, "partitions": 5,
        "roles": ["api", "relay"], /* here too */ "allow_degraded": true
    })");
    const auto loaded = load({.environment = {{"SKALD_TOPIC", "from.env"}, {"SKALD_WORKERS", "4"}},
                              .flags = {{"topic", "from.flag"}},
                              .file = path});
    ASSERT_TRUE(loaded) << loaded.error().front().sentence;
    EXPECT_EQ(loaded->config.topic, "from.flag");
    EXPECT_EQ(loaded->config.workers, 4U);
    EXPECT_EQ(loaded->config.partitions, 5);
    EXPECT_TRUE(loaded->config.allow_degraded);
    EXPECT_EQ(loaded->config.roles, (std::set{Role::api, Role::relay}));
    EXPECT_EQ(source(*loaded, "topic"), "flag");
    EXPECT_EQ(source(*loaded, "workers"), "environment");
    EXPECT_EQ(source(*loaded, "partitions"), path);
}

TEST_F(ConfigFile, EnvironmentNamesTheFileUnlessAFlagDoes) {
    const auto path = file(R"({"topic": "named"})");
    EXPECT_EQ(load({.environment = {{"SKALD_CONFIG", path}}})->config.topic, "named");
    EXPECT_FALSE(load({.environment = {{"SKALD_CONFIG", path}}, .file = "/nowhere.json"}));
}

TEST_F(ConfigFile, AllProblemsOfAllSourcesAreReportedAtOnce) {
    const auto path = file(R"({"topc": "x", "lease_ms": "soon", "redis": {"host": "h"}})");
    const auto loaded = load({.environment = {{"SKALD_WORKER", "4"}, {"SKALD_KAFKA", "nine"}},
                              .flags = {{"partitions", "0"}},
                              .file = path},
                             [](const Config&) { return std::vector<std::string>{"pg"}; });
    ASSERT_FALSE(loaded);
    EXPECT_EQ(keys(loaded.error()),
              "redis topc SKALD_WORKER SKALD_KAFKA --partitions lease_ms SKALD_PG");
}

struct BadValue {
    std::string name;
    std::string value;
    std::string must_be;  // what the sentence says at least
};

class EveryBadValue : public testing::TestWithParam<BadValue> {};

TEST_P(EveryBadValue, IsRefusedNamingTheKeyAndWhatItMustBe) {
    const auto& [name, value, must_be] = GetParam();
    const auto variable = find_setting(name)->env();
    const auto loaded = load({.environment = {{variable, value}}});
    ASSERT_FALSE(loaded);
    ASSERT_EQ(loaded.error().size(), 1U);
    EXPECT_EQ(loaded.error()[0].key, variable);
    EXPECT_NE(loaded.error()[0].sentence.find(must_be), std::string::npos)
        << loaded.error()[0].sentence;
}

INSTANTIATE_TEST_SUITE_P(
    Config, EveryBadValue,
    testing::Values(
        BadValue{"sandbox_ledger", "", "path"}, BadValue{"sandbox_ledger", "a\nb", "path"},
        BadValue{"sandbox_listen", "9090", "host:port"}, BadValue{"pg", "", "postgresql://"},
        BadValue{"pg", "skald", "postgresql://"},
        BadValue{"pg", "mysql://h/d?a=b", "postgresql://"},
        BadValue{"pg_owner", "http://x", "postgresql://"}, BadValue{"redis", "", "127.0.0.1:6379"},
        BadValue{"redis", "h:0", "redis://"}, BadValue{"redis", "redis://h:6379/db", "redis://"},
        BadValue{"redis", "rediss://h:6379", "redis://"},
        BadValue{"redis", "a b:6379", "127.0.0.1:6379"},
        BadValue{"redis_prefix", "a b", "no blanks"},
        BadValue{"redis_prefix", std::string(65, 'x'), "at most 64"},
        BadValue{"kafka", "127.0.0.1", "127.0.0.1:9092"}, BadValue{"kafka", "a:1,", "9092"},
        BadValue{"kafka", "a:65536", "9092"}, BadValue{"topic", "", "1 to 249"},
        BadValue{"topic", "a/b", "1 to 249"}, BadValue{"topic", "..", "1 to 249"},
        BadValue{"topic", std::string(250, 't'), "1 to 249"},
        BadValue{"listen", "8080", "host:port"}, BadValue{"listen", "h:99999", "host:port"},
        BadValue{"listen", "::1:80", "host:port"}, BadValue{"ops_listen", "h:", "host:port"},
        BadValue{"roles", "", "api,relay,projector"},
        BadValue{"roles", "api,saga", "api,relay,projector,sagas"},
        BadValue{"payment_url", "ftp://x", "sandbox:FILE"},
        BadValue{"payment_call_ms", "49", "from 50 to 600000 (milliseconds)"},
        BadValue{"payment_call_ms", "3s", "milliseconds"},
        BadValue{"payment_calls_max", "0", "from 1 to 256"},
        BadValue{"payment_circuit_failures", "0", "from 1 to 1000000"},
        BadValue{"payment_circuit_open_ms", "99", "from 100 to 3600000 (milliseconds)"},
        BadValue{"payment_circuit_successes", "1001", "from 1 to 1000"},
        BadValue{"partitions", "0", "from 1 to 1024"},
        BadValue{"partitions", "1025", "from 1 to 1024"}, BadValue{"partitions", "16.0", "whole"},
        BadValue{"partitions", "-1", "whole"}, BadValue{"allow_degraded", "yes", "true or false"},
        BadValue{"log_level", "loud", "debug, info"}, BadValue{"lease_ms", "499", "milliseconds"},
        BadValue{"lease_ms", "3s", "milliseconds"}, BadValue{"poll_ms", "0", "from 5"},
        BadValue{"drain_ms", "-1", "from 0"}, BadValue{"request_ms", "99", "from 100"},
        BadValue{"wait_ms", "60001", "to 60000"}, BadValue{"header_ms", "99", "from 100"},
        BadValue{"body_ms", "600001", "to 600000"}, BadValue{"idle_ms", "never", "milliseconds"},
        BadValue{"write_ms", "", "milliseconds"}, BadValue{"topic_replicas", "0", "from 1"},
        BadValue{"topic_min_insync", "33", "to 32"}, BadValue{"pg_statement_ms", "1", "from 100"},
        BadValue{"workers", "257", "to 256"}, BadValue{"queue_max", "", "whole"},
        BadValue{"http_queue_max", "x", "whole"}, BadValue{"connections_max", "0", "from 1"},
        BadValue{"cache_bytes_max", "99999999999999999999", "from 1048576"}));

struct GoodAddress {
    std::string text;
    RedisAddress means;
};

class EveryRedisAddress : public testing::TestWithParam<GoodAddress> {};

TEST_P(EveryRedisAddress, IsUnderstood) {
    const auto loaded = load({.flags = {{"redis", GetParam().text}}});
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->config.redis, GetParam().means);
}

INSTANTIATE_TEST_SUITE_P(Config, EveryRedisAddress,
                         testing::Values(GoodAddress{"h", {{"h", 6379}, "", "", 0}},
                                         GoodAddress{"h:1", {{"h", 1}, "", "", 0}},
                                         GoodAddress{"[::1]:2", {{"::1", 2}, "", "", 0}},
                                         GoodAddress{"redis://h", {{"h", 6379}, "", "", 0}},
                                         GoodAddress{"redis://h:3/", {{"h", 3}, "", "", 0}},
                                         GoodAddress{"redis://:p@h:3/7", {{"h", 3}, "", "p", 7}},
                                         GoodAddress{"redis://u:p:q@h",
                                                     {{"h", 6379}, "u", "p:q", 0}}));

struct BadFile {
    std::string content;
    std::string key;
    std::string says;
};

class EveryBadFile : public ConfigFile, public testing::WithParamInterface<BadFile> {};

TEST_P(EveryBadFile, IsRefusedSayingWhy) {
    const auto loaded = load({.file = file(GetParam().content)});
    ASSERT_FALSE(loaded);
    EXPECT_EQ(keys(loaded.error()), GetParam().key);
    EXPECT_NE(loaded.error()[0].sentence.find(GetParam().says), std::string::npos)
        << loaded.error()[0].sentence;
}

INSTANTIATE_TEST_SUITE_P(
    Config, EveryBadFile,
    testing::Values(BadFile{"", "--config", "cannot be read"},
                    BadFile{"{\"topic\": ", "--config", "not JSON"},
                    BadFile{"[1]", "--config", "one JSON object"},
                    BadFile{R"({"topic": "a", "topic": "b"})", "topic", "twice"},
                    BadFile{R"({"topik": "a"})", "topik", "Did you mean topic?"},
                    BadFile{R"({"zzzzzzzzzzzz": 1})", "zzzzzzzzzzzz", "remove it."},
                    BadFile{R"({"workers": 1.5})", "workers", "whole number"},
                    BadFile{R"({"workers": null})", "workers", "whole number"},
                    BadFile{R"({"topic": ["a"]})", "topic", "must be a string"},
                    BadFile{R"({"roles": [1]})", "roles", "array of strings"}));

TEST_F(ConfigFile, ThatIsBrokenIsNotQuoted) {
    for (const char* content : {"{\"pg\": \"postgresql://u:hunter2@h/d", "{\"pg\": hunter2}",
                                "{\"pg\": \"hunter2\n\"}", "{\"pg\": \"a\" \"hunter2\"}"}) {
        const auto loaded = load({.file = file(content)});
        ASSERT_FALSE(loaded);
        const auto& sentence = loaded.error()[0].sentence;
        EXPECT_EQ(sentence.find("hunter2"), std::string::npos) << sentence;
        EXPECT_NE(sentence.find("at line "), std::string::npos) << sentence;
    }
}

TEST(Config, UnknownVariableIsAProblemUnlessItBelongsToOthers) {
    EXPECT_TRUE(load({.environment = {{"SKALD_CRASH_AT", "a:1"},
                                      {"SKALD_TEST_PG", "x"},
                                      {"SKALD_VAR", "var2"},
                                      {"SKALDIC", "poetry"},
                                      {"PATH", "/bin"}}}));
    const auto loaded = load({.environment = {{"SKALD_REDDIS", "h:1"}}});
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error()[0].key, "SKALD_REDDIS");
    EXPECT_NE(loaded.error()[0].sentence.find("Did you mean SKALD_REDIS?"), std::string::npos);
}

TEST(Config, WrongValueInAnOverruledSourceIsReportedToo) {
    const auto loaded =
        load({.environment = {{"SKALD_WORKERS", "many"}}, .flags = {{"workers", "2"}}});
    ASSERT_FALSE(loaded);
    EXPECT_EQ(keys(loaded.error()), "SKALD_WORKERS");
}

TEST(Config, BothListenersCannotShareAnAddress) {
    const auto loaded = load({.flags = {{"listen", "127.0.0.1:8081"}}});
    ASSERT_FALSE(loaded);
    EXPECT_EQ(keys(loaded.error()), "SKALD_OPS_LISTEN");
    EXPECT_TRUE(load({.flags = {{"listen", "127.0.0.1:0"}, {"ops_listen", "127.0.0.1:0"}}}));
}

TEST(Config, TopicCannotNeedMoreReplicasThanItHas) {
    const auto loaded = load({.flags = {{"topic_min_insync", "2"}}});
    ASSERT_FALSE(loaded);
    EXPECT_EQ(keys(loaded.error()), "SKALD_TOPIC_MIN_INSYNC");
    EXPECT_TRUE(load({.flags = {{"topic_min_insync", "2"}, {"topic_replicas", "3"}}}));
}

TEST(Config, OwnerLoginDefaultsToTheWritersLogin) {
    EXPECT_EQ(load({.flags = {{"pg", "host=a"}}})->config.pg_owner, "host=a");
    EXPECT_EQ(load({.flags = {{"pg", "host=a"}, {"pg_owner", "host=b"}}})->config.pg_owner,
              "host=b");
}

TEST(Config, SecretsAreMaskedInValuesAndInProblems) {
    const auto loaded = load({.flags = {{"pg", "postgresql://u:hunter2@h/d"},
                                        {"redis", "redis://:hunter2@h:1"},
                                        {"payment_secret", "hunter2"}}});
    ASSERT_TRUE(loaded);
    EXPECT_EQ(shown(*loaded, "pg"), "postgresql://u:****@h/d");
    EXPECT_EQ(shown(*loaded, "redis"), "redis://:****@h:1");
    EXPECT_EQ(shown(*loaded, "payment_secret"), "****");
    EXPECT_EQ(shown(*load({}), "payment_secret"), "") << "there is none to hide";
    for (const char* address : {"mysql://u:hunter2@h/d", "u:hunter2@h/d"}) {
        const auto wrong =
            load({.flags = {{"pg", address}, {"payment_secret", "hunter2 and more"}}});
        ASSERT_FALSE(wrong);
        ASSERT_EQ(wrong.error().size(), 2U);
        for (const auto& problem : wrong.error())
            EXPECT_EQ(problem.sentence.find("hunter2"), std::string::npos) << problem.sentence;
    }
}

struct Masked {
    std::string text;
    std::string shown;
};

class EveryMask : public testing::TestWithParam<Masked> {};

TEST_P(EveryMask, HidesThePasswordOnly) {
    EXPECT_EQ(mask_connection(GetParam().text), GetParam().shown);
}

INSTANTIATE_TEST_SUITE_P(
    Config, EveryMask,
    testing::Values(Masked{"postgresql://u@h:5/d", "postgresql://u@h:5/d"},
                    Masked{"postgresql://u:p@h/d", "postgresql://u:****@h/d"},
                    Masked{"postgresql://u:p@q:r@h/d", "postgresql://u:****@h/d"},
                    Masked{"postgresql://u:p?w@h/d", "postgresql://u:****@h/d"},
                    Masked{"postgresql://u:p/w?x@h/d", "postgresql://u:****@h/d"},
                    Masked{"postgresql://u:p@h/d?x=a@b", "postgresql://u:****@b"},
                    Masked{"u:p@h/d", "u:****@h/d"}, Masked{"u:p=q@h:1/d", "u:****@h:1/d"},
                    Masked{"host=a user=b@c", "host=a user=b@c"},
                    Masked{"postgresql://h/d?password=p&user=u",
                           "postgresql://h/d?password=****&user=u"},
                    Masked{"host=h password=p dbname=d", "host=h password=**** dbname=d"},
                    Masked{"password = 'a b\\' c' host=h", "password = **** host=h"},
                    Masked{"host=h PassWord=p", "host=h PassWord=****"},
                    Masked{"sslpassword=p", "sslpassword=****"},
                    Masked{"password='unclosed p", "password=****"},
                    Masked{"redis://:p@h:1/0", "redis://:****@h:1/0"}, Masked{"h:1", "h:1"}));

}  // namespace
}  // namespace skald::config
