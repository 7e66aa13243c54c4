#pragma once

#include "codec/pickle.hpp"

namespace smlt::codec {

/// What torch.save pickles: plain data and tensors, each as the arguments that rebuild it, the first of which is its
/// storage. An OrderedDict is a dictionary. What objects of any other class hold is passed over, so that a checkpoint
/// with the settings of a script beside its tensors is read.
extern const PickleForm kTorchPickle;

}  // namespace smlt::codec
