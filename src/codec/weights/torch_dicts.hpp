#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/array/stored_tensor.hpp"
#include "codec/pickle/pickle.hpp"

namespace smlt::codec {

/// A dictionary of tensors in a file of weights.
struct TensorDict {
  std::string path;  // the keys that lead to it: "state_dict", "checkpoint.model"; "" for the file itself
  std::vector<StoredTensor> tensors;
};

/// What a file of weights holds. A checkpoint of a script may hold the weights in a dictionary beside those of the
/// optimizer, and again as their moving average.
struct WeightsFile {
  std::vector<std::string> keys;  // of the file's own dictionary
  std::vector<TensorDict> dicts;  // at least one, the likeliest to be a network's weights first
};

/// The dictionaries in a pickle of torch.save that have tensors under names, up to two levels below its root: those
/// called state_dict, model_state_dict, model and so on before the others, averages last. `read` makes a tensor of a
/// value and its name. Throws std::invalid_argument that says what the pickle holds instead, and as `read` does.
WeightsFile find_torch_dicts(const PickleValue& root,
                             const std::function<StoredTensor(const PickleValue&, std::string_view)>& read);

}  // namespace smlt::codec
