#include "script/frozen.hpp"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/script.h>

#include <vector>

#include "script/nodes.hpp"

namespace smlt::script {
namespace {

// F.conv2d(x, weight) in Python leaves lists of one entry for both dimensions, and optimize_for_inference skips such
// convolutions.
void write_out_lists(torch::jit::Block* block) {
  for (torch::jit::Node* node : block->nodes()) {
    for (torch::jit::Block* inner : node->blocks()) write_out_lists(inner);
    if (!is_convolution(node)) continue;
    const auto weight = torch::jit::toIValue(node->namedInput("weight"));
    if (!weight || !weight->isTensor() || weight->toTensor().dim() != 4) continue;
    for (size_t i = 0; i < node->inputs().size(); ++i) {
      const auto list = torch::jit::toIValue(node->input(i));
      if (!list || !list->isIntList() || list->toIntVector().size() != 1) continue;
      const torch::jit::WithInsertPoint here(node);
      node->replaceInput(i, node->owningGraph()->insertConstant(std::vector<int64_t>(2, list->toIntVector()[0])));
    }
  }
}

}  // namespace

// Unless the executor may optimise, calls of modules within modules are not all inlined, and fail once it is frozen.
torch::jit::Module frozen(const torch::jit::Module& module) {
  const torch::jit::GraphOptimizerEnabledGuard optimizing(true);
  torch::jit::Module result = torch::jit::freeze(module);
  write_out_lists(result.get_method("forward").graph()->block());
  return result;
}

}  // namespace smlt::script
