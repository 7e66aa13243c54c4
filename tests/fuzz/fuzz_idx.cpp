// Any bytes as an IDX file: a plain one or, if they start with its magic, a gzip.
#include <cstdint>
#include <cstdlib>

#include "base/error.hpp"
#include "codec/array/idx.hpp"
#include "tests/fuzz/memory_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const smlt::test::MemoryFile file(data, size);
  const auto header = smlt::codec::peek_idx(file.path());
  try {
    const smlt::codec::ByteArray array = smlt::codec::read_idx(file.path());
    // Whatever can be read was recognised, with the same sizes.
    if (!header || header->shape != array.shape) std::abort();
  } catch (const smlt::UserError&) {
  }
  return 0;
}
