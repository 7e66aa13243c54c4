#include "script/packed_operators.hpp"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/library.h>
#include <torch/torch.h>

#include <vector>

#include "script/nodes.hpp"

namespace smlt::script {
namespace {

using tensor::Activation;
using torch::jit::Node;
using torch::jit::Value;

constexpr const char* kConvolution = "smlt::packed_convolution";
constexpr const char* kAddRelu = "smlt::packed_convolution_add_relu";
constexpr size_t kArguments = 6;  // of both, from the weights on
constexpr size_t kActivation = 7;

tensor::PackedConvolution convolution_of(const at::Tensor& weight, const at::Tensor& bias, at::IntArrayRef padding,
                                         at::IntArrayRef stride, at::IntArrayRef dilation, int64_t groups) {
  return {weight, bias, {padding.vec(), stride.vec(), dilation.vec(), groups}};
}

at::Tensor packed_convolution(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias,
                              at::IntArrayRef padding, at::IntArrayRef stride, at::IntArrayRef dilation, int64_t groups,
                              int64_t activation) {
  return convolution_of(weight, bias, padding, stride, dilation, groups)
      .forward(input, static_cast<Activation>(activation));
}

at::Tensor packed_convolution_add_relu(const at::Tensor& input, const at::Tensor& other, const at::Tensor& weight,
                                       const at::Tensor& bias, at::IntArrayRef padding, at::IntArrayRef stride,
                                       at::IntArrayRef dilation, int64_t groups) {
  return convolution_of(weight, bias, padding, stride, dilation, groups).add_relu(input, other);
}

TORCH_LIBRARY_FRAGMENT(smlt, library) {
  library.def(
      "packed_convolution(Tensor input, Tensor weight, Tensor bias, int[] padding, int[] stride, int[] dilation, int "
      "groups, int activation) -> Tensor",
      &packed_convolution);
  library.def(
      "packed_convolution_add_relu(Tensor input, Tensor other, Tensor weight, Tensor bias, int[] padding, int[] "
      "stride, int[] dilation, int groups) -> Tensor",
      &packed_convolution_add_relu);
  library.def("to_bfloat16(Tensor input) -> Tensor", &tensor::to_bfloat16);
  library.def("to_float(Tensor input) -> Tensor", [](const at::Tensor& input) { return input.to(at::kFloat); });
}

Value* insert(torch::jit::Graph& graph, const char* name, at::ArrayRef<Value*> inputs) {
  return graph.insertNode(graph.create(c10::Symbol::fromQualString(name), inputs))->output();
}

// oneDNN's tensors have no storage, so they are no ordinary constants.
Value* insert_weight(torch::jit::Graph& graph, const at::Tensor& weight) {
  Node* constant = graph.create(c10::Symbol::fromQualString("prim::ConstantMKLDNNTensor"));
  constant->t_(c10::Symbol::attr("value"), weight);
  return graph.insertNode(constant)->output();
}

std::optional<c10::IValue> constant(const Node* node, const char* input) {
  return node->hasNamedInput(input) ? torch::jit::toIValue(node->namedInput(input)) : std::nullopt;
}

std::optional<std::vector<int64_t>> pair(const Node* node, const char* input) {
  const auto value = constant(node, input);
  if (!value || !value->isIntList() || value->toIntVector().size() != 2) return std::nullopt;
  return value->toIntVector();
}

bool has_one_use(const Value* value) { return value->uses().size() == 1; }

// A packed convolution that nothing follows yet, or null.
Node* plain_convolution(Value* value) {
  Node* node = value->node();
  if (!is(node, kConvolution) || !has_one_use(value)) return nullptr;
  return torch::jit::toIValue(node->input(kActivation))->toInt() == 0 ? node : nullptr;
}

std::optional<Activation> activation_of(const Node* node) {
  if (is(node, "aten::relu") || is(node, "aten::relu_")) return Activation::kRelu;
  if (is(node, "aten::relu6") || is(node, "aten::relu6_")) return Activation::kRelu6;
  if (!is(node, "aten::hardtanh") && !is(node, "aten::hardtanh_")) return std::nullopt;
  const auto low = constant(node, "min_val"), high = constant(node, "max_val");
  const bool is_relu6 = low && high && low->toScalar().toDouble() == 0 && high->toScalar().toDouble() == 6;
  return is_relu6 ? std::optional(Activation::kRelu6) : std::nullopt;
}

// The operator that computes what this node does, or null.
Value* joined(torch::jit::Graph& graph, Node* node) {
  const auto activation = activation_of(node);
  if (!activation) return nullptr;
  if (Node* convolution = plain_convolution(node->input(0))) {
    std::vector<Value*> inputs = convolution->inputs().vec();
    inputs[kActivation] = graph.insertConstant(static_cast<int64_t>(*activation));
    return insert(graph, kConvolution, inputs);
  }
  Node* addition = node->input(0)->node();
  const bool adds = (is(addition, "aten::add") || is(addition, "aten::add_")) && has_one_use(addition->output());
  if (*activation != Activation::kRelu || !adds || addition->inputs().size() != 3) return nullptr;
  const auto alpha = torch::jit::toIValue(addition->input(2));
  if (!alpha || !alpha->isInt() || alpha->toInt() != 1) return nullptr;
  const size_t sides = is(addition, "aten::add_") ? 1 : 2;  // what is changed in place may have other names
  for (size_t side = 0; side < sides; ++side) {
    Node* convolution = plain_convolution(addition->input(side));
    if (convolution == nullptr) continue;
    std::vector<Value*> inputs = {convolution->input(0), addition->input(1 - side)};
    const auto rest = convolution->inputs().slice(1, kArguments);
    inputs.insert(inputs.end(), rest.begin(), rest.end());
    return insert(graph, kAddRelu, inputs);
  }
  return nullptr;
}

}  // namespace

std::optional<tensor::PackedConvolution> packed_in_bfloat16(const Node* node) {
  if (!is_convolution(node)) return std::nullopt;
  const auto weight = constant(node, "weight"), bias = constant(node, "bias");
  const auto transposed = constant(node, "transposed"), groups = constant(node, "groups");
  const auto padding = pair(node, "padding"), stride = pair(node, "stride"), dilation = pair(node, "dilation");
  if (!weight || !weight->isTensor() || !bias || !groups || !padding || !stride || !dilation) return std::nullopt;
  if (transposed && transposed->toBool()) return std::nullopt;
  const at::Tensor kernel = weight->toTensor();
  if (kernel.dim() != 4 || kernel.scalar_type() != at::kFloat) return std::nullopt;
  const at::Tensor shift = bias->isTensor() ? bias->toTensor() : torch::zeros({kernel.size(0)});
  return tensor::packed(kernel, shift, {*padding, *stride, *dilation, groups->toInt()}, at::kBFloat16);
}

Value* insert_packed(torch::jit::Graph& graph, const tensor::PackedConvolution& convolution, Value* input) {
  const tensor::ConvGeometry& at = convolution.geometry;
  Value* weight = insert_weight(graph, convolution.weight);
  return insert(graph, kConvolution,
                {input, weight, graph.insertConstant(convolution.bias), graph.insertConstant(at.padding),
                 graph.insertConstant(at.stride), graph.insertConstant(at.dilation), graph.insertConstant(at.groups),
                 graph.insertConstant(static_cast<int64_t>(Activation::kNone))});
}

Value* insert_to_bfloat16(torch::jit::Graph& graph, Value* value) { return insert(graph, "smlt::to_bfloat16", value); }

Value* insert_to_float(torch::jit::Graph& graph, Value* value) { return insert(graph, "smlt::to_float", value); }

void join_activations(torch::jit::Graph& graph) {
  for (Node* node : graph.nodes()) {
    const torch::jit::WithInsertPoint here(node);
    Value* value = joined(graph, node);
    if (value != nullptr) node->output()->replaceAllUsesWith(value);
  }
}

}  // namespace smlt::script
