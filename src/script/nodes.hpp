// What nodes of a graph are.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <string_view>

namespace smlt::script {

/// Whether it is this operator: "aten::relu".
inline bool is(const torch::jit::Node* node, std::string_view name) { return node->kind().toQualString() == name; }

inline bool is_convolution(const torch::jit::Node* node) {
  return is(node, "aten::_convolution") || is(node, "aten::conv2d");
}

}  // namespace smlt::script
