// Any bytes as a batch of CIFAR's binary form: as they are, and repeated until they fill a row.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "datasets/cifar.hpp"

using namespace smlt::datasets;

namespace {

void read(std::span<const uint8_t> bytes) {
  for (const int classes : {10, 100}) {
    try {
      const CifarRows rows = read_cifar_rows(CifarForm::kBinary, classes, bytes, "fuzz.bin");
      if (rows.size() == 0 || rows.images.size() != rows.size() * CifarRows::kPixels) std::abort();
    } catch (const smlt::UserError&) {
    }
    try {
      read_cifar_names(CifarForm::kBinary, classes, bytes, "fuzz.txt");
    } catch (const smlt::UserError&) {
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  read({data, size});
  if (size == 0) return 0;
  for (const size_t row : {size_t{3073}, size_t{3074}}) {
    std::vector<uint8_t> filled(2 * row);
    for (size_t i = 0; i < filled.size(); ++i) filled[i] = data[i % size];
    read(filled);
  }
  return 0;
}
