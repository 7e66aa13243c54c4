#include "script/fast_form.hpp"

#include <fmt/format.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/script.h>
#include <torch/torch.h>

#include <functional>
#include <vector>

#include "base/text.hpp"
#include "script/frozen.hpp"
#include "script/fused_blocks.hpp"
#include "script/nodes.hpp"

namespace smlt::script {
namespace {

constexpr double kTolerance = 1e-4;

bool has_convolutions(torch::jit::Graph& graph) {
  for (const torch::jit::Node* node : graph.nodes()) {
    if (is_convolution(node)) return true;
  }
  return false;
}

torch::jit::Module optimized(const torch::jit::Module& module) {
  torch::jit::Module result = frozen(module);
  const auto graph = result.get_method("forward").graph();
  const int fused = fuse_blocks(*graph);
  torch::jit::EliminateDeadCode(graph);
  // If everything is fused, it would only turn each linear layer into two operators.
  return fused > 0 && !has_convolutions(*graph) ? result : torch::jit::optimize_for_inference(result);
}

at::Tensor answer(const torch::jit::Module& module, const at::Tensor& probe) {
  const c10::InferenceMode inference;
  torch::jit::Module copy = module;  // forward is not const
  return copy.forward({probe}).toTensor();
}

struct Probes {
  std::span<const at::Tensor> inputs;
  std::vector<at::Tensor> expected;
};

// "" if all answers stay equal.
std::string difference(const torch::jit::Module& fast, const Probes& probes) {
  for (size_t i = 0; i < probes.inputs.size(); ++i) {
    const at::Tensor& expected = probes.expected[i];
    const at::Tensor found = answer(fast, probes.inputs[i]);
    if (expected.sizes() != found.sizes()) return "its answers have a different shape";
    if (!at::allclose(expected, found, kTolerance, kTolerance, /*equal_nan=*/true)) {
      return fmt::format("its answers differ by {:.2g}", (expected - found).abs().max().item<double>());
    }
  }
  return "";
}

// "" and the module in `made`, or why that form cannot be used.
std::string tried(const torch::jit::Module& plain, const Probes& probes,
                  const std::function<torch::jit::Module(const torch::jit::Module&)>& make, torch::jit::Module& made) {
  try {
    made = make(plain.clone());  // optimising changes what it is given
    return difference(made, probes);
  } catch (const c10::Error& e) {
    return shortened(e.what_without_backtrace(), 200);
  } catch (const std::exception& e) {
    return shortened(e.what(), 200);
  }
}

}  // namespace

FastForm fastest_form(const torch::jit::Module& plain, std::span<const at::Tensor> inputs) {
  Probes probes{inputs, {}};
  for (const at::Tensor& input : inputs) probes.expected.push_back(answer(plain, input));
  torch::jit::Module made;
  const std::string no_optimizing =
      inputs.front().is_cpu() ? tried(plain, probes, optimized, made) : "that is for CPUs";
  if (no_optimizing.empty()) return {made, "The model is frozen and optimised for inference."};
  const std::string no_freezing = tried(plain, probes, frozen, made);
  if (no_freezing.empty()) return {made, "The model is frozen and not optimised: " + no_optimizing + "."};
  return {plain, "The model runs as it was saved, neither optimised (" + no_optimizing + ") nor frozen (" +
                     no_freezing + ")."};
}

}  // namespace smlt::script
