#pragma once

#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "codec/array/array.hpp"
#include "serve/classes.hpp"
#include "serve/model.hpp"

namespace smlt::serve {

/// The model in a model directory (with a model.json), as `predict` uses it.
class Predictor {
 public:
  /// Throws UserError if there is no model or it cannot be read.
  explicit Predictor(const std::filesystem::path& model_directory, const LoadOptions& options = {});

  /// Whether the model takes images; otherwise it takes rows of numbers.
  bool takes_images() const { return manifest().image.has_value(); }

  /// Prepares the image as model.json says and classifies it. Throws UserError if the model takes no images.
  Prediction predict(const codec::Image& image) const;

  /// Classifies contiguous rows of numbers with `columns` features each; `name` is where they come from. Throws
  /// UserError if the model takes something else.
  std::vector<Prediction> predict(std::span<const float> rows, int64_t columns, std::string_view name) const;

  /// The least that a decoder should leave of an image's shorter side; 0: everything.
  int64_t decoded_side() const { return manifest().image ? manifest().image->decoded_side() : 0; }

 private:
  const artifact::Manifest& manifest() const { return *model_.manifest(); }
  void check_columns(int64_t columns, std::string_view name) const;

  Model model_;
};

}  // namespace smlt::serve
