#pragma once

#include <torch/csrc/jit/api/module.h>

#include <span>
#include <string>

namespace smlt::script {

struct FastForm {
  torch::jit::Module module;
  std::string sentence;  // which form it is, and why it is not a faster one
};

/// The fastest form of a network in eval mode whose answers to the inputs stay equal to the plain one's (absolutely or
/// relatively to 1e-4): frozen and passed through optimize_for_inference, only frozen, or the plain one itself. Throws
/// what the plain one throws for an input.
FastForm fastest_form(const torch::jit::Module& plain, std::span<const at::Tensor> inputs);

}  // namespace smlt::script
