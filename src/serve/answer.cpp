#include "serve/answer.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "codec/csv_numbers.hpp"
#include "codec/json_numbers.hpp"
#include "codec/npy.hpp"
#include "serve/classes.hpp"
#include "serve/refusal.hpp"
#include "tensor/number_array.hpp"

namespace smlt::serve {
namespace {

constexpr int64_t kLargestAnswer = int64_t{256} << 20;
constexpr int64_t kLongestNumber = 24;  // bytes as text, a comma included
constexpr std::string_view kAny = "*/*";

// Python's tolist() knows one kind of integers and one of floats, and AWS's handlers pass every answer through it.
at::Tensor widened(const at::Tensor& output, std::string_view wanted) {
  if (wanted == "float32") return output.to(at::kFloat);
  if (output.is_floating_point()) return output.to(at::kDouble);
  return output.scalar_type() == at::kBool ? output : output.to(at::kLong);
}

std::string sentence_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return printable(e.what());
  }
}

std::string error_line(const std::string& sentence) { return compact(boost::json::object{{"error", sentence}}); }

std::string class_line(const Prediction& prediction) {
  return compact(boost::json::object{{"label", prediction.label},
                                     {"score", prediction.score},
                                     {"probabilities", boost::json::value_from(prediction.probabilities)}});
}

}  // namespace

http::MediaType accepted(std::string_view accept, std::string_view default_accept, BodyType body) {
  const bool any = trimmed(accept).empty() || trimmed(accept) == kAny;
  const std::string first = body == BodyType::kLines && default_accept == kJson ? kLines : std::string(default_accept);
  std::vector<std::string> offered = {kJson, kCsv, kNpy, kLines};
  const std::string preferred = http::parse_media_type(first).value_or(http::MediaType{}).name;
  std::stable_partition(offered.begin(), offered.end(), [&](const std::string& type) { return type == preferred; });
  const auto type = http::negotiated(any ? first : accept, offered);
  if (!type) {
    throw Refusal(406, "not_acceptable", "Expected Accept to be one of {}, found {}.", listed(offered, "or"),
                  in_quotes(any ? first : accept));
  }
  const std::string_view numbers = type->parameter("dtype");
  if (type->name == kNpy && !numbers.empty() && numbers != "float32" && numbers != "float64") {
    throw Refusal(406, "not_acceptable", "Expected the dtype of application/x-npy to be float32 or float64, found {}.",
                  in_quotes(numbers));
  }
  return *type;
}

Answer::Answer(http::MediaType type, BodyType body, const Model& model)
    : type_(std::move(type)), body_(body), model_(model) {}

void Answer::add(const Outcome& outcome) {
  const bool lines = type_.name == kLines;
  if (outcome.error) {
    if (!lines || body_ != BodyType::kLines) std::rethrow_exception(outcome.error);
    add_line(error_line(sentence_of(outcome.error)));
  } else if (lines) {
    add_lines(outcome.output);
  } else {
    numbers_ += outcome.output.numel();
    const int64_t most = kLargestAnswer / (type_.name == kNpy ? int64_t{sizeof(double)} : kLongestNumber);
    if (numbers_ > most) throw answer_too_large(kLargestAnswer);
    outputs_.push_back(body_ == BodyType::kImage ? probabilities(outcome.output, *model_.manifest())[0]
                                                 : outcome.output);
  }
}

void Answer::add_lines(const at::Tensor& output) {
  const artifact::Manifest* manifest = model_.manifest();
  if (manifest == nullptr || manifest->labels.empty()) {
    if (output.dim() == 0) return add_line(codec::write_json_numbers(tensor::array_of(output)));
    for (const at::Tensor& row : output.unbind(0)) add_line(codec::write_json_numbers(tensor::array_of(row)));
    return;
  }
  const at::Tensor rows = probabilities(output, *manifest);
  for (int64_t row = 0; row < rows.size(0); ++row) {
    try {
      add_line(class_line(prediction_of(rows[row], *manifest)));
    } catch (const Refusal&) {
      throw;
    } catch (const UserError& e) {
      add_line(error_line(e.what()));
    }
  }
}

void Answer::add_line(std::string_view line) {
  if (lines_.size() + line.size() > kLargestAnswer) throw answer_too_large(kLargestAnswer);
  if (has_lines_) lines_ += '\n';
  lines_ += line;
  has_lines_ = true;
}

std::string Answer::encoded(const at::Tensor& output) const {
  if (type_.name == kNpy) return codec::write_npy(tensor::array_of(widened(output, type_.parameter("dtype"))));
  const codec::NumberArray array = tensor::array_of(output);
  return type_.name == kCsv ? codec::write_csv_numbers(array) : codec::write_json_numbers(array);
}

http::Response Answer::response(bool is_single_row) {
  if (type_.name == kLines) return {200, kLines, {}, std::move(lines_)};
  if (outputs_.empty()) throw UserError("Expected at least one record in the body of the request, found none.");
  const at::Tensor output = outputs_.size() == 1 ? outputs_.front() : at::cat(outputs_);
  const bool squeeze = is_single_row && output.dim() > 0 && output.size(0) == 1;
  return {200, type_.name, {}, encoded(squeeze ? output.squeeze(0) : output)};
}

}  // namespace smlt::serve
