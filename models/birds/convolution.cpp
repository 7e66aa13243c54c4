#include "models/birds/convolution.hpp"

#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/torch.h>

#include <utility>

// These are the operators into which torch.compile turns such a chain (torch/_inductor/fx_passes/mkldnn_fusion.py).

namespace smlt::models::birds {
namespace {

using Scalars = c10::List<std::optional<at::Scalar>>;

template <typename... Arguments>
at::Tensor call(const c10::OperatorHandle& op, Arguments&&... arguments) {
  c10::Stack stack;
  (stack.emplace_back(std::forward<Arguments>(arguments)), ...);
  op.callBoxed(stack);
  return stack.at(0).toTensor();
}

c10::OperatorHandle op_called(const char* name, const char* overload = "") {
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
}

std::vector<int64_t> vector_of(const torch::ExpandingArray<2>& sizes) { return {sizes->begin(), sizes->end()}; }

// In the form that oneDNN's operators take.
struct Geometry {
  explicit Geometry(const torch::nn::detail::ConvNdOptions<2>& options)
      : padding(vector_of(std::get<torch::ExpandingArray<2>>(options.padding()))),
        stride(vector_of(options.stride())),
        dilation(vector_of(options.dilation())),
        groups(options.groups()) {}

  std::vector<int64_t> padding, stride, dilation;
  int64_t groups;
};

}  // namespace

at::Tensor ConvolutionImpl::normed(const at::Tensor& images) {
  const at::Tensor x = torch::nn::Conv2dImpl::forward(images);
  return norm_.is_empty() ? x : norm_(x);
}

at::Tensor ConvolutionImpl::forward(const at::Tensor& images) {
  if (!is_packed()) {
    at::Tensor x = normed(images);
    if (activation_ == Activation::kRelu) return x.relu_();
    return activation_ == Activation::kRelu6 ? torch::relu6(x) : x;
  }
  static const c10::OperatorHandle kOp = op_called("mkldnn::_convolution_pointwise");
  const Geometry at(options);
  std::string name = "none";
  Scalars bounds;
  if (activation_ == Activation::kRelu) name = "relu";
  if (activation_ == Activation::kRelu6) name = "hardtanh", bounds.push_back(0.0), bounds.push_back(6.0);
  return call(kOp, images, weight_, bias_, at.padding, at.stride, at.dilation, at.groups, name, bounds, std::string());
}

at::Tensor ConvolutionImpl::add_relu(const at::Tensor& images, const at::Tensor& other) {
  if (!is_packed()) return normed(images).add_(other).relu_();
  static const c10::OperatorHandle kOp = op_called("mkldnn::_convolution_pointwise_", "binary");
  const Geometry at(options);
  return call(kOp, other, images, weight_, bias_, at.padding, at.stride, at.dilation, at.groups, std::string("add"),
              1.0, std::string("relu"), Scalars(), std::string());
}

void ConvolutionImpl::pack(at::ScalarType type) {
  if (!at::hasMKLDNN() || !weight.is_cpu()) return;
  const torch::NoGradGuard no_grad;
  at::Tensor folded = weight.detach();
  at::Tensor shift = bias.defined() ? bias.detach() : torch::zeros({weight.size(0)});
  if (!norm_.is_empty()) {
    const at::Tensor scale = norm_->weight / (norm_->running_var + norm_->options.eps()).sqrt();
    folded = folded * scale.view({-1, 1, 1, 1});
    shift = (shift - norm_->running_mean) * scale + norm_->bias;
  }
  static const c10::OperatorHandle kOp = op_called("mkldnn::_reorder_convolution_weight");
  const Geometry at(options);
  weight_ = call(kOp, folded.to(type).contiguous(at::MemoryFormat::ChannelsLast), at.padding, at.stride, at.dilation,
                 at.groups, c10::IValue());
  bias_ = shift.to(type);
}

}  // namespace smlt::models::birds
