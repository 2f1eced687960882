#include "api/cli/table.h"

#include <algorithm>
#include <cstdio>

#include "domain/kernel/invariant.h"

namespace skald::cli {
namespace {

// Characters rather than bytes: UTF-8's continuation bytes take no column.
std::size_t width(const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

}  // namespace

std::string printable(std::string_view text) {
    std::string shown;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7f) {
            shown += c;
            continue;
        }
        char escaped[5];
        std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned>(byte));
        shown += escaped;
    }
    return shown;
}

void Table::add(std::vector<std::string> cells) {
    INVARIANT(cells.size() == columns_.size());
    for (auto& cell : cells) cell = printable(cell);
    rows_.push_back(std::move(cells));
}

void Table::print(std::ostream& out) const {
    std::vector<std::size_t> widths;
    std::vector<std::string> titles;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        widths.push_back(width(columns_[i].title));
        titles.push_back(columns_[i].title);
        for (const auto& row : rows_) widths[i] = std::max(widths[i], width(row[i]));
    }
    const auto print_line = [&](const std::vector<std::string>& cells) {
        std::string line;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const std::string padding(widths[i] - width(cells[i]), ' ');
            if (i > 0) line += "  ";
            line += columns_[i].align == Align::right ? padding + cells[i] : cells[i] + padding;
        }
        line.resize(line.find_last_not_of(' ') + 1);
        out << line << '\n';
    };
    print_line(titles);
    for (const auto& row : rows_) print_line(row);
}

}  // namespace skald::cli
