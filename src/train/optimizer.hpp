#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "model/spec.hpp"

namespace smlt::train {

/// SGD or Adam over a list of parameters, as torch.optim computes them, with one fused call per step.
class Optimizer {
 public:
  /// `parameters` are dense and are updated in place.
  Optimizer(const model::OptimizerSpec& spec, std::vector<at::Tensor> parameters);

  /// One step along `gradients`, one per parameter in the parameters' order.
  void step(std::span<const at::Tensor> gradients);

  const std::vector<at::Tensor>& parameters() const { return parameters_; }

  using OnGradient = std::function<void(size_t parameter, const at::Tensor& gradient)>;

  /// From now on, a backward pass calls this on its own thread with each parameter's gradient once that is complete;
  /// {} ends it.
  void on_gradient(OnGradient on_gradient);

  /// The tensors that a step changes besides the parameters, in a fixed order; a checkpoint saves and restores them.
  std::vector<at::Tensor> state() const;

 private:
  void step_sgd(const std::vector<at::Tensor>& gradients);
  void step_adam(const std::vector<at::Tensor>& gradients);

  model::OptimizerSpec spec_;
  std::shared_ptr<OnGradient> on_gradient_;  // shared with the parameters' hooks; null before the first use
  std::vector<at::Tensor> parameters_;
  std::vector<at::Tensor> momentum_;  // SGD's buffers, Adam's mean of the gradients
  std::vector<at::Tensor> squares_;   // Adam's mean of the squared gradients
  std::vector<at::Tensor> steps_;     // Adam's number of steps, a float scalar each
};

}  // namespace smlt::train
