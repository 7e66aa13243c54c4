#pragma once

#include <torch/csrc/jit/api/module.h>

namespace smlt::script {

/// A module in eval mode with its weights as constants of one graph, BatchNorm folded into convolutions. What it is
/// given may change with it.
torch::jit::Module frozen(const torch::jit::Module& module);

}  // namespace smlt::script
