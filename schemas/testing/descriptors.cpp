#include "schemas/testing/descriptors.h"

#include <algorithm>
#include <iterator>

#include "schemas/common/v1/meta.pb.h"
#include "schemas/wire.h"

namespace skald::schemas::testing {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

std::string type_of(const FieldDescriptor& field) {
    std::string type = field.type_name();
    if (field.message_type()) type = field.message_type()->full_name();
    if (field.enum_type()) type = field.enum_type()->full_name();
    if (field.is_repeated()) return "repeated " + type;
    // Whether absence can be told from the zero value.
    return field.has_presence() && !field.message_type() ? "optional " + type : type;
}

void add(const Descriptor& message, std::set<std::string>& promises) {
    promises.insert(message.full_name());
    for (int i = 0; i < message.field_count(); ++i) {
        const FieldDescriptor& field = *message.field(i);
        promises.insert(message.full_name() + " " + field.name() + " = " +
                        std::to_string(field.number()) + " " + type_of(field));
    }
    for (int i = 0; i < message.nested_type_count(); ++i) add(*message.nested_type(i), promises);
}

void add(const EnumDescriptor& values, std::set<std::string>& promises) {
    for (int i = 0; i < values.value_count(); ++i)
        promises.insert(values.full_name() + " " + values.value(i)->name() + " = " +
                        std::to_string(values.value(i)->number()));
}

void add_with_imports(const FileDescriptor& file, std::set<std::string>& promises) {
    if (file.package() == "google.protobuf") return;
    promises.merge(promises_of(file));
    for (int i = 0; i < file.dependency_count(); ++i)
        add_with_imports(*file.dependency(i), promises);
}

}  // namespace

std::set<std::string> promises_of(const FileDescriptor& file) {
    std::set<std::string> promises;
    for (int i = 0; i < file.message_type_count(); ++i) add(*file.message_type(i), promises);
    for (int i = 0; i < file.enum_type_count(); ++i) add(*file.enum_type(i), promises);
    return promises;
}

std::set<std::string> promises_of_all_schemas() {
    std::set<std::string> promises;
    add_with_imports(*common::v1::Meta::descriptor()->file(), promises);
    for (const auto& shape : wire::all_shapes())
        add_with_imports(*shape.prototype().GetDescriptor()->file(), promises);
    return promises;
}

std::vector<std::string> broken(const std::set<std::string>& recorded,
                                const std::set<std::string>& now) {
    std::vector<std::string> gone;
    std::ranges::set_difference(recorded, now, std::back_inserter(gone));
    return gone;
}

}  // namespace skald::schemas::testing
