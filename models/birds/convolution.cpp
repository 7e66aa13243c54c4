#include "models/birds/convolution.hpp"

#include <torch/torch.h>

#include <vector>

namespace smlt::models::birds {
namespace {

std::vector<int64_t> vector_of(const torch::ExpandingArray<2>& sizes) { return {sizes->begin(), sizes->end()}; }

tensor::ConvGeometry geometry_of(const torch::nn::detail::ConvNdOptions<2>& options) {
  return {.padding = vector_of(std::get<torch::ExpandingArray<2>>(options.padding())),
          .stride = vector_of(options.stride()),
          .dilation = vector_of(options.dilation()),
          .groups = options.groups()};
}

}  // namespace

at::Tensor ConvolutionImpl::normed(const at::Tensor& images) {
  const at::Tensor x = torch::nn::Conv2dImpl::forward(images);
  return norm_.is_empty() ? x : norm_(x);
}

at::Tensor ConvolutionImpl::forward(const at::Tensor& images) {
  if (is_packed()) return packed_.forward(images, activation_);
  at::Tensor x = normed(images);
  if (activation_ == Activation::kRelu) return x.relu_();
  return activation_ == Activation::kRelu6 ? torch::relu6(x) : x;
}

at::Tensor ConvolutionImpl::add_relu(const at::Tensor& images, const at::Tensor& other) {
  return is_packed() ? packed_.add_relu(images, other) : normed(images).add_(other).relu_();
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
  packed_ = tensor::packed(folded, shift, geometry_of(options), type);
}

}  // namespace smlt::models::birds
