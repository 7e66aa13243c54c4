// Room serve: the model's side of the endpoint and of `predict`. Knows artifacts, codecs and tensors; nothing of
// training.
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <exception>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "artifact/manifest.hpp"
#include "codec/array/array.hpp"

namespace smlt::serve {

/// The model in a model directory: model.pt and what model.json says of it. A model.pt of Python's has no model.json.
class Model {
 public:
  /// Computes on `device`. Throws UserError when there is no model, or one that cannot be read.
  explicit Model(const std::filesystem::path& directory, c10::Device device = c10::kCPU);

  /// Null for a bare model.pt.
  const artifact::Manifest* manifest() const { return manifest_ ? &*manifest_ : nullptr; }

  /// The network's answer to one tensor, both on the CPU; may be called from several threads at once. Of a bare
  /// model.pt the input goes in as it is, and where it fails so, in the type of the weights. Throws UserError when the
  /// input does not fit (always so of operators that refuse what a bare model.pt or one of images of any size gets),
  /// Refusal (500) when the model is at fault, std::bad_alloc without memory, PlatformError when the GPU is lost.
  c10::IValue answer(const at::Tensor& input) const;

  /// The same of a model that answers with one tensor; Refusal (500) for another.
  at::Tensor forward(const at::Tensor& input) const;

  /// Whether it is known before anything is computed that the answer is not one tensor but a tuple, a list, a
  /// dictionary, a number or a text.
  bool returns_structures() const { return returns_structures_; }

  /// An image as the network's input, float32 [1, C, H, W], prepared as model.json says. Throws UserError when the
  /// model takes no images.
  at::Tensor input_of(const codec::Image& image) const;

  /// An input of `rows` rows like those that requests bring; undefined where model.json does not tell its shape.
  at::Tensor example(int64_t rows) const;

  /// Replaces the network by the fastest form whose answers stay equal (serve/fast_form.hpp). Says which in a sentence.
  std::string speed_up();

  /// Bytes of the weights.
  int64_t weight_bytes() const { return weight_bytes_; }

 private:
  c10::IValue after_failure(const at::Tensor& input, const std::exception& error) const;

  c10::Device device_;
  std::optional<artifact::Manifest> manifest_;
  mutable torch::jit::Module module_;          // forward is not const, though it changes nothing in eval mode
  std::optional<at::ScalarType> weight_type_;  // of the first floating-point weights
  int64_t weight_bytes_ = 0;
  bool returns_structures_ = false;
};

}  // namespace smlt::serve
