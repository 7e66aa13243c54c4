#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "codec/archive/zip.hpp"
#include "codec/array/number_array.hpp"

namespace smlt::codec {

/// Whether an archive holds what scipy.sparse.save_npz writes.
bool is_sparse_matrix(const std::vector<ZipMember>& members);

/// The matrix of such an archive (csr, csc or coo) made dense: 0 where it has no value, the sum where it has several.
/// Throws UserError naming `name` for other formats, indices outside the shape, booleans and float16, and if the dense
/// matrix would take more than `most_bytes`.
NumberArray read_sparse_matrix(const std::vector<ZipMember>& members, uint64_t most_bytes, std::string_view name);

}  // namespace smlt::codec
