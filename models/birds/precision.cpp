#include "models/birds/precision.hpp"

#include <ATen/Version.h>
#include <ATen/autocast_mode.h>
#include <torch/torch.h>

namespace smlt::models::birds {

at::ScalarType frozen_type(bool in_bfloat16) {
  // On x86 oneDNN has bfloat16 from AVX-512 on.
  const bool has_bfloat16 = at::hasMKLDNN() && at::get_cpu_capability() == "AVX512";
  return in_bfloat16 && has_bfloat16 ? at::kBFloat16 : at::kFloat;
}

Bfloat16::Bfloat16(bool on, c10::DeviceType device)
    : device_(device), was_on_(at::autocast::is_autocast_enabled(device)) {
  at::autocast::set_autocast_enabled(device, on);
  at::autocast::set_autocast_dtype(device, at::kBFloat16);
}

Bfloat16::~Bfloat16() {
  at::autocast::set_autocast_enabled(device_, was_on_);
  at::autocast::clear_cache();
}

}  // namespace smlt::models::birds
