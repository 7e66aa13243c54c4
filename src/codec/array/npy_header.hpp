#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smlt::codec {

/// The header of an npy file (numpy's format, versions 1 to 3).
struct NpyHeader {
  std::string type;  // as numpy names it: "<f4"
  bool is_fortran_order = false;
  std::vector<int64_t> shape = {};
};

/// The header at the front of `bytes`, which are cut to what follows it. Its text, a Python literal, is read by a
/// parser that knows this one form: nothing is evaluated. Throws UserError naming `name` if it is not such a header, is
/// longer than 10,000 bytes (numpy's own limit), or has a shape of more than 64 dimensions.
NpyHeader read_npy_header(std::string_view& bytes, std::string_view name);

/// The header of an npy file, version 1, byte for byte as np.save writes it.
std::string write_npy_header(const NpyHeader& header);

}  // namespace smlt::codec
