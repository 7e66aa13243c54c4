#include "network/native.hpp"

#include <torch/torch.h>

#include <utility>
#include <vector>

namespace smlt::network {
namespace {

constexpr double kTolerance = 1e-4;

std::vector<at::Tensor> answers(const Network& network, std::span<const at::Tensor> inputs) {
  const c10::InferenceMode inference;
  std::vector<at::Tensor> outputs;
  for (const at::Tensor& input : inputs) outputs.push_back(network.forward(input).toTensor());
  return outputs;
}

bool are_close(const std::vector<at::Tensor>& expected, const std::vector<at::Tensor>& found) {
  for (size_t i = 0; i < expected.size(); ++i) {
    if (expected[i].sizes() != found[i].sizes()) return false;
    if (!at::allclose(expected[i], found[i], kTolerance, kTolerance, /*equal_nan=*/true)) return false;
  }
  return true;
}

}  // namespace

Native::Native(std::shared_ptr<tensor::Net> net, c10::Device device) : net_(std::move(net)) {
  net_->eval();
  net_->to(device);
}

int64_t Native::weight_bytes() const {
  int64_t bytes = packed_bytes_;
  for (const at::Tensor& weights : net_->parameters()) bytes += static_cast<int64_t>(weights.nbytes());
  return bytes;
}

int64_t Native::to_bfloat16() {
  const tensor::PackedLayers packed = net_->pack(at::kBFloat16);
  packed_bytes_ = packed.bytes;
  return packed.number;
}

std::string Native::speed_up(std::span<const at::Tensor> inputs) {
  const std::vector<at::Tensor> expected = answers(*this, inputs);
  packed_bytes_ = net_->pack(at::kFloat).bytes;
  if (are_close(expected, answers(*this, inputs))) return "The model runs natively, from model.safetensors.";
  net_->unpack();
  packed_bytes_ = 0;
  return "The model runs natively, from model.safetensors, not packed: its answers would differ.";
}

}  // namespace smlt::network
