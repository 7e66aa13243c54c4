#include "script/trace.hpp"

#include <torch/torch.h>

#include "base/error.hpp"
#include "tests/catch.hpp"

using namespace smlt;

namespace {

// The way LibTorch's recurrent layers make their first state.
struct KeepsItsBatch : tensor::Net {
  at::Tensor forward(const at::Tensor& input) override { return input + torch::zeros({input.size(0), 1}); }
};

struct KeepsItsRow : tensor::Net {
  at::Tensor forward(const at::Tensor& input) override { return input.sum(1).view({-1, 2}); }
};

}  // namespace

TEST_CASE("A network that accepts batches of only one size is not exported", "[script]") {
  KeepsItsBatch batch;
  CHECK_THROWS_WITH(script::to_script(batch, torch::ones({2, 4})),
                    ContainsSubstring("keeps the 2 rows it was traced with") && ContainsSubstring("read no size"));
  KeepsItsRow row;
  CHECK_THROWS_AS(script::to_script(row, torch::ones({2, 4})), AlgorithmError);
}
