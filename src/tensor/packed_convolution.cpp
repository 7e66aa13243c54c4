#include "tensor/packed_convolution.hpp"

#include <ATen/core/dispatch/Dispatcher.h>

#include <optional>
#include <string>
#include <utility>

// These are the operators into which torch.compile turns such layers (torch/_inductor/fx_passes/mkldnn_fusion.py).

namespace smlt::tensor {
namespace {

using Scalars = c10::List<std::optional<at::Scalar>>;

template <typename... Arguments>
at::Tensor call(const c10::OperatorHandle& op, Arguments&&... arguments) {
  c10::Stack stack;
  (stack.emplace_back(std::forward<Arguments>(arguments)), ...);
  op.callBoxed(stack);
  return stack.at(0).toTensor();
}

c10::OperatorHandle op_called(const char* name, const char* overload = "") {
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
}

}  // namespace

at::Tensor PackedConvolution::forward(const at::Tensor& images, Activation activation) const {
  static const c10::OperatorHandle kOp = op_called("mkldnn::_convolution_pointwise");
  std::string name = "none";
  Scalars bounds;
  if (activation == Activation::kRelu) name = "relu";
  if (activation == Activation::kRelu6) name = "hardtanh", bounds.push_back(0.0), bounds.push_back(6.0);
  return call(kOp, images, weight, bias, geometry.padding, geometry.stride, geometry.dilation, geometry.groups, name,
              bounds, std::string());
}

at::Tensor PackedConvolution::add_relu(const at::Tensor& images, const at::Tensor& other) const {
  static const c10::OperatorHandle kOp = op_called("mkldnn::_convolution_pointwise", "binary");
  return call(kOp, images, other, weight, bias, geometry.padding, geometry.stride, geometry.dilation, geometry.groups,
              std::string("add"), 1.0, std::string("relu"), Scalars(), std::string());
}

PackedConvolution packed(const at::Tensor& weight, const at::Tensor& bias, const ConvGeometry& geometry,
                         at::ScalarType type) {
  static const c10::OperatorHandle kOp = op_called("mkldnn::_reorder_convolution_weight");
  const at::Tensor converted = weight.to(type).contiguous(at::MemoryFormat::ChannelsLast);
  return {call(kOp, converted, geometry.padding, geometry.stride, geometry.dilation, geometry.groups, c10::IValue()),
          bias.to(type), geometry};
}

at::Tensor to_bfloat16(const at::Tensor& tensor) {
  const at::Tensor converted = tensor.to(at::kBFloat16);
  return converted.dim() == 4 ? converted.contiguous(at::MemoryFormat::ChannelsLast) : converted;
}

}  // namespace smlt::tensor
