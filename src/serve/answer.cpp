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

// Whether a failure ends the whole request rather than one record.
bool ends_request(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const PlatformError&) {
    return true;
  } catch (...) {
    return false;
  }
}

bool has_rows(const c10::IValue& output, int64_t rows) {
  if (!output.isTensor() || !output.toTensor().defined()) return false;
  const at::Tensor& tensor = output.toTensor();
  return tensor.dim() > 0 && tensor.size(0) == rows;
}

at::Tensor real_numbers(const at::Tensor& numbers) {
  if (numbers.is_complex()) throw complex_refused();
  return numbers;
}

// Of at most two dimensions, as CSV has them.
at::Tensor as_rows(const at::Tensor& numbers) { return numbers.dim() > 2 ? numbers.flatten(1) : numbers; }

std::string csv_field(std::string text) {
  for (size_t quote = text.find('"'); quote != std::string::npos; quote = text.find('"', quote + 2)) {
    text.insert(quote, 1, '"');
  }
  return '"' + text + '"';
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

std::string class_line(const Prediction& prediction) {
  return compact(boost::json::object{{"label", prediction.label},
                                     {"score", prediction.score},
                                     {"probabilities", boost::json::value_from(prediction.probabilities)}});
}

}  // namespace

Answer::Answer(Form form, BodyType body, const Model& model) : form_(std::move(form)), body_(body), model_(model) {}

bool Answer::wants_apart(const Outcome& outcome, int64_t rows) const {
  if (!form_.by_lines || rows < 2) return false;
  return outcome.error ? !ends_request(outcome.error) : !has_rows(outcome.output, rows);
}

void Answer::add(const Outcome& outcome, int64_t rows) {
  if (outcome.error) {
    if (!form_.by_lines) std::rethrow_exception(outcome.error);
    for (int64_t row = 0; row < rows; ++row) add_failure(outcome.error);
    return;
  }
  const c10::IValue& output = outcome.output;
  const bool lines = form_.by_lines || form_.type.name == kLines;
  const bool is_tensor = output.isTensor() && output.toTensor().defined();
  if (!is_tensor && form_.type.name != kLines && form_.type.name != kJson) throw not_one_tensor(form_.type.name);
  numbers_ = (lines ? 0 : numbers_) + count_numbers(output);  // lines are counted as they are written
  if (numbers_ > most_numbers(form_.type.name)) throw answer_too_large(kLargestAnswer);
  if (!lines) {
    outputs_.push_back(body_ == BodyType::kImage ? probabilities(output.toTensor(), *model_.manifest())[0] : output);
  } else if (!is_tensor) {
    add_line(json_of(output));
  } else {
    const bool is_one = form_.by_lines && !has_rows(output, rows);  // of a bare model, for one record
    add_lines(is_one ? output.toTensor().unsqueeze(0) : output.toTensor());
  }
}

void Answer::add_lines(const at::Tensor& output) {
  const artifact::Manifest* manifest = model_.manifest();
  if (form_.type.name == kCsv) {
    std::string text = codec::write_csv_numbers(numbers_of(as_rows(real_numbers(plain(output)))));
    text.pop_back();
    return add_line(text);
  }
  if (form_.type.name == kJson || manifest == nullptr || manifest->labels.empty()) return add_json_lines(plain(output));
  add_class_lines(probabilities(output, *manifest));
}

void Answer::add_json_lines(const at::Tensor& rows) {
  if (rows.dim() == 0) return add_line(json_of(rows));
  for (const at::Tensor& row : rows.unbind(0)) add_line(json_of(row));
}

void Answer::add_class_lines(const at::Tensor& rows) {
  for (int64_t row = 0; row < rows.size(0); ++row) {
    try {
      add_line(class_line(prediction_of(rows[row], *model_.manifest())));
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

std::string Answer::error_line(const std::string& sentence) const {
  return form_.type.name == kCsv ? csv_field("error: " + sentence) : compact(boost::json::object{{"error", sentence}});
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
  if (form_.type.name == kJson) return json_of(output);
  const at::Tensor numbers = plain(output);
  if (form_.type.name == kNpy) return codec::write_npy(numbers_of(widened(numbers, form_.type.parameter("dtype"))));
  return codec::write_csv_numbers(numbers_of(real_numbers(numbers)));
}

std::string Answer::remark() const {
  if (failures_ == 0) return "";
  return fmt::format("{} failed, the first: {}", counted(failures_, "line"), first_failure_);
}

http::Response Answer::response(bool is_single_row) {
  if (!form_.by_lines && form_.type.name != kLines) return whole_response(is_single_row);
  if (has_lines_ && form_.ends_line) lines_ += '\n';
  return {200, form_.type.name, {}, std::move(lines_), form_.ends_line ? "" : "\n", remark()};
}

http::Response Answer::whole_response(bool is_single_row) const {
  if (outputs_.empty()) throw UserError("Expected at least one record in the body of the request, found none.");
  std::string text;
  std::string type = kJson;
  if (has_structures()) {
    text = listed_json();
  } else {
    const bool is_one = body_ != BodyType::kLines && outputs_.size() == 1;
    const at::Tensor output = is_one ? outputs_.front().toTensor() : joined(outputs_);
    const bool squeeze = is_single_row && output.dim() > 0 && output.size(0) == 1;
    text = encoded(squeeze ? output.squeeze(0) : output);
    type = form_.type.name;
  }
  if (type == kCsv && !form_.ends_line && text.ends_with('\n')) text.pop_back();
  if (type == kJson && form_.ends_line) text += '\n';
  return {200, type, {}, std::move(text)};
}

}  // namespace smlt::serve
