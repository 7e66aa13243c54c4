#pragma once

#include <torch/csrc/jit/api/module.h>

#include "tensor/net.hpp"

namespace smlt::script {

/// TorchScript of a network: its module tree mirrored under the same names, and `forward` traced in eval mode.
/// `example` is an input of the network; any other batch size works too. The network's mode is restored afterwards.
torch::jit::Module to_script(tensor::Net& net, const at::Tensor& example);

}  // namespace smlt::script
