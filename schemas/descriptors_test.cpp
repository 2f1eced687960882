// Stored bytes are read for ever: what descriptors.golden says about the fields must stay true. New
// messages and fields are added to it by SKALD_RECORD=1, which never takes a line out.
#include "schemas/testing/descriptors.h"

#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "schemas/catalogue.h"
#include "schemas/common/v1/options.pb.h"
#include "schemas/payment/v1/payment.pb.h"
#include "schemas/stock/v1/stock.pb.h"
#include "schemas/testing/golden.h"
#include "schemas/wire.h"

namespace skald::schemas::testing {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptorProto;
using google::protobuf::FileDescriptorProto;

constexpr const char* record_path = "schemas/descriptors.golden";

std::set<std::string> recorded() {
    std::set<std::string> lines;
    std::istringstream text(read_file(record_path));
    for (std::string line; std::getline(text, line);) lines.insert(line);
    return lines;
}

TEST(Descriptors, KeepEveryFieldThatWasEverRecorded) {
    const auto now = promises_of_all_schemas();
    EXPECT_EQ(broken(recorded(), now), std::vector<std::string>())
        << "a field was removed, renumbered, renamed or got another type. Leave it as it was, and "
           "put what "
           "cannot stay into the next package, skald.<aggregate>.v<N+1>.";
}

TEST(Descriptors, AreAllRecorded) {
    const auto now = promises_of_all_schemas();
    if (std::getenv("SKALD_RECORD") && broken(recorded(), now).empty()) {
        std::ofstream out(record_path);
        for (const auto& line : now) out << line << '\n';
    }
    EXPECT_EQ(broken(now, recorded()), std::vector<std::string>())
        << "new fields: SKALD_RECORD=1 schemas_test adds them to schemas/descriptors.golden";
}

// The promises of stock.proto after `change` was made to its message Released.
std::set<std::string> promises_with(auto change) {
    FileDescriptorProto file;
    skald::stock::v1::Released::descriptor()->file()->CopyTo(&file);
    for (auto& message : *file.mutable_message_type())
        if (message.name() == "Released") change(message);
    DescriptorPool pool;
    return promises_of(*pool.BuildFile(file));
}

TEST(Descriptors, AFieldRemovedRenumberedRenamedOrRetypedIsFound) {
    struct Row {
        std::string_view what;
        std::set<std::string> now;
        std::vector<std::string> gone;
    };
    const std::string quantity = "skald.stock.v1.Released quantity = 2 int64";
    const std::string reason = "skald.stock.v1.Released reason = 3 string";
    const Row rows[] = {
        {"nothing", promises_with([](auto&) {}), {}},
        {"added",
         promises_with([](auto& m) {
             auto& field = *m.add_field();
             field.set_name("clerk");
             field.set_number(4);
             field.set_type(FieldDescriptorProto::TYPE_STRING);
             field.set_label(FieldDescriptorProto::LABEL_OPTIONAL);
         }),
         {}},
        {"removed", promises_with([](auto& m) { m.mutable_field()->RemoveLast(); }), {reason}},
        {"renumbered",
         promises_with([](auto& m) { m.mutable_field(1)->set_number(7); }),
         {quantity}},
        {"two swapped",
         promises_with([](auto& m) {
             m.mutable_field(1)->set_number(3);
             m.mutable_field(2)->set_number(2);
         }),
         {quantity, reason}},
        {"renamed",
         promises_with([](auto& m) { m.mutable_field(1)->set_name("count"); }),
         {quantity}},
        {"another type",
         promises_with(
             [](auto& m) { m.mutable_field(1)->set_type(FieldDescriptorProto::TYPE_SINT64); }),
         {quantity}},
        {"repeated",
         promises_with(
             [](auto& m) { m.mutable_field(2)->set_label(FieldDescriptorProto::LABEL_REPEATED); }),
         {reason}},
    };
    const auto before = promises_of(*skald::stock::v1::Released::descriptor()->file());
    for (const Row& row : rows) EXPECT_EQ(broken(before, row.now), row.gone) << row.what;
}

TEST(Descriptors, AnEnumsValueRenumberedOrRenamedIsFound) {
    const auto* file = skald::payment::v1::Reconciled::descriptor()->file();
    const auto before = promises_of(*file);
    const std::string absent = "skald.payment.v1.Found FOUND_ABSENT = 3";
    EXPECT_TRUE(before.contains("skald.payment.v1.Reconciled found = 3 skald.payment.v1.Found"));
    FileDescriptorProto renumbered, renamed;
    for (auto* copy : {&renumbered, &renamed}) file->CopyTo(copy);
    const auto value = [](FileDescriptorProto& of) {
        return of.mutable_enum_type(1)->mutable_value(3);
    };
    value(renumbered)->set_number(4);
    value(renamed)->set_name("FOUND_NOTHING");
    for (const auto* changed : {&renumbered, &renamed}) {
        DescriptorPool pool;
        for (int i = 0; i < file->dependency_count(); ++i) {
            FileDescriptorProto dependency;
            file->dependency(i)->CopyTo(&dependency);
            pool.BuildFile(dependency);
        }
        EXPECT_EQ(broken(before, promises_of(*pool.BuildFile(*changed))),
                  std::vector<std::string>{absent});
    }
}

TEST(Descriptors, ThePersonalFieldsAreMarkedAndNoOthers) {
    std::set<std::string> personal;
    for (const auto& shape : wire::all_shapes()) {
        const auto* message = shape.prototype().GetDescriptor();
        for (int i = 0; i < message->field_count(); ++i)
            if (message->field(i)->options().GetExtension(common::v1::personal))
                personal.insert(message->field(i)->full_name());
    }
    EXPECT_EQ(personal, (std::set<std::string>{
                            "skald.account.v1.EmailChanged.email",
                            "skald.account.v1.ProfileUpdated.name",
                            "skald.account.v1.Registered.email",
                            "skald.account.v1.Registered.name",
                        }));
}

// What an outside reader relies on to find the message: skald.<category>.v<schema
// version>.<TypeInPascalCase>.
TEST(Catalogue, SchemaVersionNOfATypeIsTheMessageOfItsNameInPackageN) {
    for (const auto& shape : wire::all_shapes()) {
        const auto& [type, schema_version] = shape.name();
        const auto dot = type.find('.');
        std::string message;
        bool upper = true;
        for (const char c : type.substr(dot + 1)) {
            if (c != '_') message += upper ? static_cast<char>(std::toupper(c)) : c;
            upper = c == '_';
        }
        EXPECT_EQ(
            shape.prototype().GetTypeName(),
            "skald." + type.substr(0, dot) + ".v" + std::to_string(schema_version) + "." + message);
    }
}

TEST(Catalogue, NamesEveryTypeOnceAtItsNewestVersion) {
    std::vector<std::string> lines;
    for (const auto& type : catalogue()) {
        lines.push_back(std::string(type.name) + " " + std::to_string(type.schema_version) + " " +
                        std::string(type.category));
        EXPECT_EQ(find_type(type.name), &type);
    }
    EXPECT_EQ(lines, (std::vector<std::string>{"account.email_changed 1 account",
                                               "account.erased 1 account",
                                               "account.profile_updated 1 account",
                                               "account.registered 1 account",
                                               "cart.checked_out 1 cart",
                                               "cart.created 1 cart",
                                               "cart.item_removed 1 cart",
                                               "cart.item_set 1 cart",
                                               "email.claimed 1 email",
                                               "email.released 1 email",
                                               "order.cancel_refused 1 order",
                                               "order.cancel_requested 1 order",
                                               "order.cancelled 1 order",
                                               "order.completed 1 order",
                                               "order.confirmed 1 order",
                                               "order.placed 1 order",
                                               "order.rejected 1 order",
                                               "order.rest_cancelled 1 order",
                                               "order.return_recorded 1 order",
                                               "order.shipped 1 order",
                                               "payment.authorised 1 payment",
                                               "payment.capture_requested 1 payment",
                                               "payment.captured 1 payment",
                                               "payment.declined 1 payment",
                                               "payment.initiated 1 payment",
                                               "payment.outcome_unknown 1 payment",
                                               "payment.reconciled 1 payment",
                                               "payment.refund_failed 1 payment",
                                               "payment.refund_requested 1 payment",
                                               "payment.refunded 1 payment",
                                               "payment.void_requested 1 payment",
                                               "payment.voided 1 payment",
                                               "product.archived 1 product",
                                               "product.created 2 product",
                                               "product.described 1 product",
                                               "product.price_set 2 product",
                                               "product.shipping_set 1 product",
                                               "saga.attempt_started 1 saga",
                                               "saga.moved 1 saga",
                                               "saga.repaired 1 saga",
                                               "saga.started 1 saga",
                                               "shipment.created 1 shipment",
                                               "shipment.delivered 1 shipment",
                                               "shipment.failed 1 shipment",
                                               "shipment.shipped 1 shipment",
                                               "stock.adjusted 1 stock",
                                               "stock.allocated 1 stock",
                                               "stock.received 1 stock",
                                               "stock.released 1 stock",
                                               "stock.reserved 1 stock",
                                               "stock.returned 1 stock",
                                               "stock.shipped 1 stock",
                                               "stock.unallocated 1 stock"}));
    for (const auto* unknown : {"", "stock", "stock.", "stock.received2", "zzz"})
        EXPECT_EQ(find_type(unknown), nullptr) << unknown;
}

}  // namespace
}  // namespace skald::schemas::testing
