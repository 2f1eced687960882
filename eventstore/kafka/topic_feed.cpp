#include "eventstore/kafka/topic_feed.h"

#include <algorithm>
#include <iterator>

namespace skald::eventstore {
namespace {

using namespace std::chrono_literals;

// Also how long a reader that begins may have to wait.
constexpr auto kafka_wait = 10ms;
constexpr auto restart_pause = 500ms;
constexpr std::size_t messages_at_once = 2000;
// A piece is one statement's worth for whoever writes what comes of it.
constexpr std::size_t piece_events = 1000;
constexpr std::size_t piece_bytes = 512 * 1024;
// Pieces below this are put together, if several wait.
constexpr std::size_t small_piece = 256;
// A reader so many records ahead of the feed takes it along.
constexpr std::int64_t records_ahead_max = 10'000;

std::size_t memory_of(const std::vector<StoredEvent>& events) {
    std::size_t bytes = 0;
    for (const auto& event : events) bytes += memory_of(event);
    return bytes;
}

bool continues(const Piece& one, const Piece& next) {
    return one.events && next.events && one.era == next.era && one.reading == next.reading &&
           next.events->front().position == one.events->back().position + 1;
}

Piece put_together(const std::vector<Piece>& pieces) {
    auto whole = pieces.back();
    if (pieces.size() == 1) return whole;
    std::vector<StoredEvent> events;
    for (const auto& piece : pieces)
        events.insert(events.end(), piece.events->begin(), piece.events->end());
    whole.events = std::make_shared<const std::vector<StoredEvent>>(std::move(events));
    return whole;
}

}  // namespace

// Turns messages into pieces.
class TopicFeed::Decoding {
  public:
    void add(const rd_kafka_message_t& message) {
        const Partition partition(message.partition);
        if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            end(partition);
            pieces_.push_back({.partition = partition,
                               .last_offset = message.offset,
                               .problem = rd_kafka_err2name(message.err),
                               .stopped = true});
            return;
        }
        auto record = event_of(message);
        if (!record) {
            end(partition);
            pieces_.push_back({.partition = partition,
                               .last_offset = message.offset,
                               .problem = std::move(record.error())});
            return;
        }
        auto& event = record->event;
        if (const auto open = open_.find(partition);
            open != open_.end() && !open->second.takes(*record))
            end(partition);
        auto& open = open_[partition];
        open.era = record->era;
        open.bytes += static_cast<std::size_t>(bytes_of(event));
        open.last_offset = message.offset;
        open.events.push_back(std::move(event));
    }

    std::vector<Piece> pieces() && {
        while (!open_.empty()) end(open_.begin()->first);
        return std::move(pieces_);
    }

  private:
    struct Open {
        Era era;
        std::size_t bytes = 0;
        std::int64_t last_offset = 0;
        std::vector<StoredEvent> events;
        bool takes(const PublishedEvent& record) const {
            return record.era == era && record.event.position == events.back().position + 1 &&
                   events.size() < piece_events && bytes < piece_bytes;
        }
    };

    void end(Partition partition) {
        const auto open = open_.find(partition);
        if (open == open_.end()) return;
        auto& events = open->second.events;
        events.shrink_to_fit();
        pieces_.push_back(
            {.partition = partition,
             .last_offset = open->second.last_offset,
             .events = std::make_shared<const std::vector<StoredEvent>>(std::move(events)),
             .era = open->second.era});
        open_.erase(open);
    }

    std::map<Partition, Open> open_;
    std::vector<Piece> pieces_;
};

TopicFeed::TopicFeed(const KafkaSettings& settings, TopicFeedOptions options)
    : options_(options),
      consumer_(settings, 100ms),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

TopicFeed::~TopicFeed() = default;

void TopicFeed::work(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        start_and_stop();
        Decoding decoding;
        for (const auto& message : consumer_.take(kafka_wait, messages_at_once))
            decoding.add(*message);
        add(std::move(decoding).pieces());
        make_room(stop);
    }
}

// What the readers want, between two takings of messages: so it is known which of them are older.
void TopicFeed::start_and_stop() {
    std::lock_guard lock(mutex_);
    for (auto& [partition, window] : windows_) {
        if (window.readers.empty() && std::exchange(window.started, false))
            consumer_.stop(partition);
        if (!window.start || Clock::now() < window.start->due) continue;
        try {
            consumer_.start(partition, window.start->offset);
            window.started = true;
            ++window.readings;
            window.start.reset();
        } catch (const KafkaUnavailable&) {
            window.start->due = Clock::now() + restart_pause;
        }
    }
}

void TopicFeed::add(std::vector<Piece> pieces) {
    if (pieces.empty()) return;
    std::lock_guard lock(mutex_);
    for (auto& piece : pieces) {
        const auto found = windows_.find(piece.partition);
        if (found == windows_.end() || found->second.readers.empty() || found->second.start)
            continue;
        auto& window = found->second;
        if (piece.stopped) {
            // What lies before the end, readers have from the log.
            window.start = {offset_end, Clock::now() + restart_pause};
        } else {
            window.next_offset = piece.last_offset + 1;
        }
        piece.reading = window.readings;
        piece.bytes = sizeof piece + (piece.events ? memory_of(*piece.events) : 0);
        bytes_ += piece.bytes;
        ages_.emplace_back(piece.partition, window.end());
        window.pieces.push_back(std::move(piece));
    }
    came_.notify_all();
}

