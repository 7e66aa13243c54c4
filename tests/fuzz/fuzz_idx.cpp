// Any bytes as an IDX file: a plain one or, if they start with its magic, a gzip.
#include <array>
#include <cstdint>
#include <cstdlib>

#include "base/error.hpp"
#include "codec/archive/byte_source.hpp"
#include "codec/array/idx.hpp"
#include "tests/fuzz/memory_file.hpp"

namespace {

std::optional<smlt::codec::IdxHeader> header_of(const std::filesystem::path& file) {
  smlt::codec::ByteSource source(file);
  std::array<uint8_t, 20> front;
  return smlt::codec::idx_header(std::span(front).first(source.read(front)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const smlt::test::MemoryFile file(data, size);
  try {
    const auto header = header_of(file.path());
    const smlt::codec::ByteArray array = smlt::codec::read_idx(file.path());
    // Whatever can be read was recognised, with the same sizes.
    if (!header || header->shape != array.shape) std::abort();
  } catch (const smlt::UserError&) {
  }
  return 0;
}
