#pragma once

#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "codec/array/array.hpp"
#include "serve/classes.hpp"
#include "serve/model.hpp"

namespace smlt::serve {

/// What `predict` asks of the model in a model directory (model.pt and model.json).
class Predictor {
 public:
  /// Throws UserError when there is no model, or one that cannot be read.
  explicit Predictor(const std::filesystem::path& model_directory);

  /// Whether the model takes images, or else rows of numbers.
  bool takes_images() const { return manifest().image.has_value(); }

  /// Prepares the image as model.json says and classifies it. Throws UserError when the model takes no images.
  Prediction predict(const codec::Image& image) const;

  /// Classifies rows of numbers, one behind the other, each of `columns` features; `name` is where they come from.
  /// Throws UserError when the model takes something else.
  std::vector<Prediction> predict(std::span<const float> rows, int64_t columns, std::string_view name) const;

  /// What a decoder should leave of an image's shorter side at least; 0: everything.
  int64_t decoded_side() const { return manifest().image ? manifest().image->decoded_side() : 0; }

 private:
  const artifact::Manifest& manifest() const { return *model_.manifest(); }
  void check_columns(int64_t columns, std::string_view name) const;

  Model model_;
};

}  // namespace smlt::serve
