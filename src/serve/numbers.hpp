#pragma once

#include <ATen/core/Tensor.h>

#include <string_view>

#include "serve/body_type.hpp"

namespace smlt::serve {

/// A body, or a line of one, as the tensor that AWS's default input_fn makes: JSON and CSV as float32, npy in its own
/// type. A JSON object stands for its value under "inputs", "instances" or "features". `name` is what errors call the
/// body. Throws UserError.
at::Tensor read_numbers(std::string_view body, BodyType type, std::string_view name);

}  // namespace smlt::serve
