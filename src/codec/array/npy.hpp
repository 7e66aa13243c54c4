#pragma once

#include <string>
#include <string_view>

#include "codec/array/number_array.hpp"

namespace smlt::codec {

/// An array as np.save writes it: versions 1 to 3, either byte order, C or Fortran order, numpy's booleans, integers
/// and floats. Unsigned integers of 16 and 32 bits become the next wider signed ones, those of 64 bits int64 if all
/// values fit.
///
/// Throws UserError naming `name` if the body is not such an array, has another type (object arrays are pickles, which
/// can run code: nothing here does), has a shape beyond 2^63 bytes, or does not fill the body exactly.
NumberArray read_npy(std::string_view body, std::string_view name);

/// Byte for byte what np.save writes for the array.
std::string write_npy(const NumberArray& array);

}  // namespace smlt::codec
