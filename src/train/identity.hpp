#pragma once

#include <map>
#include <string>

#include "settings/settings.hpp"
#include "tensor/net.hpp"

namespace smlt::train {

/// What a checkpoint belongs to: names and values of everything that decides the bits of a job's result, except knobs
/// that may grow (`epochs`).
using Identity = std::map<std::string, std::string>;

/// The model, its network's tensors, the data's fingerprint and every knob that affects the result. Throws
/// AlgorithmError for a model that leaves the fingerprint empty: its checkpoints would match any data.
Identity identity_of(const std::string& model, const settings::Settings& settings, const tensor::Net& net,
                     const std::string& data_fingerprint);

/// "mnist-0123456789abcdef": the model and a hash of the whole, for file names.
std::string stem_of(const Identity& identity);

/// "lr (0.1 in the checkpoint, 0.05 now) and seed (...)": where the two differ.
std::string differences(const Identity& checkpoint, const Identity& now);

}  // namespace smlt::train
