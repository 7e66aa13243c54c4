#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "codec/array/number_array.hpp"

namespace smlt::codec {

/// The double nearest to a decimal ("-12.5e3", no plus sign in front), as Python's float() gives it: infinite beyond
/// 1.8e308, zero below 4.9e-324. Returns nullopt for any other text.
std::optional<double> decimal_number(std::string_view text);

/// How values that are not decimals are written.
struct NumberNames {
  std::string_view yes, no, nan, infinity;
};

/// Appends the number of `type` at `at` as Python's repr() writes the result of .tolist(): floats as doubles, in the
/// fewest digits that identify them ("0.1", "1.0", "1e-05"), integers without a point. Throws UserError for a complex
/// number, for which JSON and CSV have no form.
void append_number(std::string& text, NumberType type, const std::byte* at, const NumberNames& names);

}  // namespace smlt::codec
