#include "codec/npz.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/npy.hpp"
#include "codec/sparse.hpp"
#include "codec/zip.hpp"

namespace smlt::codec {

NumberArray read_npz(std::string_view body, std::string_view name) {
  const uint64_t most_bytes = std::max<uint64_t>(uint64_t{256} << 20, body.size());
  const std::vector<ZipMember> members = zip_members(body, most_bytes, name);
  if (is_sparse_matrix(members)) return read_sparse_matrix(members, most_bytes, name);
  if (members.size() == 1) return read_npy(unzipped(members[0], name), name);
  throw UserError("Expected one array or a sparse matrix in {}, found {} files; send one of them.",
                  in_quotes(name, 200), members.size());
}

}  // namespace smlt::codec
