#include "serve/worker_thread.hpp"

#include <ATen/Parallel.h>
#include <omp.h>

#include "script/script.hpp"

namespace smlt::serve {

void become_worker() {
  at::set_num_threads(1);
  omp_set_max_active_levels(0);  // compiled code asks for the number of threads of the machine that compiled it
  script::run_unchanged();
}

}  // namespace smlt::serve
