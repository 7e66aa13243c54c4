#pragma once

#include <filesystem>
#include <memory>

#include "artifact/manifest.hpp"
#include "tensor/net.hpp"

namespace smlt {

/// The network of a registered model as `manifest`, its model.json, describes it, with the weights of a file in the
/// safetensors format. Throws UserError if the model is not registered, its hyperparameters are not understood, or the
/// weights do not fit.
std::shared_ptr<tensor::Net> native_net(const artifact::Manifest& manifest, const std::filesystem::path& weights);

}  // namespace smlt