void TopicFeed::make_room(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    const auto fits = [this] {
        while (bytes_ > options_.bytes_max && drop_oldest(false)) {
        }
        return bytes_ <= options_.bytes_max;
    };
    if (fits() || taken_.wait_for(lock, stop, options_.patience, fits)) return;
    while (bytes_ > options_.bytes_max / 2 && drop_oldest(true)) {
    }
}

// False: somebody has still to read it, or there is none.
bool TopicFeed::drop_oldest(bool also_unread) {
    if (ages_.empty()) return false;
    const auto [partition, number] = ages_.front();
    auto& window = windows_.at(partition);
    if (number >= window.first) {  // else it went with its last reader
        for (auto* reader : window.readers) {
            auto& place = reader->places_.at(partition);
            if (place.next > number || place.passed_over) continue;
            if (!also_unread) return false;
            place.passed_over = true;
        }
        bytes_ -= window.pieces.front().bytes;
        window.pieces.pop_front();
        ++window.first;
    }
    ages_.pop_front();
    return true;
}

void TopicFeed::begin(Reader& reader, Partition partition, std::int64_t offset) {
    std::lock_guard lock(mutex_);
    leave(reader, partition);
    auto& window = windows_[partition];
    if (window.readers.empty() || offset > window.next_offset + records_ahead_max) {
        window.start = {offset};
        window.next_offset = offset;
    }
    const auto next = std::ranges::find_if(
        window.pieces, [&](auto& piece) { return piece.last_offset >= offset; });
    window.readers.push_back(&reader);
    reader.places_[partition] = {.next = window.first +
                                         static_cast<std::uint64_t>(next - window.pieces.begin())};
}

void TopicFeed::end(Reader& reader, Partition partition) {
    std::lock_guard lock(mutex_);
    leave(reader, partition);
    auto& window = windows_[partition];
    if (!window.readers.empty()) return;
    window.start.reset();
    for (const auto& piece : window.pieces) bytes_ -= piece.bytes;
    window.first = window.end();
    window.pieces.clear();
}

void TopicFeed::leave(Reader& reader, Partition partition) {
    if (reader.places_.erase(partition) == 0) return;
    std::erase(windows_.at(partition).readers, &reader);
    taken_.notify_all();
}

// Of each partition the next piece, or the next few small ones.
std::vector<std::vector<Piece>> TopicFeed::next_of(Reader& reader) {
    std::vector<std::vector<Piece>> all;
    reader.more_ = false;
    for (auto& [partition, place] : reader.places_) {
        const auto& window = windows_.at(partition);
        place.next = std::max(place.next, window.first);
        if (place.next == window.end()) {
            place.passed_over = false;  // all that it missed is gone
            continue;
        }
        auto& pieces = all.emplace_back();
        std::size_t events = 0;
        std::size_t bytes = 0;
        do {
            const auto& piece = window.pieces[place.next - window.first];
            const auto size = piece.events ? piece.events->size() : 0;
            if (!pieces.empty() && (events + size > piece_events || bytes > piece_bytes ||
                                    !continues(pieces.back(), piece)))
                break;
            events += size;
            bytes += piece.bytes;
            pieces.push_back(piece);
            ++place.next;
        } while (place.next < window.end() && events < small_piece);
        if (place.next < window.end()) {
            reader.more_ = true;
        } else {
            place.passed_over = false;
        }
    }
    if (!all.empty()) taken_.notify_all();
    return all;
}

void TopicFeed::Reader::start(Partition partition, std::int64_t offset) {
    feed_->begin(*this, partition, offset);
}

void TopicFeed::Reader::stop(Partition partition) {
    if (places_.contains(partition)) feed_->end(*this, partition);
}

TopicFeed::Reader::~Reader() {
    while (!places_.empty()) stop(places_.begin()->first);
}

std::vector<Piece> TopicFeed::Reader::next(std::chrono::milliseconds wait) {
    std::vector<std::vector<Piece>> found;
    {
        std::unique_lock lock(feed_->mutex_);
        feed_->came_.wait_for(lock, wait, [&] {
            found = feed_->next_of(*this);
            return !found.empty();
        });
    }
    std::vector<Piece> pieces;
    pieces.reserve(found.size());
    for (const auto& one : found) pieces.push_back(put_together(one));
    return pieces;
}

std::shared_ptr<TopicFeed> SharedTopicFeed::get() {
    std::lock_guard lock(mutex_);
    auto feed = feed_.lock();
    if (!feed) feed_ = feed = std::make_shared<TopicFeed>(settings_);
    return feed;
}

}  // namespace skald::eventstore
