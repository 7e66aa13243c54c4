// Any bytes as a tar archive, as they are (a gzip too) and with the checksums of the headers corrected: otherwise
// nearly every change would end at the first of them.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "base/error.hpp"
#include "codec/archive/tar.hpp"
#include "tests/fuzz/memory_file.hpp"

namespace {

constexpr uint64_t kMost = 1 << 20;
constexpr size_t kBlock = 512, kCheckSum = 148;

void read(const uint8_t* data, size_t size) {
  const smlt::test::MemoryFile file(data, size);
  try {
    smlt::codec::TarReader archive(file.path(), kMost);
    for (bool is_wanted = true; const auto member = archive.next(); is_wanted = !is_wanted) {
      if (is_wanted && archive.read().size() != member->size) std::abort();
    }
  } catch (const smlt::UserError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  read(data, size);
  std::vector<uint8_t> changed(data, data + size);
  for (size_t at = 0; at + kBlock <= size; at += kBlock) {
    unsigned sum = 8 * ' ';
    for (size_t i = 0; i < kBlock; ++i) sum += i >= kCheckSum && i < kCheckSum + 8 ? 0 : changed[at + i];
    if (sum == 8 * ' ') continue;  // the closing block
    char text[8];
    std::snprintf(text, sizeof text, "%06o", sum);
    for (size_t i = 0; i < sizeof text; ++i) changed[at + kCheckSum + i] = static_cast<uint8_t>(text[i]);
  }
  read(changed.data(), changed.size());
  return 0;
}
