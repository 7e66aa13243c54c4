// Room serve: the model's side of the endpoint and of `predict`, and later the endpoint itself. Knows artifacts, codecs
// and tensors; nothing of training.
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
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

  /// Whether the model takes images, or else rows of numbers.
  bool takes_images() const { return manifest_.image.has_value(); }

  /// Prepares the image as model.json says and classifies it. Throws UserError when the model takes no images.
  Prediction predict(const codec::Image& image) const;

  /// Classifies rows of numbers, one behind the other, each of `columns` features; `name` is where they come from.
  /// Throws UserError when the model takes something else.
  std::vector<Prediction> predict(std::span<const float> rows, int64_t columns, std::string_view name) const;

  /// What a decoder should leave of an image's shorter side at least; 0: everything.
  int64_t decoded_side() const { return manifest_.image ? manifest_.image->decoded_side() : 0; }

 private:
  void check_columns(int64_t columns, std::string_view name) const;
  at::Tensor probabilities(const at::Tensor& input) const;
  Prediction prediction_of(const at::Tensor& row) const;

  artifact::Manifest manifest_;
  mutable torch::jit::Module module_;  // forward is not const, though it changes nothing in eval mode
};

}  // namespace smlt::serve
