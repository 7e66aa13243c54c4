#pragma once

#include <filesystem>

#include "artifact/manifest.hpp"
#include "tensor/net.hpp"

namespace smlt::artifact {

/// Writes model.safetensors, model.pt and model.json into `directory`, each as a temporary that is then renamed. An
/// older model there is removed first, and model.json, without which a model does not count, comes last, so files of
/// two models are never taken for one. `example` is an input of `net`. Throws PlatformError if the directory cannot
/// be written; in that case no file is left.
void save(const std::filesystem::path& directory, tensor::Net& net, const at::Tensor& example,
          const Manifest& manifest);

/// Removes the three files of a model if they exist, model.json first, and the temporaries that a killed `save` left.
void remove_model(const std::filesystem::path& directory);

/// Creates `directory` if it is missing and proves that it can be written to, so that a job fails before training
/// rather than after. Throws PlatformError.
void check_writable(const std::filesystem::path& directory);

}  // namespace smlt::artifact
