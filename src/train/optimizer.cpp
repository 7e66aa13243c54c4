#include "train/optimizer.hpp"

#include <torch/torch.h>

#include <utility>

namespace smlt::train {
namespace {

// torch.optim.Adam's defaults.
constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.999;
constexpr double kEpsilon = 1e-8;

std::vector<at::Tensor> zeros_like(const std::vector<at::Tensor>& tensors) {
  std::vector<at::Tensor> zeros;
  for (const at::Tensor& tensor : tensors) zeros.push_back(torch::zeros_like(tensor).detach());
  return zeros;
}

// The fused kernels walk memory, so a gradient must have its parameter's layout.
at::Tensor laid_out_as(const at::Tensor& gradient, const at::Tensor& parameter) {
  if (gradient.strides() == parameter.strides()) return gradient;
  return torch::empty_like(parameter).copy_(gradient);
}

}  // namespace

Optimizer::Optimizer(const model::OptimizerSpec& spec, std::vector<at::Tensor> parameters)
    : spec_(spec), parameters_(std::move(parameters)) {
  const bool is_adam = spec.kind == model::OptimizerSpec::Kind::kAdam;
  if (is_adam || spec.momentum != 0) momentum_ = zeros_like(parameters_);
  if (!is_adam) return;
  squares_ = zeros_like(parameters_);
  for (size_t i = 0; i < parameters_.size(); ++i) {
    steps_.push_back(torch::zeros({}, torch::TensorOptions().device(parameters_[i].device())));
  }
}

// LibTorch keeps the place of a hook that was removed, and passes it in every backward pass: so each parameter gets one
// hook, once.
void Optimizer::on_gradient(OnGradient on_gradient) {
  if (!on_gradient_) {
    on_gradient_ = std::make_shared<OnGradient>();
    for (size_t i = 0; i < parameters_.size(); ++i) {
      parameters_[i].register_hook([i, listener = on_gradient_](const at::Tensor& gradient) {
        if (*listener) (*listener)(i, gradient);
      });
    }
  }
  *on_gradient_ = std::move(on_gradient);
}

void Optimizer::step(std::span<const at::Tensor> gradients) {
  const torch::NoGradGuard no_grad;
  std::vector<at::Tensor> dense;
  for (size_t i = 0; i < parameters_.size(); ++i) dense.push_back(laid_out_as(gradients[i], parameters_[i]));
  spec_.kind == model::OptimizerSpec::Kind::kAdam ? step_adam(dense) : step_sgd(dense);
}

void Optimizer::step_sgd(const std::vector<at::Tensor>& gradients) {
  // With buffers of zeros the first step needs no special case: 0 * momentum + gradient is the gradient.
  at::_fused_sgd_(parameters_, gradients, momentum_, spec_.weight_decay, spec_.momentum, spec_.lr, /*dampening=*/0,
                  /*nesterov=*/false, /*maximize=*/false, /*is_first_step=*/false);
}

void Optimizer::step_adam(const std::vector<at::Tensor>& gradients) {
  at::_foreach_add_(steps_, 1);
  at::_fused_adam_(parameters_, gradients, momentum_, squares_, /*max_exp_avg_sqs=*/{}, steps_, spec_.lr, kBeta1,
                   kBeta2, spec_.weight_decay, kEpsilon, /*amsgrad=*/false, /*maximize=*/false);
}

std::vector<at::Tensor> Optimizer::state() const {
  std::vector<at::Tensor> state = momentum_;
  state.insert(state.end(), squares_.begin(), squares_.end());
  state.insert(state.end(), steps_.begin(), steps_.end());
  return state;
}

}  // namespace smlt::train
