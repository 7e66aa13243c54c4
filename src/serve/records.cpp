#include "serve/records.hpp"

#include <torch/torch.h>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/image/image.hpp"
#include "serve/numbers.hpp"
#include "serve/refusal.hpp"
#include "serve/shape.hpp"

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

}  // namespace

Records::Records(const http::Request& request, const Model& model)
    : request_(request), model_(model), type_(body_type(request)) {
  if (type_ == BodyType::kImage) check_takes_images(model);
  if (type_ == BodyType::kLines) lines_ = codec::json_lines(request.body, kBody);
}

std::vector<Record> Records::next() {
  if (type_ == BodyType::kLines) return read_lines();
  if (done_++ > 0) return {};
  return {{type_ == BodyType::kImage ? read_image() : read_array(), ""}};
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

Record Records::read_line(const codec::JsonLine& line) {
  const std::string name = fmt::format("line {} of {}", line.line, kBody);
  try {
    const at::Tensor numbers = read_numbers(line.text, BodyType::kLines, name);
    if (model_.manifest() == nullptr) return {numbers.unsqueeze(0), ""};
    at::Tensor rows = shaped(numbers, *model_.manifest(), name).rows;
    if (rows.size(0) == 1) return {std::move(rows), ""};
    throw UserError("Expected one record in {}, found {}.", name, rows.size(0));
  } catch (const UserError& e) {
    return {{}, e.what()};
  }
}

}  // namespace smlt::serve
