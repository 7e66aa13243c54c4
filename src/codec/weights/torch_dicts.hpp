#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/array/stored_tensor.hpp"
#include "codec/pickle/pickle.hpp"

namespace smlt::codec {

/// A dictionary of tensors in a weights file.
struct TensorDict {
  std::string path;  // the keys that lead to it: "state_dict", "checkpoint.model"; "" for the file itself
  std::vector<StoredTensor> tensors;
};

/// What a weights file holds. A script's checkpoint may hold the weights in one dictionary, the optimizer's state in
/// another, and the weights again as a moving average.
struct WeightsFile {
  std::vector<std::string> keys;  // of the file's own dictionary
  std::vector<TensorDict> dicts;  // at least one, the one most likely to be a network's weights first
};

/// The dictionaries of named tensors in a pickle by torch.save, up to two levels below its root: those called
/// state_dict, model_state_dict, model and so on before the others, averages last. `read` makes a tensor from a value
/// and its name. Throws a std::invalid_argument that says what the pickle holds instead, and as `read` does.
WeightsFile find_torch_dicts(const PickleValue& root,
                             const std::function<StoredTensor(const PickleValue&, std::string_view)>& read);

}  // namespace smlt::codec
