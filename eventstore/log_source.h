// Events straight from the log. Partitions are read in turn, so that a long one does not keep the
// others waiting; when all are at their heads, the source sleeps until a head is announced. One
// thread.
#pragma once

#include <map>
#include <memory>

#include "eventstore/head_watch.h"
#include "eventstore/step.h"

namespace skald::eventstore {

class LogSource : public Source {
  public:
    // `per_partition` bounds a run, `bytes_max` (of data and meta) all runs of a poll together. The
    // watch needs a HeadPoller, unless all appends are announced to it.
    LogSource(std::unique_ptr<Log> log, HeadWatch& heads, ReadLimit per_partition = {},
              std::int64_t bytes_max = 16 * 1024 * 1024);

    void assign(Partition partition, const Cursor& at) override;
    void unassign(Partition partition) override;
    // Also throws Unavailable when the log has less than was announced: it went back in time.
    std::vector<Run> poll(std::chrono::milliseconds wait) override;

  private:
    std::vector<Run> read_ready();

    std::unique_ptr<Log> log_;
    HeadWatch& heads_;
    ReadLimit per_partition_;
    std::int64_t bytes_max_;
    std::map<Partition, Position> cursors_;
    Partition turn_{0};  // the first partition to look at
};

// Reads what a partition has beyond `after`, knowing that its head was announced to be at `head`.
std::vector<StoredEvent> read_announced(Log& log, Partition partition, Position after,
                                        Position head, const ReadLimit& limit);

}  // namespace skald::eventstore
