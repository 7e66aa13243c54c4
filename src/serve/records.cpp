#include "serve/records.hpp"

#include <torch/torch.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/image/image.hpp"
#include "codec/table/csv_numbers.hpp"
#include "serve/numbers.hpp"
#include "serve/refusal.hpp"
#include "serve/shape.hpp"
#include "tensor/number_array.hpp"

namespace smlt::serve {
namespace {

constexpr const char* kBody = "the body of the request";
constexpr size_t kLinesAtOnce = 1000;

void check_takes_images(const Model& model) {
  if (model.manifest() != nullptr && model.manifest()->image) return;
  const char* known = model.manifest() != nullptr ? "takes no images" : "comes without a model.json that says how";
  throw Refusal(415, "unsupported_media_type",
                "Expected numbers (application/json, text/csv, application/x-npy), found an image; the model {}.",
                known);
}

int64_t first_line(const http::Request& request) { return std::max<int64_t>(1, request.first_line); }

}  // namespace

std::vector<Record> apart(const Record& record) {
  std::vector<Record> rows;
  for (int64_t row = 0; row < record.rows(); ++row) rows.push_back({record.input.narrow(0, row, 1), ""});
  return rows;
}

Records::Records(const http::Request& request, BodyType type, const Model& model, bool by_lines)
    : request_(request), model_(model), type_(type), by_lines_(by_lines) {
  if (type_ == BodyType::kImage) check_takes_images(model);
  if (type_ == BodyType::kLines) lines_ = codec::text_lines(request.body, kBody, first_line(request));
}

std::vector<Record> Records::next() {
  if (!lines_.empty() || type_ == BodyType::kLines) return read_lines();
  if (done_++ > 0) return {};
  if (type_ == BodyType::kCsv && by_lines_) return read_rows();
  return {{type_ == BodyType::kImage ? read_image() : read_array(), ""}};
}

// All lines in one go; if there is anything wrong with one of them, line by line. So are those of a model without
// model.json, whose rows may depend on each other.
std::vector<Record> Records::read_rows() {
  if (model_.manifest() != nullptr) {
    try {
      auto rows = codec::read_csv_rows(request_.body, kBody, first_line(request_));
      const int64_t count = rows.shape[0];
      if (count == 0) return {};
      const at::Tensor input = shaped(tensor::tensor_of(std::move(rows)), *model_.manifest(), kBody).rows;
      if (input.size(0) == count) return {{input, ""}};
    } catch (const UserError&) {  // it is found again, with its line
    }
  }
  lines_ = codec::text_lines(request_.body, kBody, first_line(request_));
  std::erase_if(lines_, [](const codec::TextLine& line) { return trimmed(codec::without_comment(line.text)).empty(); });
  done_ = 0;
  return read_lines();
}

at::Tensor Records::read_image() const {
  const auto* bytes = reinterpret_cast<const uint8_t*>(request_.body.data());
  const int64_t side = model_.manifest()->image->decoded_side();
  return model_.input_of(codec::decode_image({bytes, request_.body.size()}, kBody, side));
}

at::Tensor Records::read_array() {
  const at::Tensor numbers = read_numbers(request_.body, type_, kBody);
  if (model_.manifest() == nullptr) return numbers;
  Shaped found = shaped(numbers, *model_.manifest(), kBody);
  single_row_ = found.single && type_ != BodyType::kCsv;  // one CSV line is answered with one line
  return std::move(found.rows);
}

std::vector<Record> Records::read_lines() {
  std::vector<Record> records;
  for (size_t left = kLinesAtOnce; left > 0 && done_ < lines_.size(); --left)
    records.push_back(read_line(lines_[done_++]));
  return records;
}

Record Records::read_line(const codec::TextLine& line) const {
  const std::string name = fmt::format("line {} of {}", line.line, kBody);
  try {
    at::Tensor rows = line_input(line, name);
    if (rows.size(0) == 1) return {std::move(rows), ""};
    throw UserError("Expected one record in {}, found {}.", name, rows.size(0));
  } catch (const UserError& e) {
    return {{}, e.what()};
  }
}

at::Tensor Records::line_input(const codec::TextLine& line, const std::string& name) const {
  at::Tensor numbers;
  if (type_ == BodyType::kCsv) {
    numbers = tensor::tensor_of(codec::read_csv_rows(line.text, kBody, line.line)).to(at::kFloat);
    if (model_.manifest() == nullptr) return numbers;
  } else {
    numbers = read_numbers(line.text, BodyType::kLines, name);
    if (model_.manifest() == nullptr) return numbers.unsqueeze(0);
  }
  return shaped(numbers, *model_.manifest(), name).rows;
}

}  // namespace smlt::serve
