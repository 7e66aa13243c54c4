#pragma once

#include "data/image_store.hpp"
#include "models/birds/net.hpp"

namespace smlt::models::birds {

/// Operators that may compute in bfloat16 on this thread and kind of device, where `on`, until the end of the scope.
class Bfloat16 {
 public:
  Bfloat16(bool on, c10::DeviceType device);
  Bfloat16(const Bfloat16&) = delete;
  Bfloat16& operator=(const Bfloat16&) = delete;
  ~Bfloat16();

 private:
  c10::DeviceType device_;
  bool was_on_;
};

/// What the trunk of `net`, in eval mode, makes of all images as they are evaluated: float `[images, F]`. While it is
/// frozen, and the images are not augmented, that stays the same and is computed once.
at::Tensor features_of(Net& net, const data::ImageStore& images, bool in_bfloat16);

}  // namespace smlt::models::birds
