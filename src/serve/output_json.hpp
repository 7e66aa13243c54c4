#pragma once

#include <ATen/core/ivalue.h>

#include <string>

#include "codec/array/number_array.hpp"
#include "serve/refusal.hpp"

namespace smlt::serve {

/// An output as tensor::plain_numbers makes it, and as an array. Both throw Refusal (500) for a number type that no
/// answer can carry.
at::Tensor plain(const at::Tensor& output);
codec::NumberArray numbers_of(const at::Tensor& output);

/// Throws 406 for complex numbers in JSON and CSV.
Refusal complex_refused();

/// How many numbers, and pieces of text as long as one, an output holds.
int64_t count_numbers(const c10::IValue& output);

/// An output of the network as json.dumps prints it, tensors as their tolist(): tuples and lists as lists, dictionaries
/// as objects in their order, their keys as text, None as null. Throws Refusal: 406 for complex numbers, 500 for values
/// that Python's JSON cannot write (an object, a key that is a tensor).
std::string json_of(const c10::IValue& output);

}  // namespace smlt::serve
