#include "script/fused_blocks.hpp"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/library.h>
#include <torch/torch.h>

#include <algorithm>
#include <vector>

#include "script/nodes.hpp"
#include "tensor/conv_block.hpp"

namespace smlt::script {
namespace {

using torch::jit::Node;
using torch::jit::Value;

// Beyond these LibTorch's own convolution keeps up.
constexpr int64_t kMostChannels = 16;
constexpr int64_t kMostFilters = 32;

// Whether the input is a list with only this number; an empty one stands for the default.
bool all_are(const Node* node, const char* input, int64_t number, bool or_empty = false) {
  const auto value = torch::jit::toIValue(node->namedInput(input));
  if (!value || !value->isIntList()) return false;
  const std::vector<int64_t> list = value->toIntVector();
  return (or_empty || !list.empty()) &&
         std::all_of(list.begin(), list.end(), [&](int64_t each) { return each == number; });
}

bool is_number(const Node* node, const char* input, int64_t number) {
  const auto value = torch::jit::toIValue(node->namedInput(input));
  return value &&
         ((value->isInt() && value->toInt() == number) || (value->isBool() && value->toBool() == (number != 0)));
}

bool is_small_convolution(const Node* node) {
  const bool general = is(node, "aten::_convolution");
  if (!general && !is(node, "aten::conv2d")) return false;
  if (general && !is_number(node, "transposed", 0)) return false;
  const auto weight = torch::jit::toIValue(node->namedInput("weight"));
  const auto bias = torch::jit::toIValue(node->namedInput("bias"));
  if (!weight || !weight->isTensor() || !bias || !bias->isTensor()) return false;
  const at::Tensor kernel = weight->toTensor();
  return kernel.dim() == 4 && kernel.size(1) <= kMostChannels && kernel.size(0) <= kMostFilters &&
         all_are(node, "stride", 1) && all_are(node, "padding", 0) && all_are(node, "dilation", 1) &&
         is_number(node, "groups", 1);
}

bool is_pooling(const Node* node) {
  return is(node, "aten::max_pool2d") && all_are(node, "kernel_size", 2) && all_are(node, "stride", 2, true) &&
         all_are(node, "padding", 0) && all_are(node, "dilation", 1) && is_number(node, "ceil_mode", 0);
}

bool is_relu(const Node* node) { return is(node, "aten::relu") || is(node, "aten::relu_"); }

// The convolution of the block that ends with this node, or null.
Node* block_before(Node* last) {
  if (!is_relu(last) && !is_pooling(last)) return nullptr;
  Node* middle = last->input(0)->node();
  if (!(is_relu(last) ? is_pooling(middle) : is_relu(middle)) || middle->output()->uses().size() != 1) return nullptr;
  Node* convolution = middle->input(0)->node();
  return is_small_convolution(convolution) && convolution->output()->uses().size() == 1 ? convolution : nullptr;
}

TORCH_LIBRARY_FRAGMENT(smlt, library) {
  library.def("conv_pool_relu(Tensor input, Tensor weight, Tensor bias) -> Tensor", &tensor::conv_pool_relu);
}

}  // namespace

int fuse_blocks(torch::jit::Graph& graph) {
  int fused = 0;
  for (Node* node : graph.nodes()) {
    Node* convolution = block_before(node);
    if (convolution == nullptr) continue;
    const torch::jit::WithInsertPoint here(node);
    Node* block = graph.insertNode(graph.create(
        c10::Symbol::fromQualString("smlt::conv_pool_relu"),
        {convolution->namedInput("input"), convolution->namedInput("weight"), convolution->namedInput("bias")}));
    node->output()->replaceAllUsesWith(block->output());
    ++fused;  // the old nodes stay and are removed as dead code
  }
  return fused;
}

}  // namespace smlt::script
