// Room serve: the model's side of the endpoint and of `predict`, and later the endpoint itself. Knows artifacts, codecs
// and tensors; nothing of training.
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <filesystem>
#include <string>
#include <vector>

#include "artifact/manifest.hpp"
#include "codec/array.hpp"

namespace smlt::serve {

struct Prediction {
  std::string label;                  // of the class with the highest probability
  double score = 0;                   // its probability
  std::vector<double> probabilities;  // a class each, sum 1
};

/// The model in a model directory (model.pt and model.json).
class Predictor {
 public:
  /// Throws UserError when there is no model, or one that cannot be read.
  explicit Predictor(const std::filesystem::path& model_directory);

  /// Prepares the image as model.json says and classifies it.
  Prediction predict(const codec::Image& image) const;

  /// What a decoder should leave of an image's shorter side at least; 0: everything.
  int64_t decoded_side() const { return manifest_.image ? manifest_.image->decoded_side() : 0; }

 private:
  artifact::Manifest manifest_;
  mutable torch::jit::Module module_;  // forward is not const, though it changes nothing in eval mode
};

}  // namespace smlt::serve
