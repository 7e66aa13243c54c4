#include "serve/lent_cores.hpp"

#include <memory>

namespace smlt::serve {
namespace {

thread_local const std::atomic<int>* watched_jobs = nullptr;

// Called before each operator.
std::unique_ptr<at::ObserverContext> give_back_if_wanted(const at::RecordFunction&) {
  if (watched_jobs->load(std::memory_order_relaxed) > 1) omp_set_num_threads(1);
  return nullptr;
}

at::CallbackHandle watch(const std::atomic<int>& jobs) {
  watched_jobs = &jobs;
  return at::addThreadLocalCallback(
      at::RecordFunctionCallback(give_back_if_wanted).scopes({at::RecordScope::FUNCTION}));
}

}  // namespace

LentCores::LentCores(int threads, const std::atomic<int>& jobs)
    : levels_(omp_get_max_active_levels()), threads_(threads), watch_(watch(jobs)) {
  omp_set_max_active_levels(1);
}

LentCores::~LentCores() {
  omp_set_max_active_levels(levels_);
  at::removeCallback(watch_);
}

}  // namespace smlt::serve
