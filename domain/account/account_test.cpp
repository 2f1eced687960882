#include "domain/account/account.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "domain/kernel/enum_name.h"
#include "domain/kernel/impossible.h"

namespace skald::account {
namespace {

const EmailAddress ada_mail{"Ada@example.org"}, new_mail{"countess@example.org"};
const PersonName ada{"Ada"}, lovelace{"Ada Lovelace"};

const State nobody;
const State registered = evolve(nobody, Registered{ada_mail, ada});
const State erased = evolve(registered, Erased{});

TEST(Account, AcceptsWith) {
    struct Row {
        std::string_view what;
        State given;
        Command when;
        std::vector<Event> then;
    };
    const Row rows[] = {
        {"a newcomer", nobody, Register{ada_mail, ada}, {Registered{ada_mail, ada}}},
        {"a name in 200 bytes",
         nobody,
         Register{ada_mail, PersonName(std::string(200, 'n'))},
         {Registered{ada_mail, PersonName(std::string(200, 'n'))}}},
        {"another address", registered, ChangeEmail{new_mail}, {EmailChanged{new_mail}}},
        {"another spelling of it",
         registered,
         ChangeEmail{EmailAddress("ada@example.org")},
         {EmailChanged{EmailAddress("ada@example.org")}}},
        {"the same address", registered, ChangeEmail{ada_mail}, {}},
        {"another name", registered, UpdateProfile{lovelace}, {ProfileUpdated{lovelace}}},
        {"the same name", registered, UpdateProfile{ada}, {}},
        {"the end", registered, Erase{}, {Erased{}}},
        {"the end again", erased, Erase{}, {}},
    };
    for (const Row& row : rows) {
        const auto decision = decide(row.given, row.when);
        ASSERT_TRUE(decision) << row.what << ": " << kernel::name_of(decision.error());
        EXPECT_TRUE(*decision == row.then) << row.what;
    }
}

TEST(Account, RefusesWith) {
    struct Row {
        std::string_view what;
        State given;
        Command when;
        Refusal then;
    };
    const EmailAddress bad_mail{"ada"};
    const PersonName no_name{""}, long_name{std::string(201, 'n')}, odd_name{"a\nb"};
    const Row rows[] = {
        {"register twice", registered, Register{ada_mail, ada}, Refusal::already_registered},
        {"register after erasure", erased, Register{ada_mail, ada}, Refusal::already_registered},
        {"move nobody", nobody, ChangeEmail{new_mail}, Refusal::not_found},
        {"name nobody", nobody, UpdateProfile{lovelace}, Refusal::not_found},
        {"erase nobody", nobody, Erase{}, Refusal::not_found},
        {"move the erased", erased, ChangeEmail{new_mail}, Refusal::erased},
        {"name the erased", erased, UpdateProfile{lovelace}, Refusal::erased},
        {"register without address", nobody, Register{bad_mail, ada}, Refusal::email_invalid},
        {"change to no address", registered, ChangeEmail{bad_mail}, Refusal::email_invalid},
        {"register without name", nobody, Register{ada_mail, no_name}, Refusal::name_empty},
        {"take the name away", registered, UpdateProfile{no_name}, Refusal::name_empty},
        {"register 201 bytes", nobody, Register{ada_mail, long_name}, Refusal::name_too_long},
        {"201 bytes of name", registered, UpdateProfile{long_name}, Refusal::name_too_long},
        {"register two lines", nobody, Register{ada_mail, odd_name}, Refusal::name_invalid},
        {"a name of two lines", registered, UpdateProfile{odd_name}, Refusal::name_invalid},
    };
    for (const Row& row : rows) {
        const auto decision = decide(row.given, row.when);
        ASSERT_FALSE(decision) << row.what;
        EXPECT_EQ(kernel::name_of(decision.error()), kernel::name_of(row.then)) << row.what;
    }
}

TEST(Account, AStoredEventThatCannotBeIsThrownNotApplied) {
    struct Row {
        std::string_view what;
        State given;
        Event then;
    };
    const Row rows[] = {
        {"registered twice", registered, Registered{ada_mail, ada}},
        {"moved before registered", nobody, EmailChanged{new_mail}},
        {"named after erasure", erased, ProfileUpdated{lovelace}},
        {"erased twice", erased, Erased{}},
    };
    for (const Row& row : rows)
        EXPECT_THROW(evolve(row.given, row.then), kernel::ImpossibleEvent) << row.what;
}

rc::Gen<Command> commands() {
    const auto mails = rc::gen::element(ada_mail, new_mail, EmailAddress("none"));
    const auto names = rc::gen::element(ada, lovelace, PersonName(""));
    return rc::gen::oneOf(rc::gen::construct<Command>(rc::gen::construct<Register>(mails, names)),
                          rc::gen::construct<Command>(rc::gen::construct<ChangeEmail>(mails)),
                          rc::gen::construct<Command>(rc::gen::construct<UpdateProfile>(names)),
                          rc::gen::just(Command(Erase{})));
}

RC_GTEST_PROP(AccountProperty, ACommandDecidedTwiceHappensOnce, ()) {
    State state;
    for (const Command& command : *rc::gen::container<std::vector<Command>>(commands())) {
        const auto first = decide(state, command);
        if (!first) continue;
        state = kernel::fold(std::move(state), *first);
        const auto second = decide(state, command);
        RC_ASSERT(!second || second->empty());
    }
}

RC_GTEST_PROP(AccountProperty, IsReachableUntilErasedAndThenHoldsNothingPersonal, ()) {
    State state;
    for (const Command& command : *rc::gen::container<std::vector<Command>>(commands())) {
        if (const auto events = decide(state, command))
            state = kernel::fold(std::move(state), *events);
        RC_ASSERT(state.email.value().empty() == (!state.exists || state.erased));
        RC_ASSERT(state.name.value().empty() == (!state.exists || state.erased));
    }
}

}  // namespace
}  // namespace skald::account
