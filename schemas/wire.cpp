#include "schemas/wire.h"

#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/json_util.h>

#include <limits>
#include <memory>

#include "domain/kernel/invariant.h"

namespace skald::schemas::wire {
namespace {

// Protobuf writes to stderr what it also returns; the errors here go to whoever asked, and logs are
// JSON.
[[maybe_unused]] const auto quiet = google::protobuf::SetLogHandler(nullptr);

}  // namespace

Name name_of(const google::protobuf::Descriptor& message) {
    // skald.product.v2
    const std::string& package = message.file()->package();
    const auto first = package.find('.');
    const auto last = package.rfind(".v");
    INVARIANT(first < last && last != std::string::npos);
    Name name{package.substr(first + 1, last - first - 1) + '.',
              std::stoi(package.substr(last + 2))};
    for (const char c : message.name()) {
        const bool capital = c >= 'A' && c <= 'Z';
        if (capital && name.type.back() != '.') name.type += '_';
        name.type += capital ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return name;
}

std::string to_bytes(const Message& message) {
    std::string bytes;
    {
        google::protobuf::io::StringOutputStream stream(&bytes);
        google::protobuf::io::CodedOutputStream out(&stream);
        out.SetSerializationDeterministic(true);
        message.SerializeToCodedStream(&out);
    }
    return bytes;
}

bool from_bytes(std::string_view data, Message& message) {
    if (data.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return false;
    return message.ParseFromArray(data.data(), static_cast<int>(data.size()));
}

Result<std::string, DecodeError> to_json(const Message& prototype, std::string_view data) {
    const std::unique_ptr<Message> message(prototype.New());
    const auto malformed = [&] {
        return fail(DecodeError::Kind::malformed, "not a " + prototype.GetTypeName());
    };
    if (!from_bytes(data, *message)) return malformed();
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    options.always_print_primitive_fields = true;
    std::string json;
    // It fails on what JSON cannot say, such as a time in the year 20000.
    if (!google::protobuf::util::MessageToJsonString(*message, &json, options).ok())
        return malformed();
    return json;
}

void write(const kernel::Money& money, common::v1::Money& message) {
    message.set_amount(money.amount);
    message.set_currency(std::string(money.currency.code()));
}

void write(kernel::Timestamp time, google::protobuf::Timestamp& message) {
    constexpr std::int64_t second = 1'000'000;
    auto seconds = time.value() / second;
    auto micros = time.value() % second;
    if (micros < 0) {  // before 1970: nanos count forward from the second before
        micros += second;
        --seconds;
    }
    message.set_seconds(seconds);
    message.set_nanos(static_cast<std::int32_t>(micros * 1000));
}

void write(const std::vector<kernel::Portion>& portions,
           google::protobuf::RepeatedPtrField<common::v1::Portion>& messages) {
    for (const auto& portion : portions) {
        auto& message = *messages.Add();
        message.set_sku(portion.sku.value());
        message.set_quantity(portion.quantity.value());
    }
}

std::span<const Shape> all_shapes() {
    static const std::vector<Shape> all = [] {
        std::vector<Shape> shapes;
        for (const auto& codec : {product::shapes(), stock::shapes(), account::shapes(),
                                  email::shapes(), order::shapes(), payment::shapes(),
                                  shipment::shapes(), cart::shapes(), saga::shapes()})
            shapes.insert(shapes.end(), codec.begin(), codec.end());
        return shapes;
    }();
    return all;
}

}  // namespace skald::schemas::wire
