#include "script/bfloat16_form.hpp"

#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/script.h>

#include "script/frozen.hpp"
#include "script/fused_blocks.hpp"
#include "script/lowered_graph.hpp"
#include "script/packed_operators.hpp"

namespace smlt::script {

Bfloat16Form bfloat16_form(const torch::jit::Module& module) {
  torch::jit::Module result = frozen(module.clone());  // freezing changes what it is given
  const auto graph = result.get_method("forward").graph();
  fuse_blocks(*graph);
  torch::jit::EliminateDeadCode(graph);  // what is fused must not be lowered too
  const Lowered lowered = lower_to_bfloat16(*graph);
  if (lowered.layers == 0) return {module};
  join_activations(*graph);
  torch::jit::EliminateDeadCode(graph);
  return {result, lowered.layers, lowered.bytes_saved};
}

}  // namespace smlt::script
