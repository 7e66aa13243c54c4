#include "tensor/linear_block.hpp"

#include <ATen/TracerMode.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/torch.h>

#include "kernels/linear_kernel.hpp"
#include "tensor/memory_layout.hpp"

namespace smlt::tensor {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// False also for what is wrong: LibTorch's operator has the words for it.
bool fits_linear(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias) {
  if (!is_float_on_cpu(input) || !is_float_on_cpu(weight) || !bias.defined() || !is_float_on_cpu(bias)) return false;
  return input.dim() == 2 && weight.dim() == 2 && bias.dim() == 1 && input.numel() > 0 && weight.numel() > 0 &&
         weight.size(1) == input.size(1) && bias.size(0) == weight.size(0);
}

class Linear : public torch::autograd::Function<Linear> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input, const at::Tensor& weight,
                            const at::Tensor& bias, bool relu, int64_t processor) {
    const at::Tensor rows = samples_outermost(input), weights = weight.contiguous();
    const kernels::LinearShape s = {rows.size(0), rows.size(1), weights.size(0), relu};
    at::Tensor output = at::empty({s.samples, s.outputs}, at::kFloat);
    kernels::linear_kernel_of(static_cast<kernels::Processor>(processor))
        .forward(s, rows.const_data_ptr<float>(), weights.const_data_ptr<float>(),
                 bias.contiguous().const_data_ptr<float>(), output.mutable_data_ptr<float>());
    context->save_for_backward({rows, weights, relu ? output : at::Tensor()});
    context->saved_data["processor"] = processor;
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &rows = saved[0], &weights = saved[1], &output = saved[2];
    const kernels::LinearShape s = {rows.size(0), rows.size(1), weights.size(0), output.defined()};
    const at::Tensor grad_output = gradients[0].contiguous();
    at::Tensor grad_input, grad_weight = at::empty({s.outputs, s.inputs}, at::kFloat);
    at::Tensor grad_bias = at::empty({s.outputs}, at::kFloat);
    if (context->needs_input_grad(0)) grad_input = at::empty({s.samples, s.inputs}, at::kFloat);
    const at::Tensor scratch = at::empty({s.samples * s.outputs}, at::kFloat);
    kernels::linear_kernel_of(static_cast<kernels::Processor>(context->saved_data["processor"].toInt()))
        .backward(s, rows.const_data_ptr<float>(), weights.const_data_ptr<float>(),
                  s.relu ? output.const_data_ptr<float>() : nullptr, grad_output.const_data_ptr<float>(),
                  grad_input.defined() ? grad_input.mutable_data_ptr<float>() : nullptr,
                  grad_weight.mutable_data_ptr<float>(), grad_bias.mutable_data_ptr<float>(),
                  scratch.mutable_data_ptr<float>());
    return {grad_input, grad_weight, grad_bias, at::Tensor(), at::Tensor()};
  }
};

at::Tensor plain(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias, bool relu) {
  const at::Tensor output = torch::linear(input, weight, bias);
  return relu ? torch::relu(output) : output;
}

at::Tensor best(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias, bool relu) {
  if (at::tracer::impl::is_dispatch_enabled() || !fits_linear(input, weight, bias))
    return plain(input, weight, bias, relu);
  return linear_on(kernels::best_processor(), input, weight, bias, relu);
}

}  // namespace

at::Tensor linear_on(kernels::Processor processor, const at::Tensor& input, const at::Tensor& weight,
                     const at::Tensor& bias, bool relu) {
  TORCH_CHECK(kernels::runs_here(processor) && fits_linear(input, weight, bias));
  return Linear::apply(input, weight, bias, relu, static_cast<int64_t>(processor));
}

at::Tensor linear(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias) {
  return best(input, weight, bias, /*relu=*/false);
}

at::Tensor linear_relu(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias) {
  return best(input, weight, bias, /*relu=*/true);
}

}  // namespace smlt::tensor
