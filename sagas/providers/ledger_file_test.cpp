#include "sagas/providers/ledger_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace skald::sagas {
namespace {

class Ledger : public testing::Test {
  protected:
    Ledger() {
        std::string made = testing::TempDir() + "ledger-XXXXXX";
        folder_ = ::mkdtemp(made.data());
        path = folder_ + "/ledger";
    }
    ~Ledger() override { std::filesystem::remove_all(folder_); }

    void write(const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }
    std::string bytes() {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    std::vector<std::string> lines() {
        std::vector<std::string> all;
        LedgerFile(path, [&](std::string_view line) { all.emplace_back(line); });
        return all;
    }

    std::string path;

  private:
    std::string folder_;
};

using Lines = std::vector<std::string>;

TEST_F(Ledger, KeepsWhatWasAppended) {
    {
        LedgerFile file(path, [](std::string_view) {});
        file.append("one");
        file.append("");
        file.sync();
    }
    EXPECT_EQ(lines(), (Lines{"one", ""}));
}

TEST_F(Ledger, CutsATornLastLineAndWritesBehindTheWholeOnes) {
    for (const auto& torn : {std::string("{\"num"), std::string(5, '\0'), std::string("x")}) {
        write("one\n" + torn);
        {
            LedgerFile file(path, [](std::string_view) {});
            file.append("two");
        }
        EXPECT_EQ(bytes(), "one\ntwo\n");
    }
}

TEST_F(Ledger, BelongsToOneAtATime) {
    LedgerFile file(path, [](std::string_view) {});
    EXPECT_THROW(lines(), LedgerInUse);
}

TEST_F(Ledger, SaysWhatIsWrongWithItsPath) {
    path += "/no/such/folder";
    try {
        lines();
        FAIL();
    } catch (const LedgerUnusable& error) {
        EXPECT_NE(std::string(error.what()).find(path), std::string::npos);
        EXPECT_NE(std::string(error.what()).find("No"), std::string::npos) << error.what();
    }
}

// A full disk: the line that does not fit is not there, in whole or in part, and the next one that
// fits is.
TEST_F(Ledger, ALineThatDoesNotFitLeavesNothingBehind) {
    LedgerFile file(path, [](std::string_view) {});
    file.append("one");
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    rlimit small = before;
    small.rlim_cur = 10;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    EXPECT_THROW(file.append("far too long"), LedgerUnusable);
    EXPECT_EQ(bytes(), "one\n");
    file.append("two");
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    file.sync();
    EXPECT_EQ(bytes(), "one\ntwo\n");
}

TEST_F(Ledger, ManyThreadsLoseNoLine) {
    {
        LedgerFile file(path, [](std::string_view) {});
        std::vector<std::jthread> threads;
        for (int t = 0; t < 8; ++t) {
            threads.emplace_back([&file, t] {
                for (int n = 0; n < 25; ++n) {
                    file.append(std::to_string(t) + "-" + std::to_string(n));
                    file.sync();
                }
            });
        }
    }
    EXPECT_EQ(lines().size(), 200U);
}

}  // namespace
}  // namespace skald::sagas
