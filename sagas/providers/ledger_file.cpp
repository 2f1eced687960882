#include "sagas/providers/ledger_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "diagnostics/logger.h"

namespace skald::sagas {
namespace {

// A new file is only there after a power cut when its folder is on the disk too.
bool sync_folder_of(const std::string& path) {
    const auto folder = std::filesystem::absolute(path).parent_path();
    const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) return false;
    const bool done = ::fsync(opened) == 0;
    ::close(opened);
    return done;
}

bool write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::write(file, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

}  // namespace

LedgerFile::LedgerFile(std::string path, const std::function<void(std::string_view)>& line)
    : path_(std::move(path)) {
    file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file_ < 0) fail("cannot be opened", errno);
    try {
        if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK) fail("cannot be locked", errno);
            throw LedgerInUse("the ledger " + path_ + " is in use by another process");
        }
        const auto all = read_all();
        const std::string_view text(all);
        std::size_t begin = 0;
        for (auto end = text.find('\n'); end != std::string_view::npos;
             end = text.find('\n', begin)) {
            line(text.substr(begin, end - begin));
            begin = end + 1;
        }
        written_ = static_cast<std::int64_t>(begin);
        if (begin < text.size()) {
            diagnostics::log_warning("torn last line cut off",
                                     {{"file", path_}, {"bytes", text.size() - begin}});
            cut(written_);
        }
        // What a killed process wrote but did not sync has been read: it is told from now on.
        if (::fsync(file_) != 0 || !sync_folder_of(path_)) fail("cannot be synced", errno);
        synced_ = written_;
    } catch (...) {
        ::close(file_);
        throw;
    }
}

LedgerFile::~LedgerFile() { ::close(file_); }

void LedgerFile::append(std::string_view line) {
    const std::lock_guard lock(mutex_);
    if (broken_) fail("could not be written or synced before", 0);
    const std::string bytes = std::string(line) + "\n";
    if (!write_all(file_, bytes)) {
        const int error = errno;
        broken_ = ::ftruncate(file_, written_) != 0;
        fail("cannot be written", error);
    }
    written_ += static_cast<std::int64_t>(bytes.size());
}

void LedgerFile::sync() {
    std::unique_lock lock(mutex_);
    const auto wanted = written_;
    while (!broken_ && synced_ < wanted) {
        if (syncing_) {
            synced_more_.wait(lock);
            continue;
        }
        syncing_ = true;
        const auto reaches = written_;
        lock.unlock();
        const bool done = ::fdatasync(file_) == 0;
        lock.lock();
        syncing_ = false;
        if (done) synced_ = reaches;
        broken_ = broken_ || !done;
        synced_more_.notify_all();
    }
    if (broken_) fail("cannot be synced; some of it may be lost", 0);
}

std::string LedgerFile::read_all() const {
    std::string all;
    char bytes[65536];
    while (true) {
        const auto n = ::read(file_, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) fail("cannot be read", errno);
        if (n == 0) return all;
        all.append(bytes, static_cast<std::size_t>(n));
    }
}

void LedgerFile::cut(std::int64_t size) {
    if (::ftruncate(file_, size) != 0) fail("cannot be cut", errno);
}

void LedgerFile::fail(const char* what, int error) const {
    const auto why = error == 0 ? "" : ": " + std::generic_category().message(error);
    throw LedgerUnusable("the ledger " + path_ + " " + what + why);
}

}  // namespace skald::sagas
