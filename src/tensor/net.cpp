#include "tensor/net.hpp"

namespace smlt::tensor {

c10::Device device_of(const Net& net) {
  const std::vector<at::Tensor> parameters = net.parameters();
  return parameters.empty() ? c10::Device(c10::kCPU) : parameters.front().device();
}

NamedTensors state_dict(const Net& net) {
  NamedTensors tensors;
  for (const auto& parameter : net.named_parameters()) tensors.emplace_back(parameter.key(), parameter.value());
  for (const auto& buffer : net.named_buffers()) tensors.emplace_back(buffer.key(), buffer.value());
  return tensors;
}

}  // namespace smlt::tensor
