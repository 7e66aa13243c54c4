#include "script/lowered_graph.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "script/nodes.hpp"
#include "script/packed_operators.hpp"

namespace smlt::script {
namespace {

using torch::jit::Node;
using torch::jit::Value;

// The results of these have the type of the images that they are given.
const std::set<std::string>& carriers() {
  static const std::set<std::string> kCarriers = {
      "aten::relu",       "aten::relu_",      "aten::relu6",       "aten::relu6_",      "aten::hardtanh",
      "aten::hardtanh_",  "aten::leaky_relu", "aten::leaky_relu_", "aten::silu",        "aten::silu_",
      "aten::hardswish",  "aten::hardswish_", "aten::sigmoid",     "aten::hardsigmoid", "aten::gelu",
      "aten::max_pool2d", "aten::avg_pool2d", "aten::dropout",     "aten::batch_norm",  "aten::cat",
      "aten::add",        "aten::add_",       "aten::mul",         "aten::mul_"};
  return kCarriers;
}

bool is_binary(const Node* node) {
  return is(node, "aten::add") || is(node, "aten::add_") || is(node, "aten::mul") || is(node, "aten::mul_");
}

bool is_only_joined(const Node* list) {
  const auto& uses = list->output()->uses();
  return is(list, "prim::ListConstruct") && !uses.empty() &&
         std::all_of(uses.begin(), uses.end(), [](const auto& use) { return is(use.user, "aten::cat"); });
}

class Lowering {
 public:
  explicit Lowering(torch::jit::Graph& graph) : graph_(graph) {}

  Lowered run() {
    for (Node* node : graph_.nodes()) visit(node);
    use_float(graph_.return_node(), graph_.return_node());
    return lowered_;
  }

 private:
  void visit(Node* node) {
    if (is_only_joined(node)) return;  // aten::cat decides
    if (pack(node)) return;
    if (carries(node)) {
      low_.insert(node->output());
    } else if (is(node, "aten::cat")) {
      use_float(node->input(0)->node(), node->input(0)->node());
    } else {
      use_float(node, node);
    }
  }

  bool pack(Node* node) {
    const auto packed = packed_in_bfloat16(node);
    if (!packed) return false;
    const torch::jit::WithInsertPoint here(node);
    Value* input = node->namedInput("input");
    Value* output = insert_packed(graph_, *packed, low_.contains(input) ? input : insert_to_bfloat16(graph_, input));
    node->output()->replaceAllUsesWith(output);
    low_.insert(output);
    ++lowered_.layers;
    lowered_.bytes_saved += packed->weight.numel() * static_cast<int64_t>(sizeof(float) / 2);
    return true;
  }

  bool carries(Node* node) const {
    if (!carriers().contains(node->kind().toQualString())) return false;
    if (is_binary(node)) return low_.contains(node->input(0)) && low_.contains(node->input(1));
    if (!is(node, "aten::cat")) return low_.contains(node->input(0));
    const auto parts = node->input(0)->node()->inputs();
    return is_only_joined(node->input(0)->node()) && !parts.empty() &&
           std::all_of(parts.begin(), parts.end(), [this](Value* part) { return low_.contains(part); });
  }

  // `before`: the node of the graph itself that contains this one.
  void use_float(Node* node, Node* before) {
    for (size_t i = 0; i < node->inputs().size(); ++i) {
      if (!low_.contains(node->input(i))) continue;
      const torch::jit::FunctionSchema* schema = node->maybeSchema();
      if (schema != nullptr && schema->is_mutable()) {
        throw std::runtime_error("it changes the result of a convolution in place");
      }
      node->replaceInput(i, as_float(node->input(i), before));
    }
    for (torch::jit::Block* block : node->blocks()) {
      for (Node* inner : block->nodes()) use_float(inner, before);
      use_float(block->return_node(), before);
    }
  }

  // For each use again, because a ReLU may change the value in place between two of them.
  Value* as_float(Value* value, Node* before) {
    const torch::jit::WithInsertPoint here(before);
    return insert_to_float(graph_, value);
  }

  torch::jit::Graph& graph_;
  std::set<const Value*> low_;  // in bfloat16
  Lowered lowered_;
};

}  // namespace

Lowered lower_to_bfloat16(torch::jit::Graph& graph) { return Lowering(graph).run(); }

}  // namespace smlt::script
