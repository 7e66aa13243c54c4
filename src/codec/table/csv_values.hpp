#pragma once

#include <cstddef>

#include "codec/archive/byte_source.hpp"

namespace smlt::codec {

/// About how many values a plain CSV file holds, estimated from samples all over it, since rows at the front may be
/// shorter or longer than the others; a little more rather than less. 0 for a gzip file. Throws PlatformError if it
/// cannot be read.
size_t csv_values(const ByteSource& file);

}  // namespace smlt::codec
