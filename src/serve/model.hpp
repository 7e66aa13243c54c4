// Room serve: the model's side of the endpoint and of `predict`. Knows artifacts, codecs and tensors; nothing about
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

/// The model in a model directory: model.pt and what model.json says about it. A model.pt written by Python has no
/// model.json.
class Model {
 public:
  /// Computes on `device`. Throws UserError if there is no model or it cannot be read.
  explicit Model(const std::filesystem::path& directory, c10::Device device = c10::kCPU);

  /// Null for a bare model.pt.
  const artifact::Manifest* manifest() const { return manifest_ ? &*manifest_ : nullptr; }

  /// The network's output for one tensor, both on the CPU; may be called from several threads at once. A bare model.pt
  /// gets the input unchanged and, if that fails, converted to the type of the weights. Throws UserError if the input
  /// does not fit (always if an operator refuses the input of a bare model.pt or of a model for images of any size),
  /// Refusal (500) if the model is at fault, std::bad_alloc if memory runs out, PlatformError if the GPU is lost.
  c10::IValue answer(const at::Tensor& input) const;

  /// The same for a model that returns one tensor; Refusal (500) if it returns anything else.
  at::Tensor forward(const at::Tensor& input) const;

  /// Whether it is known in advance that the output is not one tensor but a tuple, a list, a dictionary, a number or a
  /// text.
  bool returns_structures() const { return returns_structures_; }

  /// An image as the network's input, float32 [1, C, H, W], prepared as model.json says. Throws UserError if the model
  /// takes no images.
  at::Tensor input_of(const codec::Image& image) const;

  /// An input of `rows` rows like those in requests; undefined if model.json does not give its shape.
  at::Tensor example(int64_t rows) const;

  /// Replaces the network by the fastest form whose answers stay equal (serve/fast_form.hpp). Returns a sentence that
  /// says which.
  std::string speed_up();

  /// The size of the weights in bytes.
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
