#pragma once

#include "codec/pickle/pickle.hpp"

namespace smlt::codec {

/// What torch.save pickles: plain data and tensors, each as the arguments that rebuild it, the first of which is its
/// storage. An OrderedDict is a dictionary. The contents of objects of any other class are ignored, so a checkpoint
/// that also holds a script's settings can be read.
extern const PickleForm kTorchPickle;

}  // namespace smlt::codec
