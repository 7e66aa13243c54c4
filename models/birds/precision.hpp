#pragma once

#include <c10/core/ScalarType.h>

namespace smlt::models::birds {

/// The type to compute a frozen trunk in: bfloat16 where that is asked for and this processor has it.
at::ScalarType frozen_type(bool in_bfloat16);

/// Operators that may compute in bfloat16 on this thread, where `on`, until the end of the scope.
class Bfloat16 {
 public:
  explicit Bfloat16(bool on);
  Bfloat16(const Bfloat16&) = delete;
  Bfloat16& operator=(const Bfloat16&) = delete;
  ~Bfloat16();

 private:
  bool was_on_;
};

}  // namespace smlt::models::birds
