#pragma once

#include <c10/core/DeviceType.h>
#include <c10/core/ScalarType.h>

namespace smlt::models::birds {

/// The type to compute a frozen trunk in: bfloat16 if requested and supported by this processor.
at::ScalarType frozen_type(bool in_bfloat16);

/// If `on`, operators on this thread and kind of device may compute in bfloat16 until the end of the scope.
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

}  // namespace smlt::models::birds
