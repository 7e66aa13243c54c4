#include "tensor/conv_block.hpp"

#include <ATen/TracerMode.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/torch.h>

#include <array>

#include "kernels/conv_kernel.hpp"
#include "tensor/memory_layout.hpp"

namespace smlt::tensor {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// False also for what is wrong: the plain twin has the words for it.
bool fits_conv(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias) {
  if (!is_float_on_cpu(input) || !is_float_on_cpu(weight) || !bias.defined() || !is_float_on_cpu(bias)) return false;
  if (input.dim() != 4 || weight.dim() != 4 || bias.dim() != 1 || input.numel() == 0) return false;
  const int64_t k = weight.size(2);
  return weight.size(3) == k && k >= 1 && k <= kernels::kLargestKernel && weight.size(1) == input.size(1) &&
         weight.size(0) >= 1 && bias.size(0) == weight.size(0) && input.size(2) > k && input.size(3) > k;
}

kernels::ConvShape shape_of(const at::Tensor& input, const at::Tensor& weight) {
  const int64_t k = weight.size(2);
  return {input.size(0),
          input.size(1),
          input.size(2),
          input.size(3),
          weight.size(0),
          k,
          (input.size(2) - k + 1) / 2,
          (input.size(3) - k + 1) / 2};
}

class ConvPoolRelu : public torch::autograd::Function<ConvPoolRelu> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input, const at::Tensor& weight,
                            const at::Tensor& bias, int64_t processor) {
    const kernels::ConvKernel& kernel = kernels::conv_kernel_of(static_cast<kernels::Processor>(processor));
    const kernels::ConvShape s = shape_of(input, weight);
    const at::Tensor images = samples_innermost(input, /*needs_slack=*/true);
    const at::Tensor weights = weight.contiguous();
    const std::array<int64_t, 4> sizes = {s.samples, s.filters, s.pooled_height, s.pooled_width};
    at::Tensor output = empty_samples_innermost(sizes, at::kFloat);
    at::Tensor choices = empty_samples_innermost(sizes, at::kByte);
    const at::Tensor scratch = at::empty({kernel.scratch_floats(s)}, at::kFloat);
    kernel.forward(s, images.const_data_ptr<float>(), weights.const_data_ptr<float>(),
                   bias.contiguous().const_data_ptr<float>(), output.mutable_data_ptr<float>(),
                   choices.mutable_data_ptr<uint8_t>(), scratch.mutable_data_ptr<float>());
    context->save_for_backward({images, weights, choices});
    context->saved_data["processor"] = processor;
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &images = saved[0], &weights = saved[1], &choices = saved[2];
    const kernels::ConvKernel& kernel =
        kernels::conv_kernel_of(static_cast<kernels::Processor>(context->saved_data["processor"].toInt()));
    const kernels::ConvShape s = shape_of(images, weights);
    const at::Tensor grad_output = samples_innermost(gradients[0], /*needs_slack=*/false);
    at::Tensor grad_input, grad_weight = at::empty(weights.sizes(), at::kFloat);
    at::Tensor grad_bias = at::empty({s.filters}, at::kFloat);
    if (context->needs_input_grad(0)) grad_input = empty_samples_innermost(images.sizes(), at::kFloat);
    const at::Tensor scratch = at::empty({kernel.scratch_floats(s)}, at::kFloat);
    kernel.backward(
        s, images.const_data_ptr<float>(), weights.const_data_ptr<float>(), choices.const_data_ptr<uint8_t>(),
        grad_output.const_data_ptr<float>(), grad_input.defined() ? grad_input.mutable_data_ptr<float>() : nullptr,
        grad_weight.mutable_data_ptr<float>(), grad_bias.mutable_data_ptr<float>(), scratch.mutable_data_ptr<float>());
    return {grad_input, grad_weight, grad_bias, at::Tensor()};
  }
};

}  // namespace

at::Tensor conv_pool_relu_on(kernels::Processor processor, const at::Tensor& input, const at::Tensor& weight,
                             const at::Tensor& bias) {
  TORCH_CHECK(kernels::runs_here(processor) && fits_conv(input, weight, bias));
  return ConvPoolRelu::apply(input, weight, bias, static_cast<int64_t>(processor));
}

at::Tensor conv_pool_relu_plain(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias) {
  // Written out for both dimensions: optimize_for_inference skips convolutions with shorter lists.
  const std::array<int64_t, 2> stride = {1, 1};
  const std::array<int64_t, 2> padding = {0, 0};
  const at::Tensor maps = torch::conv2d(input, weight, bias, stride, padding, /*dilation=*/stride);
  return torch::relu(torch::max_pool2d(maps, {2, 2}));
}

at::Tensor conv_pool_relu(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias) {
  if (at::tracer::impl::is_dispatch_enabled() || !fits_conv(input, weight, bias))
    return conv_pool_relu_plain(input, weight, bias);
  return conv_pool_relu_on(kernels::best_processor(), input, weight, bias);
}

}  // namespace smlt::tensor
