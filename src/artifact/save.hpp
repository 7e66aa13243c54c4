#pragma once

#include <filesystem>

#include "artifact/manifest.hpp"
#include "tensor/net.hpp"

namespace smlt::artifact {

/// Writes model.safetensors, model.pt and model.json into `directory`, each aside and renamed. An older model there is
/// removed first, and model.json, without which there is no model, comes last, so that files of two models never pass
/// for one. `example` is an input of `net`. Throws PlatformError when the directory cannot be written; no file is left
/// then.
void save(const std::filesystem::path& directory, tensor::Net& net, const at::Tensor& example,
          const Manifest& manifest);

/// Removes the three files of a model where they are, model.json first, and what a killed `save` left of them.
void remove_model(const std::filesystem::path& directory);

/// Creates `directory` where it is missing and proves that it can be written to, so that a job fails before training
/// rather than after. Throws PlatformError.
void check_writable(const std::filesystem::path& directory);

}  // namespace smlt::artifact
