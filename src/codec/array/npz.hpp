#pragma once

#include <string_view>

#include "codec/array/number_array.hpp"

namespace smlt::codec {

/// The array of an npz archive, plain or compressed: a sparse matrix as scipy.sparse.save_npz writes it (csr, csc or
/// coo), made dense; or the only array of np.savez. AWS's decoder accepts only the former, and its default handler then
/// fails to turn it into a tensor.
///
/// Throws UserError naming `name` for a damaged archive, several arrays, other formats, indices outside the shape, and
/// content that would take more memory, unpacked or dense, than both 64 MiB and eight times the body.
NumberArray read_npz(std::string_view body, std::string_view name);

}  // namespace smlt::codec
