#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "codec/array/text_lines.hpp"
#include "http/message.hpp"
#include "serve/body_type.hpp"
#include "serve/model.hpp"

namespace smlt::serve {

/// What goes through the network for one entry of the answer: an input, or why there is none.
struct Record {
  at::Tensor input;  // undefined if there is an error
  std::string error;

  int64_t rows() const { return input.defined() && input.dim() > 0 ? input.size(0) : 1; }
};

/// The rows of an input as records of their own.
std::vector<Record> apart(const Record& record);

/// The records of a request's body: a whole array of numbers or an image is one, and so is each line of JSON Lines. If
/// they are answered by lines, each line of CSV is one too; as long as nothing is wrong with any of them, they come as
/// one input with a row each.
class Records {
 public:
  /// Throws Refusal for a body type that is unknown or that this model does not take. Both outlive the object.
  Records(const http::Request& request, BodyType type, const Model& model, bool by_lines);

  /// Whether the numbers came as one row without a first dimension (serve/shape.hpp).
  bool is_single_row() const { return single_row_; }

  /// The next records, at most a thousand lines, so that memory stays bounded; empty if all have been read. A line that
  /// cannot be read becomes a record with an error; any other unreadable body throws UserError.
  std::vector<Record> next();

 private:
  at::Tensor read_image() const;
  at::Tensor read_array();
  std::vector<Record> read_rows();
  std::vector<Record> read_lines();
  Record read_line(const codec::TextLine& line) const;
  at::Tensor line_input(const codec::TextLine& line, const std::string& name) const;

  const http::Request& request_;
  const Model& model_;
  BodyType type_;
  bool by_lines_;
  bool single_row_ = false;
  std::vector<codec::TextLine> lines_;  // that are read one by one
  size_t done_ = 0;                     // records read so far
};

}  // namespace smlt::serve
