#include "api/http/route.h"

namespace skald::http {
namespace {

void add_answer(RouteDoc& doc, int status, std::string description) {
    for (const auto& answer : doc.answers) {
        if (answer.status == status) return;
    }
    doc.answers.push_back({status, std::move(description)});
}

}  // namespace

RouteDoc command_doc(RouteDoc doc) {
    doc.parameters.push_back(
        {"Idempotency-Key", "header",
         "1 to 255 printable characters: sending the request again with the same key "
         "does nothing twice and gives the first answer, with "
         "Idempotency-Replayed: true",
         json::text_schema(json::text(1, 255))});
    doc.parameters.push_back(
        {"If-Match", "header", "the ETag that the thing must have, or * if it must exist"});
    doc.parameters.push_back(
        {"Skald-Token", "header", "a token to be merged into the one that the answer carries"});
    doc.parameters.push_back({"traceparent", "header", "W3C Trace Context"});
    add_answer(doc, 400, "malformed, or not of the schema; everything that is wrong is listed");
    add_answer(doc, 409, "the present state stands against it");
    add_answer(doc, 412, "If-Match does not hold");
    add_answer(doc, 413, "the body is larger than 1 MiB");
    if (doc.body) add_answer(doc, 415, "the body is not application/json");
    add_answer(doc, 422, "the Idempotency-Key was used for another request");
    add_answer(
        doc, 503,
        "overloaded, or the outcome is unknown: send it again with the same Idempotency-Key");
    return doc;
}

RouteDoc query_doc(RouteDoc doc) {
    doc.parameters.push_back({"token", "query", "the same as the header Skald-Token"});
    doc.parameters.push_back({"Skald-Token", "header",
                              "a token from an earlier answer: this one will be at least as new"});
    doc.parameters.push_back({"Skald-Wait", "header",
                              "how many milliseconds to wait for that at most; default 2000",
                              json::integer_schema(json::integer(0, 20'000))});
    doc.parameters.push_back({"traceparent", "header", "W3C Trace Context"});
    add_answer(doc, 400, "malformed or unknown parameters; everything that is wrong is listed");
    add_answer(doc, 503, "overloaded, or the read model has not reached the token in time");
    return doc;
}

RouteDoc thing_doc(RouteDoc doc) {
    doc.parameters.push_back(
        {"If-None-Match", "header",
         "ETags that are known already: of a thing that has one of them nothing is told"});
    add_answer(doc, 304, "it has one of the ETags of If-None-Match");
    return query_doc(std::move(doc));
}

}  // namespace skald::http
