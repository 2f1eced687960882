#include "bench/program/controls.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <system_error>
#include <thread>

#include "bench/program/sql.h"

namespace skald::bench {
namespace {

const std::string control_stream = "stock-BENCH-00000";

void require(bool done, const std::string& doing) {
    if (!done) throw std::system_error(errno, std::generic_category(), doing);
}

}  // namespace

Sample flush_file(const std::string& folder, Seconds time) {
    const auto path = folder + "/fdatasync.control";
    const int file = open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    require(file >= 0, "cannot write " + path);
    const std::string page(8192, 'x');
    Sample sample;
    const auto begun = Clock::now();
    const auto end = begun + time;
    for (auto now = begun; now < end;) {
        require(write(file, page.data(), page.size()) == static_cast<ssize_t>(page.size()),
                "cannot write " + path);
        require(fdatasync(file) == 0, "cannot flush " + path);
        const auto then = std::exchange(now, Clock::now());
        sample.latency.record(now - then);
        ++sample.operations;
    }
    sample.seconds = Seconds(Clock::now() - begun).count();
    close(file);
    unlink(path.c_str());
    return sample;
}

RowShape shape_of(pq::Connection& connection, const std::string& type) {
    const auto rows = connection.query(sql::event_sizes, pq::Params().text(type));
    return {type, rows.int4(0, 0), rows.int4(0, 1)};
}

InsertControl::InsertControl(const pq::Settings& settings, int clients_max, RowShape shape)
    : shape_(std::move(shape)) {
    for (int i = 0; i < clients_max; ++i)
        clients_.push_back(std::make_unique<pq::Connection>(settings));
    clients_.front()->script(sql::control_table);
}

Sample InsertControl::run(ServerCpu& server, int clients, Seconds time, int rows,
                          const std::function<void(pq::Connection&)>& insert) {
    return measured(server, [&](Sample& sample) {
        std::mutex mutex;
        const auto end = Clock::now() + time;
        std::vector<std::jthread> threads;
        for (int i = 0; i < clients; ++i) {
            threads.emplace_back([&, &connection = *clients_.at(static_cast<std::size_t>(i))] {
                Histogram latency;
                for (auto now = Clock::now(); now < end;) {
                    insert(connection);
                    const auto then = std::exchange(now, Clock::now());
                    latency.record(now - then);
                }
                const std::lock_guard lock(mutex);
                sample.operations += latency.count() * static_cast<std::uint64_t>(rows);
                sample.latency.merge(latency);
            });
        }
    });
}

Sample InsertControl::single(ServerCpu& server, int clients, Seconds time) {
    const std::string meta(static_cast<std::size_t>(shape_.meta_bytes), 'm');
    const std::string data(static_cast<std::size_t>(shape_.data_bytes), 'd');
    return run(server, clients, time, 1, [&](pq::Connection& connection) {
        connection.prepared(sql::insert_row, pq::Params()
                                                 .text(control_stream)
                                                 .text(shape_.type)
                                                 .uuid(eventstore::fresh_command_id().value())
                                                 .bytea(meta)
                                                 .bytea(data));
    });
}

Sample InsertControl::many(ServerCpu& server, int clients, int rows, Seconds time) {
    const auto count = static_cast<std::size_t>(rows);
    const std::vector<std::string> streams(count, control_stream);
    const std::vector<std::string> types(count, shape_.type);
    const std::vector metas(count, std::string(static_cast<std::size_t>(shape_.meta_bytes), 'm'));
    const std::vector datas(count, std::string(static_cast<std::size_t>(shape_.data_bytes), 'd'));
    return run(server, clients, time, rows, [&](pq::Connection& connection) {
        std::vector<eventstore::Uuid> ids(count);
        for (auto& id : ids) id = eventstore::fresh_command_id().value();
        connection.prepared(sql::insert_rows, pq::Params()
                                                  .text_array(streams)
                                                  .text_array(types)
                                                  .uuid_array(ids)
                                                  .bytea_array(metas)
                                                  .bytea_array(datas));
    });
}

}  // namespace skald::bench
