#pragma once

#include <string>
#include <string_view>

#include "codec/array/number_array.hpp"
#include "codec/array/number_text.hpp"

namespace smlt::codec {

/// Nested lists of numbers as float32, as AWS's default handlers read them (json.loads, np.array, torch.FloatTensor):
/// any depth up to 64, NaN, Infinity and -Infinity, booleans as 0 and 1. A bare number has no dimensions; AWS's
/// handlers turn it into a tensor of uninitialised memory. One pass over the text; nothing but the numbers is held.
///
/// Throws UserError naming `name` and the byte if the text is not JSON, holds anything but numbers (null, text, an
/// object), or if a list is not as long or as deep as those before it. `before`: how many bytes of `name` come before
/// `body`.
NumberArray read_json_numbers(std::string_view body, std::string_view name, size_t before = 0);

/// The named values in Python's JSON.
inline constexpr NumberNames kJsonNames = {"true", "false", "NaN", "Infinity"};

/// As json.dumps(array.tolist()) prints it. Throws UserError for complex numbers.
std::string write_json_numbers(const NumberArray& array);

}  // namespace smlt::codec
