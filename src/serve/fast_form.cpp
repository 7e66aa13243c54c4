#include "serve/fast_form.hpp"

#include <torch/script.h>
#include <torch/torch.h>

#include <functional>

#include "base/text.hpp"

namespace smlt::serve {
namespace {

constexpr double kTolerance = 1e-4;

at::Tensor answer(const torch::jit::Module& module, const at::Tensor& probe) {
  const c10::InferenceMode inference;
  torch::jit::Module copy = module;  // forward is not const
  return copy.forward({probe}).toTensor();
}

// "" when all answers stay equal.
std::string difference(const torch::jit::Module& plain, const torch::jit::Module& fast,
                       std::span<const at::Tensor> probes) {
  for (const at::Tensor& probe : probes) {
    const at::Tensor expected = answer(plain, probe);
    const at::Tensor found = answer(fast, probe);
    if (expected.sizes() != found.sizes()) return "its answers have another shape";
    if (!at::allclose(expected, found, kTolerance, kTolerance, /*equal_nan=*/true)) {
      return fmt::format("its answers differ by {:.2g}", (expected - found).abs().max().item<double>());
    }
  }
  return "";
}

// "" and the module in `made`, or why that form does not serve.
std::string tried(const torch::jit::Module& plain, std::span<const at::Tensor> probes,
                  const std::function<torch::jit::Module(torch::jit::Module&)>& make, torch::jit::Module& made) {
  try {
    torch::jit::Module copy = plain.clone();  // optimising changes what it is given
    made = make(copy);
    return difference(plain, made, probes);
  } catch (const c10::Error& e) {
    return printable(e.what_without_backtrace()).substr(0, 200);
  } catch (const std::exception& e) {
    return printable(e.what()).substr(0, 200);
  }
}

}  // namespace

FastForm fastest_form(const torch::jit::Module& plain, std::span<const at::Tensor> probes) {
  torch::jit::Module made;
  const std::string optimized = tried(
      plain, probes, [](torch::jit::Module& module) { return torch::jit::optimize_for_inference(module); }, made);
  if (optimized.empty()) return {made, "The model is frozen and optimised for inference."};
  const std::string frozen = tried(
      plain, probes, [](torch::jit::Module& module) { return torch::jit::freeze(module); }, made);
  if (frozen.empty()) return {made, "The model is frozen and not optimised: " + optimized + "."};
  return {plain, "The model runs as it was saved, neither optimised (" + optimized + ") nor frozen (" + frozen + ")."};
}

}  // namespace smlt::serve
