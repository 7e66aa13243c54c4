#pragma once

#include <string_view>

#include "codec/array/number_array.hpp"

namespace smlt::codec {

/// The array of an npz archive, plain or compressed: a sparse matrix as scipy.sparse.save_npz writes it (csr, csc or
/// coo), made dense; or the only array of np.savez. AWS's decoder takes the former alone, and its default handler then
/// fails to make a tensor of it.
///
/// Throws UserError naming `name` for a damaged archive, several arrays, other formats, indices outside of the shape,
/// and what would take more memory, unpacked or dense, than 64 MiB and than eight times the body.
NumberArray read_npz(std::string_view body, std::string_view name);

}  // namespace smlt::codec
