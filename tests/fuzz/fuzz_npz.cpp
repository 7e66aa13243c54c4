// Any bytes as an npz archive, as they are and with the checksums of its files corrected: otherwise nearly every change
// would end at the first of them.
#include <zlib.h>

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "base/error.hpp"
#include "codec/archive/zip.hpp"
#include "codec/array/npz.hpp"
#include "codec/array/shape.hpp"

using namespace smlt::codec;

namespace {

constexpr size_t kMost = size_t{1} << 20;

void read(std::string_view body) {
  try {
    const NumberArray array = read_npz(body, "body");
    const auto elements = elements_of(array.shape, size_of(array.type));
    if (!elements || *elements * size_of(array.type) != array.bytes.size()) std::abort();
  } catch (const smlt::UserError&) {
  }
}

// The content of a deflated file, as far as it can be read.
uLong check_sum(std::string_view packed, bool is_deflated) {
  std::string content(packed);
  if (is_deflated) {
    z_stream stream{};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) std::abort();
    content.assign(kMost, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(content.data());
    stream.avail_out = static_cast<uInt>(content.size());
    inflate(&stream, Z_FINISH);
    content.resize(stream.total_out);
    inflateEnd(&stream);
  }
  return crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
}

std::string with_check_sums(std::string body) {
  std::vector<ZipMember> members;
  try {
    members = zip_members(body);
  } catch (const std::invalid_argument&) {
    return body;
  }
  for (const ZipMember& member : members) {
    const auto entry = static_cast<size_t>(member.name.data() - body.data()) - 46;
    const uLong sum = check_sum(member.packed, member.is_deflated);
    for (size_t i = 0; i < 4; ++i) body[entry + 16 + i] = static_cast<char>(sum >> (8 * i));
  }
  return body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string body(reinterpret_cast<const char*>(data), size);
  read(body);
  read(with_check_sums(body));
  return 0;
}
