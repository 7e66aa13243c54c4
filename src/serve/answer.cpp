#include "serve/answer.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <boost/json.hpp>
#include <new>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "codec/array/npy.hpp"
#include "codec/array/shape.hpp"
#include "codec/table/csv_numbers.hpp"
#include "serve/classes.hpp"
#include "serve/output_json.hpp"
#include "serve/refusal.hpp"

namespace smlt::serve {
namespace {

constexpr int64_t kLargestAnswer = int64_t{256} << 20;
constexpr int64_t kLongestNumber = 24;  // bytes as text, including a comma
constexpr std::string_view kAny = "*/*";

bool is_within_int64(const at::Tensor& unsigned_numbers) {
  return !unsigned_numbers.contiguous().view(at::kLong).lt(0).any().item<bool>();
}

// Python's tolist() has one kind each of integers, floats and complex numbers, and AWS's handlers pass every answer
// through it.
at::Tensor widened(const at::Tensor& numbers, std::string_view wanted) {
  if (numbers.is_complex()) {
    if (wanted.empty()) return numbers.to(at::kComplexDouble);
    throw Refusal(406, "not_acceptable", "Expected application/x-npy without a dtype for complex numbers, found {}.",
                  in_quotes(wanted));
  }
  if (wanted == "float32") return numbers.to(at::kFloat);
  if (numbers.is_floating_point()) return numbers.to(at::kDouble);
  if (numbers.scalar_type() == at::kUInt64 && !is_within_int64(numbers)) return numbers;
  return numbers.scalar_type() == at::kBool ? numbers : numbers.to(at::kLong);
}

Refusal not_one_tensor(std::string_view found) {
  return {406, "not_acceptable",
          "Expected an Accept that can carry what the model returns, which is not one tensor (application/json or "
          "application/jsonlines), found {}.",
          in_quotes(found)};
}

// The lines of a request as the rows of one tensor.
at::Tensor joined(const std::vector<c10::IValue>& outputs) {
  std::vector<at::Tensor> tensors;
  for (const c10::IValue& output : outputs) {
    tensors.push_back(plain(output.toTensor()));
    if (tensors.back().dim() == 0) tensors.back() = tensors.back().unsqueeze(0);
    if (tensors.back().sizes().slice(1) == tensors.front().sizes().slice(1)) continue;
    throw UserError(
        "Expected lines whose answers have the same shape for one array, found the shapes {} and {}; ask for "
        "application/jsonlines.",
        codec::shape_text(tensors.front().sizes()), codec::shape_text(tensors.back().sizes()));
  }
  return at::cat(tensors);
}

std::string sentence_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const PlatformError&) {  // not one record's fault
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    return printable(e.what());
  }
}

bool is_servers_fault(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Refusal& e) {
    return e.status() >= 500;
  } catch (const UserError&) {
    return false;
  } catch (...) {
    return true;
  }
}

int64_t most_numbers(std::string_view type) {
  return kLargestAnswer / (type == kNpy ? int64_t{sizeof(double)} : kLongestNumber);
}

std::string error_line(const std::string& sentence) { return compact(boost::json::object{{"error", sentence}}); }

std::string class_line(const Prediction& prediction) {
  return compact(boost::json::object{{"label", prediction.label},
                                     {"score", prediction.score},
                                     {"probabilities", boost::json::value_from(prediction.probabilities)}});
}

}  // namespace

http::MediaType accepted(std::string_view accept, std::string_view default_accept, BodyType body,
                         bool returns_structures) {
  const bool any = trimmed(accept).empty() || trimmed(accept) == kAny;
  const bool is_carried = !returns_structures || default_accept == kJson || default_accept == kLines;
  const std::string_view usual = is_carried ? default_accept : kJson;
  const std::string first = body == BodyType::kLines && usual == kJson ? kLines : std::string(usual);
  std::vector<std::string> offered = {kJson, kLines};
  if (!returns_structures) offered = {kJson, kCsv, kNpy, kLines};
  const std::string preferred = http::parse_media_type(first).value_or(http::MediaType{}).name;
  std::stable_partition(offered.begin(), offered.end(), [&](const std::string& type) { return type == preferred; });
  const auto type = http::negotiated(any ? first : accept, offered);
  if (!type && returns_structures) throw not_one_tensor(any ? first : accept);
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
    return add_failure(outcome.error);
  }
  const c10::IValue& output = outcome.output;
  const bool is_tensor = output.isTensor() && output.toTensor().defined();
  if (!is_tensor && !lines && type_.name != kJson) throw not_one_tensor(type_.name);
  numbers_ = (lines ? 0 : numbers_) + count_numbers(output);  // lines are counted as they are written
  if (numbers_ > most_numbers(type_.name)) throw answer_too_large(kLargestAnswer);
  if (lines) return is_tensor ? add_lines(output.toTensor()) : add_line(json_of(output));
  outputs_.push_back(body_ == BodyType::kImage ? probabilities(output.toTensor(), *model_.manifest())[0] : output);
}

void Answer::add_lines(const at::Tensor& output) {
  const artifact::Manifest* manifest = model_.manifest();
  if (manifest == nullptr || manifest->labels.empty()) {
    const at::Tensor numbers = plain(output);
    if (numbers.dim() == 0) return add_line(json_of(numbers));
    for (const at::Tensor& row : numbers.unbind(0)) add_line(json_of(row));
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

void Answer::add_failure(const std::exception_ptr& error) {
  const std::string sentence = sentence_of(error);
  if (is_servers_fault(error) && failures_++ == 0) first_failure_ = sentence;
  add_line(error_line(sentence));
}

bool Answer::has_structures() const {
  return !std::all_of(outputs_.begin(), outputs_.end(),
                      [](const c10::IValue& output) { return output.isTensor() && output.toTensor().defined(); });
}

std::string Answer::listed_json() const {
  if (body_ != BodyType::kLines) return json_of(outputs_.front());
  std::string text;
  for (const c10::IValue& output : outputs_) text += (text.empty() ? "[" : ", ") + json_of(output);
  return text + "]";
}

std::string Answer::encoded(const at::Tensor& output) const {
  if (type_.name == kJson) return json_of(output);
  const at::Tensor numbers = plain(output);
  if (type_.name == kNpy) return codec::write_npy(numbers_of(widened(numbers, type_.parameter("dtype"))));
  if (numbers.is_complex()) throw complex_refused();
  return codec::write_csv_numbers(numbers_of(numbers));
}

http::Response Answer::response(bool is_single_row) {
  if (type_.name == kLines) {
    const std::string remark =
        failures_ == 0
            ? ""
            : fmt::format("{} failed, the first: {}", counted(static_cast<int64_t>(failures_), "line"), first_failure_);
    return {200, kLines, {}, std::move(lines_), remark};
  }
  if (outputs_.empty()) throw UserError("Expected at least one record in the body of the request, found none.");
  if (has_structures()) return {200, kJson, {}, listed_json()};
  const bool is_one = body_ != BodyType::kLines && outputs_.size() == 1;
  const at::Tensor output = is_one ? outputs_.front().toTensor() : joined(outputs_);
  const bool squeeze = is_single_row && output.dim() > 0 && output.size(0) == 1;
  return {200, type_.name, {}, encoded(squeeze ? output.squeeze(0) : output)};
}

}  // namespace smlt::serve
