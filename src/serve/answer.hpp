#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>
#include <vector>

#include "http/media_type.hpp"
#include "http/message.hpp"
#include "serve/body_type.hpp"
#include "serve/joined.hpp"
#include "serve/model.hpp"

namespace smlt::serve {

/// The types of an answer.
inline constexpr const char* kJson = "application/json";
inline constexpr const char* kLines = "application/jsonlines";
inline constexpr const char* kCsv = "text/csv";
inline constexpr const char* kNpy = "application/x-npy";

/// The type of answer that a client wants. If its header is missing, empty or any type, that is `default_accept`, with
/// two exceptions: JSON Lines are answered with JSON Lines if the default is JSON, and a model that
/// `returns_structures` answers JSON if the default cannot carry them: npy and CSV carry one tensor. Throws Refusal
/// (406).
http::MediaType accepted(std::string_view accept, std::string_view default_accept, BodyType body,
                         bool returns_structures = false);

/// Puts an answer together from the outcomes of a request's records, in their order. Tensors are encoded as AWS's
/// default handlers do; an image's class probabilities are encoded as a list; JSON Lines have one line per record:
/// label, score and probabilities if model.json names the labels, else the numbers. Anything but one tensor
/// (serve/output_json.hpp) is JSON: for JSON Lines requests a list with one element per line, and in JSON Lines answers
/// one line.
class Answer {
 public:
  /// `model` outlives the object.
  Answer(http::MediaType type, BodyType body, const Model& model);

  /// The next record's outcome. Rethrows a failure, unless both the request and the answer are JSON Lines: then it
  /// becomes a line {"error": "sentence"}, and a failure that is not the request's fault also appears in the request
  /// log. Throws Refusal (413) if the answer has become too large.
  void add(const Outcome& outcome);

  /// `is_single_row`: answer without the first dimension.
  http::Response response(bool is_single_row);

 private:
  void add_lines(const at::Tensor& output);
  void add_line(std::string_view line);
  void add_failure(const std::exception_ptr& error);
  bool has_structures() const;
  std::string listed_json() const;
  std::string encoded(const at::Tensor& output) const;

  http::MediaType type_;
  BodyType body_;
  const Model& model_;
  std::vector<c10::IValue> outputs_;
  int64_t numbers_ = 0;  // in them
  std::string lines_;
  bool has_lines_ = false;
  size_t failures_ = 0;        // that are not the request's fault, in lines of their own
  std::string first_failure_;  // the sentence of the first
};

}  // namespace smlt::serve
