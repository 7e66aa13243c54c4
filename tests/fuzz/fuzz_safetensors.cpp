// Any bytes as a safetensors file, whose tensors are inside it and do not overlap.
#include <cstdint>
#include <cstdlib>
#include <stdexcept>

#include "codec/archive/overlap.hpp"
#include "codec/weights/safetensors.hpp"

using namespace smlt::codec;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    uint64_t all = 0;
    std::vector<std::string_view> values;
    for (const StoredTensor& tensor : read_safetensors(bytes).tensors) {
      uint64_t elements = 1;
      for (const int64_t each : tensor.shape) elements *= static_cast<uint64_t>(each);
      if (elements * element_size(tensor.type) != tensor.storage.size()) std::abort();
      all += tensor.storage.size();
      values.emplace_back(reinterpret_cast<const char*>(tensor.storage.data()), tensor.storage.size());
    }
    if (all > size || do_overlap(values)) std::abort();
    read_safetensors_metadata(bytes);
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
