#pragma once

#include <cstddef>
#include <filesystem>

namespace smlt::codec {

/// About how many values a plain CSV file holds, estimated from samples all over it, since rows at the front may be
/// shorter or longer than the others; a little more rather than less. Returns 0 for a gzip file and for one that cannot
/// be read.
size_t csv_values(const std::filesystem::path& path);

}  // namespace smlt::codec
