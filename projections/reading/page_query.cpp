#include "projections/reading/page_query.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace skald::projections {
namespace {

std::int64_t number(const std::string& text) {
    std::int64_t value = 0;
    const auto end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || rest != end)
        throw std::invalid_argument("a page's key is not a number");
    return value;
}

void replace(std::string& text, std::string_view mark, std::string_view with) {
    const auto at = text.find(mark);
    if (at != std::string::npos) text.replace(at, mark.size(), with);
}

}  // namespace

PageQuery::PageQuery(std::vector<SortKey> sort, bool descending, const KeysetPage& page)
    : sort_(std::move(sort)),
      ascending_(descending == (page.direction == PageDirection::backward)),
      page_(page) {
    if (!goes_on(page_)) return;
    if (page_.after->size() != sort_.size())
        throw std::invalid_argument("a page has another number of keys than its sort");
    std::string left;
    std::string right;
    for (std::size_t i = 0; i < sort_.size(); ++i) {
        const auto& value = (*page_.after)[i];
        std::string bound;
        switch (sort_[i].type) {
            case KeyType::text:
                if (value.find('\0') != std::string::npos)
                    throw std::invalid_argument("a page's key is not text");
                params_.text(value);
                break;
            case KeyType::int8:
                params_.int8(number(value));
                break;
            case KeyType::timestamp:
                params_.timestamp(number(value));
                break;
            case KeyType::day:
                params_.int8(number(value));
                break;
        }
        bound = "$" + std::to_string(params_.size());
        if (sort_[i].type == KeyType::day) bound = "date '1970-01-01' + " + bound + "::integer";
        left += (i > 0 ? ", " : "") + std::string(sort_[i].expression);
        right += (i > 0 ? ", " : "") + bound;
    }
    conditions_ += " AND (" + left + (ascending_ ? ") > (" : ") < (") + right + ")";
}

PageQuery& PageQuery::where(std::string_view condition, std::string_view text) {
    params_.text(text);
    add(condition, "");
    return *this;
}

PageQuery& PageQuery::where_timestamp(std::string_view condition, std::int64_t unix_us) {
    params_.timestamp(unix_us);
    add(condition, "");
    return *this;
}

PageQuery& PageQuery::where_day(std::string_view condition, std::int64_t day) {
    params_.int8(day);
    add(condition, "date '1970-01-01' + ");
    return *this;
}

void PageQuery::add(std::string_view condition, std::string_view before) {
    std::string text(condition);
    const auto suffix = before.empty() ? "" : "::integer";
    replace(text, "?", std::string(before) + "$" + std::to_string(params_.size()) + suffix);
    conditions_ += " AND " + text;
}

Statement PageQuery::asked(std::string_view sql) const {
    constexpr std::int32_t planned_rows = 101;  // a page of the edge's page_limit_max, and one more
    return {statement(sql, std::max(planned_rows, fetched_max())), params_, fetched_max()};
}

std::string PageQuery::statement(std::string_view sql, std::int32_t limit) const {
    std::string order;
    for (const auto& key : sort_)
        order += (order.empty() ? "" : ", ") + std::string(key.expression) +
                 (ascending_ ? " ASC" : " DESC");
    std::string text(sql);
    replace(text, "{where}", conditions_);
    replace(text, "{order}", order);
    replace(text, "{limit}", std::to_string(limit));
    return text;
}

}  // namespace skald::projections
