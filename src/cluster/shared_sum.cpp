#include "cluster/shared_sum.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstring>
#include <string>
#include <utility>

#include "cluster/store.hpp"

namespace smlt::cluster {
namespace {

constexpr size_t kSlotBytes = size_t{1} << 20;  // larger tensors go through it in pieces
constexpr int kSpins = 2000;                    // some 20 us, less than to fall asleep and be woken

// Two slots for each rank, used in turn: a rank that is ahead writes into one while others still read the other.
size_t bytes_of(int size) { return 4096 + 2 * static_cast<size_t>(size) * kSlotBytes; }

// std::atomic's own wait() works within a process only.
void sleep_while(std::atomic<uint32_t>& word, uint32_t value) {
  ::syscall(SYS_futex, &word, FUTEX_WAIT, value, nullptr, nullptr, 0);
}

void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

void wake_all(std::atomic<uint32_t>& word) { ::syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0); }

}  // namespace

struct SharedSum::Shared {
  std::atomic<uint32_t> arrived;
  alignas(64) std::atomic<uint32_t> meetings;
};

// The memory has no name and counts for no file system: rank 0's descriptor is reached through /proc.
std::unique_ptr<SharedSum> SharedSum::open(const c10::intrusive_ptr<c10d::Store>& store, int rank, int size) {
  constexpr const char* kPath = "shared/path";
  constexpr const char* kMapped = "shared/mapped";
  int fd = -1;
  if (rank == 0) {
    fd = ::memfd_create("smlt-sum", MFD_CLOEXEC);
    if (fd >= 0 && ::ftruncate(fd, static_cast<off_t>(bytes_of(size))) != 0) ::close(std::exchange(fd, -1));
    store->set(kPath, fmt::format("/proc/{}/fd/{}", ::getpid(), fd));
  } else {
    fd = ::open(text_of(store->get(kPath)).c_str(), O_RDWR | O_CLOEXEC);
  }
  std::unique_ptr<SharedSum> made(new SharedSum(rank, size, fd));
  store->set(fmt::format("{}/{}", kMapped, rank), made->shared_ != nullptr ? "1" : "0");
  bool all = true;
  for (int each = 0; each < size; ++each) {
    if (text_of(store->get(fmt::format("{}/{}", kMapped, each))) != "1") all = false;
  }
  if (fd >= 0) ::close(fd);
  return all ? std::move(made) : nullptr;
}

SharedSum::SharedSum(int rank, int size, int fd) : rank_(rank), size_(size) {
  if (fd < 0) return;
  void* const memory = ::mmap(nullptr, bytes_of(size), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory != MAP_FAILED) shared_ = static_cast<Shared*>(memory);
}

SharedSum::~SharedSum() {
  if (shared_ != nullptr) ::munmap(shared_, bytes_of(size_));
}

void SharedSum::sum(const at::Tensor& tensor) {
  const auto count = static_cast<size_t>(tensor.numel());
  if (tensor.scalar_type() == at::kFloat) return sum_of(tensor.mutable_data_ptr<float>(), count);
  if (tensor.scalar_type() == at::kDouble) return sum_of(tensor.mutable_data_ptr<double>(), count);
  sum_of(tensor.mutable_data_ptr<int64_t>(), count);
}

template <typename T>
void SharedSum::sum_of(T* values, size_t count) {
  for (size_t done = 0; done < count;) {
    const size_t piece = std::min(count - done, kSlotBytes / sizeof(T));
    std::memcpy(slot(rank_), values + done, piece * sizeof(T));
    meet();
    std::memcpy(values + done, slot(0), piece * sizeof(T));
    for (int rank = 1; rank < size_; ++rank) {
      const T* const theirs = reinterpret_cast<const T*>(slot(rank));
      for (size_t i = 0; i < piece; ++i) values[done + i] += theirs[i];
    }
    ++turn_;
    done += piece;
  }
}

std::byte* SharedSum::slot(int rank) const {
  const size_t number = (turn_ % 2) * static_cast<size_t>(size_) + static_cast<size_t>(rank);
  return reinterpret_cast<std::byte*>(shared_) + 4096 + number * kSlotBytes;
}

// Returns when all ranks have called it.
void SharedSum::meet() {
  const uint32_t before = shared_->meetings.load();
  if (shared_->arrived.fetch_add(1) + 1 == static_cast<uint32_t>(size_)) {
    shared_->arrived = 0;
    shared_->meetings.fetch_add(1);
    wake_all(shared_->meetings);
    return;
  }
  for (int i = 0; i < kSpins && shared_->meetings.load() == before; ++i) pause_briefly();
  while (shared_->meetings.load() == before) sleep_while(shared_->meetings, before);
}

}  // namespace smlt::cluster
