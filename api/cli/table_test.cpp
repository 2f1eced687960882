#include "api/cli/table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace skald::cli {
namespace {

TEST(Table, AlignsColumnsByCharactersAndEndsLinesWithoutBlanks) {
    Table table({{"NAME"}, {"COUNT", Align::right}, {"NOTE"}});
    table.add({"Käse", "7", ""});
    table.add({"ox", "1000", "two words"});
    std::ostringstream out;
    table.print(out);
    EXPECT_EQ(out.str(),
              "NAME  COUNT  NOTE\n"
              "Käse      7\n"
              "ox     1000  two words\n");
}

TEST(Table, ShowsControlCharactersInsteadOfSendingThem) {
    Table table({{"A"}});
    table.add({"x\x1b[2J\n"});
    std::ostringstream out;
    table.print(out);
    EXPECT_EQ(out.str(), "A\nx\\x1b[2J\\x0a\n");
}

}  // namespace
}  // namespace skald::cli
