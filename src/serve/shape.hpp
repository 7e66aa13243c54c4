#pragma once

#include <ATen/core/Tensor.h>

#include <string_view>

#include "artifact/manifest.hpp"

namespace smlt::serve {

struct Shaped {
  at::Tensor rows;      // float32 [N, ...] as the model takes it, N from 1
  bool single = false;  // it came as one row of a table without a first dimension, and so AWS's handler answers it
};

/// Numbers of a request in the shape that model.json names. Beside that shape itself it knows, where nothing else can
/// be meant, one record without the first dimension, images without the channel of grey ([28, 28], [N, 28, 28]) and
/// flat ones ([784], [N, 784]). Throws UserError naming `name` and both shapes.
Shaped shaped(const at::Tensor& numbers, const artifact::Manifest& manifest, std::string_view name);

}  // namespace smlt::serve
