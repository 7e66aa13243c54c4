#pragma once

#include <torch/csrc/jit/api/module.h>

#include <cstdint>

namespace smlt::script {

struct Bfloat16Form {
  torch::jit::Module module;
  int64_t layers = 0;       // that compute in bfloat16
  int64_t bytes_saved = 0;  // of weights
};

/// A network in eval mode on a CPU, frozen, whose convolutions in two dimensions compute in bfloat16, with weights
/// packed for that, and so do the simple operators between them; everything else, input and output included, stays as
/// it is. Narrow convolutions that tensor::conv_pool_relu makes faster in float32 are left to it. Without such
/// convolutions it is the module as given. Throws c10::Error if the module cannot be frozen, std::runtime_error if it
/// changes tensors in place where that would be lost.
Bfloat16Form bfloat16_form(const torch::jit::Module& module);

}  // namespace smlt::script
