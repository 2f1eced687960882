// Aligned columns for people to read.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace skald::cli {

enum class Align { left, right };

struct Column {
    std::string title;
    Align align = Align::left;
};

class Table {
  public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
    // As many cells as there are columns.
    void add(std::vector<std::string> cells);
    // Two blanks between columns, none at the end of a line. Control characters are shown as \xNN,
    // so that no stored text can speak to the terminal.
    void print(std::ostream& out) const;

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

// The text with control characters shown as \xNN.
std::string printable(std::string_view text);

}  // namespace skald::cli
