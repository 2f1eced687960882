// For tests: walks every order in which things can happen to a saga, looks at each place for what
// must never be, and afterwards whether from each an end can be reached.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sagas/engine/search/moves.h"

namespace skald::sagas::testing {

struct SearchReport {
    std::size_t places = 0;  // different ones
    std::size_t steps = 0;   // ways from one to another
    std::map<saga::Phase, std::size_t> ends;
    std::vector<std::string> faults;  // the first few, each with how to get there
};

class Search {
  public:
    Search(const Process& process, SearchOptions options, Beside beside = {})
        : process_(process),
          options_(options),
          beside_(std::move(beside)),
          moves_(process_, options_, beside_) {}
    Search(const Search&) = delete;

    // Hears of each place once.
    std::function<void(const Place&)> look;

    SearchReport run(const std::string& input, const std::string& subject = "s") {
        Place first;
        first.beside = beside_.first;
        if (!moves_.take(first, Start{subject, input, ""})) return report_;
        came_to(std::move(first), 0, "start");
        while (!open_.empty() && report_.faults.empty() && nodes_.size() <= options_.places_max) {
            auto [place, at] = std::move(open_.back());
            open_.pop_back();
            visit(place, at);
        }
        if (nodes_.size() > options_.places_max) fault(0, "more places than are to be searched");
        report_.places = nodes_.size();
        report_.steps = ways_.size();
        if (report_.faults.empty()) look_for_dead_ends();
        return report_;
    }

  private:
    using Index = std::uint32_t;
    struct Node {
        Index from = 0;
        std::string by;
        bool end = false;
    };

    Index came_to(Place place, Index from, const std::string& by) {
        moves_.tidy(place);
        auto key = key_of(place);
        if (beside_.key) key += beside_.key(place.beside);
        const auto [found, fresh] = seen_.emplace(std::move(key), Index(nodes_.size()));
        if (fresh) {
            nodes_.push_back({from, by, saga::ended(place.saga.phase)});
            open_.emplace_back(std::move(place), found->second);
        }
        return found->second;
    }

    void visit(const Place& place, Index at) {
        if (look) look(place);
        for (const auto& found : faults_of(process_, place)) fault(at, found);
        if (beside_.fault) {
            const auto found = beside_.fault(place.beside, place.saga.phase);
            if (!found.empty()) fault(at, found);
        }
        if (nodes_[at].end) {
            ++report_.ends[place.saga.phase];
            for (const auto& [name, input] : place.known) {
                auto to = place;
                if (moves_.take(to, input)) fault(at, "it moves after its end: " + name);
            }
            return;
        }
        bool anything = false;
        moves_.from(place, [&](const std::string& name, Place to) {
            anything = true;
            ways_.emplace_back(at, came_to(std::move(to), at, name));
        });
        if (!anything) fault(at, "nothing can happen");
        for (const auto& found : std::exchange(moves_.faults, {})) fault(at, found);
    }

    // From the ends backwards.
    void look_for_dead_ends() {
        std::vector<std::vector<Index>> before(nodes_.size());
        for (const auto& [from, to] : ways_) before[to].push_back(from);
        std::vector<bool> good(nodes_.size());
        std::vector<Index> open;
        for (Index i = 0; i < nodes_.size(); ++i) {
            if (!nodes_[i].end) continue;
            good[i] = true;
            open.push_back(i);
        }
        while (!open.empty()) {
            const auto at = open.back();
            open.pop_back();
            for (const auto from : before[at]) {
                if (good[from]) continue;
                good[from] = true;
                open.push_back(from);
            }
        }
        for (Index i = 0; i < nodes_.size(); ++i)
            if (!good[i]) fault(i, "no end can be reached");
    }

    void fault(Index at, const std::string& what) {
        constexpr std::size_t shown = 5;
        if (report_.faults.size() >= shown) return;
        std::string way;
        for (; at != 0; at = nodes_[at].from) way = " " + nodes_[at].by + way;
        report_.faults.push_back(what + "\n " + way);
    }

    const Process& process_;
    const SearchOptions options_;
    const Beside beside_;
    Moves moves_;
    std::unordered_map<std::string, Index> seen_;
    std::vector<Node> nodes_;
    std::vector<std::pair<Index, Index>> ways_;
    std::vector<std::pair<Place, Index>> open_;
    SearchReport report_;
};

}  // namespace skald::sagas::testing
