#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace smlt::script {

/// Replaces convolution, 2x2 max pooling and ReLU (in either order) of a frozen graph by tensor::conv_pool_relu if that
/// is faster: few channels, stride 1, no padding. Returns the number of replacements.
int fuse_blocks(torch::jit::Graph& graph);

}  // namespace smlt::script
