// Any bytes as a torch.save file: every element that a tensor reaches is in its storage, and the storage is in the
// file.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <stdexcept>

#include "base/error.hpp"
#include "codec/weights/torch_file.hpp"

using namespace smlt::codec;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    std::vector<StoredTensor> tensors;
    for (TensorDict& dict : read_torch_file({data, size}, "fuzz.pth").dicts) {
      if (dict.tensors.empty()) std::abort();
      std::move(dict.tensors.begin(), dict.tensors.end(), std::back_inserter(tensors));
    }
    for (const StoredTensor& tensor : tensors) {
      int64_t last = tensor.offset;
      bool is_empty = false;
      for (size_t i = 0; i < tensor.shape.size(); ++i) {
        is_empty = is_empty || tensor.shape[i] == 0;
        if (!is_empty) last += (tensor.shape[i] - 1) * tensor.strides[i];
      }
      if (is_empty) continue;
      const size_t end = (static_cast<size_t>(last) + 1) * element_size(tensor.type);
      if (end > tensor.storage.size() || tensor.storage.data() < data ||
          tensor.storage.data() + tensor.storage.size() > data + size) {
        std::abort();
      }
    }
  } catch (const smlt::UserError&) {
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
