// Room artifact: a trained network as files that outlive the job (model.pt, model.json, model.safetensors), and back.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "image/image.hpp"

namespace smlt::artifact {

/// model.json: what the endpoint must know about model.pt (README.md, what a job leaves).
struct Manifest {
  std::string model;
  std::string recipe;
  std::vector<std::optional<int64_t>> input_shape;  // null if any size will do: the batch
  std::string output;                               // "logits", "log_probabilities", "scores"
  std::vector<std::string> labels;
  std::optional<image::ImageSpec> image;
  boost::json::object hyperparameters;
  boost::json::object metrics;
};

/// The text of model.json, indented for people, with this build's versions.
std::string to_json(const Manifest& manifest);

/// Throws UserError naming `path` and what is missing or of the wrong type.
Manifest read_manifest(const std::filesystem::path& path);

}  // namespace smlt::artifact
