// Statements that are sent together, on a real PostgreSQL.
#include "eventstore/postgres/pq.h"

#include <gtest/gtest.h>

#include "tests/support/database.h"

namespace skald::tests {
namespace {

using pq::Params;
using pq::Statement;

constexpr std::string_view add = "INSERT INTO numbers (n) VALUES ($1)";
constexpr std::string_view all =
    "SELECT coalesce(string_agg(n::text, ' ' ORDER BY n), '') FROM numbers";

class Together : public testing::Test {
  protected:
    Together() { sql.script("CREATE TABLE numbers (n bigint PRIMARY KEY CHECK (n > 0))"); }

    static Statement adding(std::int64_t n) { return {add, Params().int8(n)}; }
    std::string numbers() { return database.admin().query(all).text(0, 0); }
    std::int64_t prepared() {
        return sql.query("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 's%'")
            .int8(0, 0);
    }

    Database database{1};
    pq::Connection sql{database.owner()};
};

TEST_F(Together, are_answered_in_order_and_prepared_once) {
    const auto before = prepared();
    const std::vector<Statement> statements{adding(1), adding(2), {all}, adding(3), {all}};
    const auto answers = sql.together(statements);
    ASSERT_EQ(answers.size(), 5u);
    EXPECT_EQ(answers[1].affected(), 1);
    EXPECT_EQ(answers[2].text(0, 0), "1 2");
    EXPECT_EQ(answers[4].text(0, 0), "1 2 3");
    EXPECT_EQ(sql.prepared(add, Params().int8(4)).affected(), 1);
    EXPECT_EQ(sql.together(std::vector<Statement>{{all}}).front().text(0, 0), "1 2 3 4");
    EXPECT_EQ(prepared(), before + 2);
    EXPECT_TRUE(sql.together({}).empty());
}

struct Failing {
    const char* why;
    std::vector<Statement> statements;
    std::size_t which;
    const char* sqlstate;
};

TEST_F(Together, the_first_that_fails_is_named_and_undoes_all_of_them) {
    sql.prepared(add, Params().int8(100));
    for (const auto& [why, statements, which, sqlstate] :
         {Failing{"a value", {adding(1), adding(-1), adding(2)}, 1, "23514"},
          Failing{"a repeated value", {adding(1), adding(2), adding(1), {all}}, 2, "23505"},
          Failing{"a text that is no statement", {{"no statement"}, adding(1)}, 0, "42601"},
          Failing{"the last one", {{all}, {"SELECT 1 / 0"}}, 1, "22012"},
          Failing{"two of them", {{"SELECT 2 / 0"}, {"nor this"}, adding(1)}, 0, "22012"}}) {
        try {
            sql.together(statements);
            ADD_FAILURE() << why;
        } catch (const pq::Error& error) {
            EXPECT_EQ(error.statement, which) << why;
            EXPECT_EQ(error.sqlstate, sqlstate) << why;
        }
        EXPECT_EQ(numbers(), "100") << why;
        EXPECT_TRUE(sql.usable()) << why;
    }
    // What was skipped is prepared when it is sent the next time.
    EXPECT_EQ(sql.together(std::vector<Statement>{{all}, adding(7)}).front().text(0, 0), "100");
    EXPECT_EQ(numbers(), "7 100");
}

TEST_F(Together, neither_side_waits_for_the_other_to_read) {
    const std::string megabytes(std::size_t{8} << 20, 'x');
    const std::vector<Statement> echoes(4, {"SELECT $1::bytea AS said", Params().bytea(megabytes)});
    for (const auto& answer : sql.together(echoes))
        EXPECT_EQ(answer.bytea(0, 0).size(), megabytes.size());
}

TEST_F(Together, a_transaction_begins_with_statements_and_ends_as_others_do) {
    {
        pq::Transaction dropped(sql, {adding(1), {all}});
        ASSERT_EQ(dropped.answers().size(), 2u);
        EXPECT_EQ(dropped.answers()[1].text(0, 0), "1");
    }
    EXPECT_EQ(numbers(), "");
    try {
        pq::Transaction refused(sql, {adding(1), adding(1)});
        ADD_FAILURE() << "began";
    } catch (const pq::Error& error) {
        EXPECT_EQ(error.statement, 1u);
    }
    pq::Transaction kept(sql, {adding(2)});
    EXPECT_EQ(numbers(), "");
    kept.commit();
    EXPECT_EQ(numbers(), "2");
}

// Each of them may take as long as one alone: it is the server that ends a slow one, and that is an
// error of this statement and not the loss of the connection.
TEST_F(Together, each_has_its_own_time) {
    sql.set_answer_timeout(std::chrono::milliseconds(800));
    const std::vector<Statement> naps(5, {"SELECT pg_sleep(0.3)::text AS slept"});
    EXPECT_EQ(sql.together(naps).size(), 5u);
    EXPECT_THROW(sql.together(std::vector<Statement>{{"SELECT pg_sleep(2)::text AS overslept"}}),
                 pq::ConnectionLost);
}

TEST_F(Together, a_connection_that_is_cut_is_lost) {
    database.admin().query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        "AND datname = current_database() AND backend_type = 'client backend'");
    EXPECT_THROW(sql.together(std::vector<Statement>{adding(1), {all}}), pq::ConnectionLost);
    EXPECT_FALSE(sql.usable());
    EXPECT_THROW(sql.together(std::vector<Statement>{{all}}), pq::ConnectionLost);
}

}  // namespace
}  // namespace skald::tests
