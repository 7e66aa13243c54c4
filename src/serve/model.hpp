// Room serve: the model's side of the endpoint and of `predict`. Knows artifacts, codecs and tensors; nothing about
// training.
#pragma once

#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "artifact/manifest.hpp"
#include "codec/array/array.hpp"
#include "network/network.hpp"
#include "serve/load.hpp"
#include "serve/model_file.hpp"

namespace smlt::serve {

/// The model in a model directory (serve/model_file.hpp) and what model.json says about it. A model made in Python has
/// no model.json.
class Model {
 public:
  /// `where` is the directory, or the model's file. Throws UserError if there is no model or it cannot be read.
  explicit Model(const std::filesystem::path& where, const LoadOptions& options = {});

  /// Null for a bare model.
  const artifact::Manifest* manifest() const { return manifest_ ? &*manifest_ : nullptr; }

  /// The network's output for one tensor, both on the CPU; may be called from several threads at once. A bare model
  /// gets the input unchanged and, if that fails, converted to the type of the weights. Throws UserError if the input
  /// does not fit (always if an operator refuses the input of a bare model or of a model for images of any size),
  /// Refusal (500) if the model is at fault, std::bad_alloc if memory runs out, PlatformError if the GPU is lost.
  c10::IValue answer(const at::Tensor& input) const;

  /// The same for a model that returns one tensor; Refusal (500) if it returns anything else.
  at::Tensor forward(const at::Tensor& input) const;

  /// Whether it is known in advance that the output is not one tensor but a tuple, a list, a dictionary, a number or a
  /// text.
  bool returns_structures() const { return network_->returns_structures(); }

  /// Whether a prediction uses the threads that it is allowed to.
  bool uses_operator_threads() const { return device_.is_cpu() && network_->uses_operator_threads(); }

  /// How many rows may go through the network together, if it has a model.json.
  int64_t most_rows() const { return most_rows_; }

  /// An image as the network's input, float32 [1, C, H, W], prepared as model.json says. Throws UserError if the model
  /// takes no images.
  at::Tensor input_of(const codec::Image& image) const;

  /// An input of `rows` rows like those in requests; undefined if model.json does not give its shape.
  at::Tensor example(int64_t rows) const;

  /// Lets the layers that gain from it compute in bfloat16, unless that changes the answers too much. Returns a
  /// sentence that says so. Throws UserError if that cannot be known, because no model.json gives the shape of an
  /// input.
  std::string take_bfloat16();

  /// Gives the network the fastest form whose answers stay equal. Returns a sentence that says which.
  std::string speed_up();

  /// The largest difference that bfloat16 made in the answers to probes: in probabilities, or in outputs if there are
  /// no labels. 0 in fp32.
  double precision_difference() const { return difference_; }

  /// The size of the weights in bytes.
  int64_t weight_bytes() const { return network_->weight_bytes(); }

 private:
  c10::IValue after_failure(const at::Tensor& input, const std::exception& error) const;
  std::vector<at::Tensor> probes() const;
  std::vector<at::Tensor> probe_answers() const;

  c10::Device device_;
  LoadOptions options_;
  ModelFile file_;
  std::optional<artifact::Manifest> manifest_;
  std::unique_ptr<network::Network> network_;
  int64_t most_rows_;
  int64_t bfloat16_layers_ = 0;
  double difference_ = 0;
};

}  // namespace smlt::serve
