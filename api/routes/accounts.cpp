#include "api/routes/accounts.h"

#include "api/json/time.h"
#include "api/routes/checks.h"
#include "api/routes/command_route.h"
#include "api/routes/query_route.h"
#include "commands/accounts.h"
#include "domain/kernel/text.h"
#include "projections/accounts/queries.h"

namespace skald::routes {
namespace read_model = projections::accounts;

struct RegisterAccount {
    std::string email;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(RegisterAccount, (), (email, name))

struct ChangeAccount {
    std::optional<std::string> email;
    std::optional<std::string> name;
};
BOOST_DESCRIBE_STRUCT(ChangeAccount, (), (email, name))

struct Account {
    std::string id;
    std::string email;
    std::string name;
    std::int64_t version = 0;
    std::string created_at;
    std::string updated_at;
};
BOOST_DESCRIBE_STRUCT(Account, (), (id, email, name, version, created_at, updated_at))

namespace {

json::Rules person_rules() {
    return {{"email", json::email()}, {"name", json::text(1, kernel::label_bytes_max)}};
}

void check_person(const std::optional<std::string>& email, const std::optional<std::string>& name,
                  json::Findings& findings) {
    if (email && !kernel::is_email_address(*email)) {
        findings.add("/email", "bad_format", "must be an e-mail address");
    }
    check_bytes("/name", name, kernel::label_bytes_max, findings);
}

}  // namespace

json::Rules rules_for(json::Tag<RegisterAccount>) { return person_rules(); }
json::Rules rules_for(json::Tag<ChangeAccount>) { return person_rules(); }
void check(const RegisterAccount& it, json::Findings& findings) {
    check_person(it.email, it.name, findings);
}
void check(const ChangeAccount& it, json::Findings& findings) {
    check_person(it.email, it.name, findings);
}

namespace {

Account shown(const read_model::Account& row) {
    return {.id = row.id.value(),
            .email = row.email.value(),
            .name = row.name.value(),
            .version = row.version.value(),
            .created_at = json::format_time_us(row.created_at.value()),
            .updated_at = json::format_time_us(row.updated_at.value())};
}

void change(const Services& services, const http::Request& request, ChangeAccount&& body,
            const commands::CommandContext& context, eventstore::Reply reply) {
    commands::AccountChange change;
    if (body.email) change.email.emplace(std::move(*body.email));
    if (body.name) change.name.emplace(std::move(*body.name));
    commands::change_account(*services.executor, context, *services.email_key,
                             kernel::AccountId(request.parameter("id")), std::move(change),
                             std::move(reply));
}

const http::ListOrder order{{"created_at"}, "-created_at"};

Result<PageAsked<read_model::Listing>, http::Problem> open_page(const http::Request& request,
                                                                const Services& services) {
    http::Parameters parameters(request);
    auto query = http::read_list(parameters, order, *services.cursors);
    if (!query) return unexpected(std::move(query.error()));
    read_model::Listing listing{.descending = query->descending, .page = keyset_of(*query)};
    return PageAsked<read_model::Listing>{std::move(listing), std::move(*query)};
}

}  // namespace

std::vector<http::Route> account_routes(const Services& services) {
    const CommandSpec created{.status = 201, .location = "/v1/accounts/"};
    const CommandSpec changed{.target = "account"};
    std::vector<http::Route> routes;
    routes.push_back(
        {.method = "POST",
         .path = "/v1/accounts",
         .handler = command_with_body<RegisterAccount>(
             services, created,
             [&services](const auto&, RegisterAccount&& body, const auto& context, auto reply) {
                 services.executor->submit(
                     commands::register_account(context, *services.email_key,
                                                kernel::EmailAddress(std::move(body.email)),
                                                kernel::PersonName(std::move(body.name))),
                     std::move(reply));
             }),
         .doc = http::command_doc({.tag = "accounts",
                                   .summary = "Opens an account; one per e-mail address",
                                   .body = json::shape<RegisterAccount>(),
                                   .answers = {done_doc(created, "opened")}})});
    routes.push_back(
        {.method = "GET",
         .path = "/v1/accounts",
         .handler = one_page(services, open_page, read_model::list,
                             [](const read_model::Account& row) { return shown(row); }),
         .doc =
             http::query_doc({.tag = "accounts",
                              .summary = "The accounts, newest first",
                              .parameters = http::list_parameter_docs(order),
                              .answers = {{200, "a page", json::shape<http::Page<Account>>()}}})});
    routes.push_back(
        {.method = "GET",
         .path = "/v1/accounts/{id}",
         .handler = one_thing(services, "account", read_model::find,
                              [](const read_model::Account& row) { return shown(row); }),
         .doc = http::thing_doc({.tag = "accounts",
                                 .summary = "One account",
                                 .answers = {{200, "it", json::shape<Account>()}}})});
    routes.push_back({.method = "PATCH",
                      .path = "/v1/accounts/{id}",
                      .handler = command_with_body<ChangeAccount>(
                          services, changed,
                          [&services](const auto& request, ChangeAccount&& body,
                                      const auto& context, auto reply) {
                              change(services, request, std::move(body), context, std::move(reply));
                          }),
                      .doc = http::command_doc({.tag = "accounts",
                                                .summary = "Changes what is given, leaves the rest",
                                                .body = json::shape<ChangeAccount>(),
                                                .answers = {done_doc(changed, "changed")}})});
    return routes;
}

}  // namespace skald::routes
