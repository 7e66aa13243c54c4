#pragma once

#include <ATen/core/Tensor.h>

#include <string_view>

#include "artifact/manifest.hpp"

namespace smlt::serve {

struct Shaped {
  at::Tensor rows;      // float32 [N, ...] as the model takes it, N from 1
  bool single = false;  // one row of a table without a first dimension; AWS's handler answers in that form
};

/// A request's numbers in the shape that model.json gives. Besides that shape it accepts, if the meaning is
/// unambiguous, one record without the first dimension, grey images without the channel ([28, 28], [N, 28, 28]) and
/// flat ones ([784], [N, 784]). Throws UserError naming `name` and both shapes.
Shaped shaped(const at::Tensor& numbers, const artifact::Manifest& manifest, std::string_view name);

}  // namespace smlt::serve
