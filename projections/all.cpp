#include "projections/all.h"

#include <algorithm>

#include "projections/accounts/projection.h"
#include "projections/best_sellers/ranking.h"
#include "projections/carts/projection.h"
#include "projections/orders/mirrored.h"
#include "projections/orders/projection.h"
#include "projections/payments/projection.h"
#include "projections/products/mirrored.h"
#include "projections/products/projection.h"
#include "projections/redis/mirror.h"
#include "projections/sales/projection.h"
#include "projections/stock_levels/json.h"
#include "projections/stock_levels/projection.h"

namespace skald::projections {

const std::vector<const Projection*>& all_projections() {
    static const std::vector<const Projection*> all{
        &accounts::projection(),    &carts::projection(),    &orders::projection(),
        &payments::projection(),    &products::projection(), &sales::projection(),
        &stock_levels::projection()};
    return all;
}

const Projection* find_projection(const std::string& name) {
    const auto found = std::ranges::find(all_projections(), name, &Projection::name);
    return found == all_projections().end() ? nullptr : *found;
}

std::vector<std::string> projection_names() {
    std::vector<std::string> names;
    for (const auto* projection : all_projections()) names.push_back(projection->name);
    return names;
}

std::vector<redis::Mirrored> mirrored_tables() {
    return {orders::mirrored(), products::mirrored(), stock_levels::mirrored()};
}

std::vector<std::unique_ptr<redis::Feed>> redis_feeds(Reading& reading, const pq::Settings& reader,
                                                      const std::string& space) {
    std::vector<std::unique_ptr<redis::Feed>> feeds;
    for (const auto& table : mirrored_tables())
        feeds.push_back(std::make_unique<redis::Mirror>(table, reader, space, reading.partitions));
    feeds.push_back(std::make_unique<best_sellers::RankingFeed>(reading, space));
    return feeds;
}

}  // namespace skald::projections
