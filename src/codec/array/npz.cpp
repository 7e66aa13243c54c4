#include "codec/array/npz.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/archive/zip.hpp"
#include "codec/array/npy.hpp"
#include "codec/array/sparse.hpp"

namespace smlt::codec {
namespace {

// How much a body may unpack to, whatever its size, and relative to its size: an answer is many times larger than its
// input.
constexpr uint64_t kAlwaysUnpacked = uint64_t{64} << 20;
constexpr uint64_t kMostUnpackedTimes = 8;

void check_unpacked_size(const std::vector<ZipMember>& members, uint64_t most_bytes, std::string_view name) {
  uint64_t bytes = 0;  // of each file at most a thousand times its packed size
  for (const ZipMember& member : members) bytes += member.size;
  if (bytes <= most_bytes) return;
  throw UserError("Expected a zip archive of at most {} bytes unpacked, found {} in {}; send it in parts.", most_bytes,
                  bytes, in_quotes(name, 200));
}

}  // namespace

NumberArray read_npz(std::string_view body, std::string_view name) {
  const uint64_t most_bytes = std::max<uint64_t>(kAlwaysUnpacked, kMostUnpackedTimes * body.size());
  try {
    const std::vector<ZipMember> members = zip_members(body);
    check_unpacked_size(members, most_bytes, name);
    if (is_sparse_matrix(members)) return read_sparse_matrix(members, most_bytes, name);
    if (members.size() == 1) return read_npy(unzipped(members[0]), name);
    throw UserError("Expected one array or a sparse matrix in {}, found {} files; send one of them.",
                    in_quotes(name, 200), members.size());
  } catch (const std::invalid_argument& e) {
    throw UserError("{} is not a zip archive that can be read: {}.", in_quotes(name, 200), e.what());
  }
}

}  // namespace smlt::codec
