// The role that builds the read models: a follower per projection, each on a thread of its own, and
// a thread that keeps Redis up to date.
#pragma once

#include <memory>
#include <vector>

#include "api/serve/queries.h"
#include "eventstore/follower.h"

namespace skald::eventstore {
class SharedTopicFeed;
}  // namespace skald::eventstore

namespace skald::serve {

class ProjectorRole {
  public:
    // Begins at once; Kafka and Redis may be away.
    ProjectorRole(Core& core, const Queries& queries);
    ~ProjectorRole();
    ProjectorRole(const ProjectorRole&) = delete;

    std::vector<const eventstore::Follower*> followers() const;
    // Ends all followers side by side, since each may have to wait for PostgreSQL.
    void stop();

  private:
    struct Projector;
    struct Redis;
    std::unique_ptr<eventstore::SharedTopicFeed> feed_;  // of all projectors; they end first
    std::vector<std::unique_ptr<Projector>> projectors_;
    std::unique_ptr<Redis> redis_;
};

}  // namespace skald::serve
