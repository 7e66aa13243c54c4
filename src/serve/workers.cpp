#include "serve/workers.hpp"

#include <malloc.h>

#include <exception>
#include <new>
#include <system_error>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "serve/worker_thread.hpp"

namespace smlt::serve {
namespace {

// After this many bytes of bodies, memory is returned to the system, once the endpoint has been idle for a while:
// memory returned between two requests would only be requested again.
constexpr size_t kLargeBatch = size_t{4} << 20;
constexpr std::chrono::milliseconds kPause{200};

size_t body_bytes(const std::vector<Job>& batch) {
  size_t bytes = 0;
  for (const Job& job : batch) bytes += job.request.body.size();
  return bytes;
}

}  // namespace

Workers::Workers(Queue& queue, int count, bool with_reserve) : queue_(queue) {
  try {
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back([this, i] { work(i == 0 ? Seat::kFirst : Seat::kOther); });
    }
    if (with_reserve) threads_.emplace_back([this] { work(Seat::kReserve); });
  } catch (const std::system_error& e) {
    queue_.close();  // otherwise those already started would wait forever
    throw PlatformError("Expected to start {}, found room for {} ({}); set --workers lower.", counted(count, "worker"),
                        threads_.size(), e.what());
  }
}

Workers::~Workers() { queue_.close(); }

void Workers::work(Seat seat) {
  become_worker();
  bool holds_memory = false;
  while (true) {
    if (holds_memory && queue_.stays_empty(seat, kPause)) {
      ::malloc_trim(0);
      holds_memory = false;
    }
    Queue::Batch batch;
    try {
      batch = queue_.take(seat);
    } catch (const std::bad_alloc&) {
      continue;
    }
    if (batch.lane == nullptr) return;
    holds_memory = holds_memory || body_bytes(batch.jobs) > kLargeBatch;
    try {
      batch.lane->answer(std::move(batch.jobs), seat == Seat::kFirst ? &queue_.unanswered() : nullptr);
    } catch (const std::exception&) {  // out of memory between the steps: replies that are dropped answer 500
    }
    queue_.done(std::move(batch));
  }
}

}  // namespace smlt::serve
