#pragma once

#include <memory>

#include "network/network.hpp"
#include "tensor/net.hpp"

namespace smlt::network {

/// A network of this program's own, with trained weights, in eval mode.
class Native : public Network {
 public:
  Native(std::shared_ptr<tensor::Net> net, c10::Device device);

  c10::IValue forward(const at::Tensor& input) const override { return net_->forward(input); }
  int64_t weight_bytes() const override;
  std::optional<at::ScalarType> weight_type() const override { return at::kFloat; }
  int64_t to_bfloat16() override;
  std::string speed_up(std::span<const at::Tensor> inputs) override;

 private:
  std::shared_ptr<tensor::Net> net_;
  int64_t packed_bytes_ = 0;
};

}  // namespace smlt::network
