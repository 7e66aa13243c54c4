#pragma once

#include "codec/pickle/pickle.hpp"

namespace smlt::codec {

/// The number of an object of another class that is a torch.nn.Module: a whole network.
inline constexpr int64_t kIsModule = 1;

/// What torch.save pickles: plain data and tensors, each as the arguments that rebuild it, the first of which is its
/// storage. An OrderedDict is a dictionary. What objects of any other class hold is ignored, so that a checkpoint with
/// the settings of a script beside its tensors is read.
extern const PickleForm kTorchPickle;

}  // namespace smlt::codec
