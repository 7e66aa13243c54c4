#include "serve/lent_cores.hpp"

#include <torch/torch.h>

#include "tests/catch.hpp"

using namespace smlt;

TEST_CASE("A lone prediction uses the idle cores until another request comes", "[serve]") {
  const tensor::OperatorThreads worker(1);
  std::atomic<int> jobs{1};
  {
    const serve::LentCores cores(3, jobs);
    at::ones({2}).add(1);
    CHECK(omp_get_max_threads() == 3);
    jobs = 2;
    CHECK(omp_get_max_threads() == 3);
    at::ones({2}).add(1);
    CHECK(omp_get_max_threads() == 1);
    jobs = 1;
    at::ones({2}).add(1);
    CHECK(omp_get_max_threads() == 1);  // what is given back is not taken again
  }
  CHECK(omp_get_max_threads() == 1);
  jobs = 2;
  const tensor::OperatorThreads after(2);
  at::ones({2}).add(1);
  CHECK(omp_get_max_threads() == 2);  // nothing watches any longer
}
