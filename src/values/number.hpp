#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace smlt::values {

/// A decimal integer in any spelling that is exactly an integer: 10, +10, 007, 1_000 (as Python's int), 10.0, 1e3.
/// Returns nullopt for any other text, a value that is not whole, and one beyond 64 bits. `text` is trimmed; the locale
/// does not matter.
std::optional<int64_t> read_integer(std::string_view text);

/// A finite decimal number, the double nearest to it: 0.1, .5, 5., 1E-4, 1_000.5. Returns nullopt for nan, inf,
/// hexadecimal and values beyond the range of a double.
std::optional<double> read_real(std::string_view text);

}  // namespace smlt::values
