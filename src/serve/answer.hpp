#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"
#include "serve/body_type.hpp"
#include "serve/form.hpp"
#include "serve/joined.hpp"
#include "serve/model.hpp"

namespace smlt::serve {

/// Puts an answer together from the outcomes of a request's records, in their order. Tensors are encoded as AWS's
/// default handlers do; an image's class probabilities are encoded as a list; JSON Lines have one line per record:
/// label, score and probabilities if model.json names the labels, else the numbers. Anything but one tensor
/// (serve/output_json.hpp) is JSON: for JSON Lines requests a list with one element per line, and in JSON Lines answers
/// one line. An answer by lines has a line for each record in any of these types.
class Answer {
 public:
  /// `model` outlives the object.
  Answer(Form form, BodyType body, const Model& model);

  /// The outcome for the next `rows` records, which came as one input. Rethrows a failure, unless the answer is by
  /// lines: then each of them gets a line {"error": "sentence"}, or "error: sentence" in CSV, and a failure that is not
  /// the request's fault also appears in the request log. Throws Refusal (413) if the answer has become too large.
  void add(const Outcome& outcome, int64_t rows);

  /// Whether `rows` records that came as one input must run one by one to have a line each: because they failed, or
  /// because the output has not one row for each.
  bool wants_apart(const Outcome& outcome, int64_t rows) const;

  /// `is_single_row`: answer without the first dimension.
  http::Response response(bool is_single_row);

 private:
  void add_lines(const at::Tensor& output);
  void add_json_lines(const at::Tensor& rows);
  void add_class_lines(const at::Tensor& rows);
  void add_line(std::string_view line);
  void add_failure(const std::exception_ptr& error);
  std::string error_line(const std::string& sentence) const;
  std::string remark() const;
  http::Response whole_response(bool is_single_row) const;
  bool has_structures() const;
  std::string listed_json() const;
  std::string encoded(const at::Tensor& output) const;

  Form form_;
  BodyType body_;
  const Model& model_;
  std::vector<c10::IValue> outputs_;
  int64_t numbers_ = 0;  // in them
  std::string lines_;
  bool has_lines_ = false;
  int64_t failures_ = 0;       // that are not the request's fault, in lines of their own
  std::string first_failure_;  // the sentence of the first
};

}  // namespace smlt::serve
