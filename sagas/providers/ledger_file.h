// Lines appended to a file, each on the disk before anyone is told. One process at a time owns the
// file. Thread-safe; threads that sync at the same time share one fdatasync.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>

namespace skald::sagas {

// The disk or the file is broken; what() is a sentence with the file's name.
struct LedgerUnusable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Another process has the file open. The lock falls with that process, however it ends.
struct LedgerInUse : LedgerUnusable {
    using LedgerUnusable::LedgerUnusable;
};

class LedgerFile {
  public:
    // Opens or makes the file, and gives every whole line to `line`, in order. A last line without
    // its end was never acknowledged: it is cut off. Throws LedgerUnusable, LedgerInUse; lets
    // through what `line` throws.
    LedgerFile(std::string path, const std::function<void(std::string_view)>& line);
    ~LedgerFile();
    LedgerFile(const LedgerFile&) = delete;

    // Writes the line behind the others. Throws LedgerUnusable, and then it is not there.
    void append(std::string_view line);
    // Returns when all that was appended before is on the disk. Throws LedgerUnusable, also ever
    // after: what the disk lost once it may have lost for good.
    void sync();

  private:
    std::string read_all() const;
    void cut(std::int64_t size);
    [[noreturn]] void fail(const char* what, int error) const;

    const std::string path_;
    int file_ = -1;
    std::mutex mutex_;
    std::condition_variable synced_more_;
    std::int64_t written_ = 0;  // bytes
    std::int64_t synced_ = 0;
    bool syncing_ = false;
    bool broken_ = false;
};

}  // namespace skald::sagas
