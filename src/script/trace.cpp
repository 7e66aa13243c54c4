#include "script/trace.hpp"

#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/torch.h>

#include <new>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt::script {
namespace {

using torch::jit::Module;

// A jit module with the parameters, buffers and children of `source`; they share the tensors.
Module mirrored(const torch::nn::Module& source, const std::string& class_name,
                const std::shared_ptr<torch::jit::CompilationUnit>& unit) {
  Module target(c10::QualifiedName(class_name), unit);
  // Python's eval() and train() set this attribute on every module.
  target.register_attribute("training", c10::BoolType::get(), false);
  for (const auto& parameter : source.named_parameters(/*recurse=*/false)) {
    target.register_parameter(parameter.key(), parameter.value(), /*is_buffer=*/false);
  }
  for (const auto& buffer : source.named_buffers(/*recurse=*/false)) {
    target.register_parameter(buffer.key(), buffer.value(), /*is_buffer=*/true);
  }
  for (const auto& child : source.named_children()) {
    target.register_module(child.key(), mirrored(*child.value(), class_name + "_" + child.key(), unit));
  }
  return target;
}

std::shared_ptr<torch::jit::Graph> traced_forward(tensor::Net& net, const at::Tensor& example, Module& module) {
  const auto forward = [&](torch::jit::Stack inputs) -> torch::jit::Stack {
    return {net.forward(inputs.at(0).toTensor())};
  };
  const auto nameless = [](const at::Tensor&) { return std::string(); };
  auto [state, output] = torch::jit::tracer::trace({example}, forward, nameless, /*strict=*/true,
                                                   /*force_outplace=*/false, &module, {"input"});
  return state->graph;
}

// Tracing keeps every size that a network reads, as LibTorch's own recurrent layers do for their first state: such a
// script accepts only batches of the example's size.
void check_other_batch(Module module, const at::Tensor& example) {
  std::vector<int64_t> shape = example.sizes().vec();
  const int64_t rows = ++shape[0];
  std::string found;
  const torch::jit::GraphOptimizerEnabledGuard plain(false);
  try {
    const at::Tensor output = module.forward({example.narrow(0, 0, 1).expand(shape).contiguous()}).toTensor();
    if (output.dim() > 0 && output.size(0) == rows) return;
    found = fmt::format("for {} rows it answers with {}", rows, output.dim() > 0 ? output.size(0) : 1);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    found = shortened(e.what(), 200);
  }
  throw AlgorithmError(
      "Expected a network whose forward can be exported for every batch size, found one that keeps the {} rows it was "
      "traced with ({}); read no size in forward, and give recurrent layers their first state.",
      example.size(0), found);
}

}  // namespace

Module to_script(tensor::Net& net, const at::Tensor& example) {
  const torch::NoGradGuard no_grad;
  const bool was_training = net.is_training();
  net.eval();
  Module module = mirrored(net, "__torch__.smlt.Net", std::make_shared<torch::jit::CompilationUnit>());
  const auto graph = traced_forward(net, example, module);
  const c10::QualifiedName name(*module.type()->name(), "forward");
  module.type()->addMethod(module._ivalue()->compilation_unit()->create_function(name, graph));
  net.train(was_training);
  check_other_batch(module, example);
  return module;
}

}  // namespace smlt::script
