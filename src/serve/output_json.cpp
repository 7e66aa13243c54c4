#include "serve/output_json.hpp"

#include <torch/torch.h>

#include <new>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "codec/array/json_numbers.hpp"
#include "serve/network_failure.hpp"
#include "tensor/number_array.hpp"

namespace smlt::serve {
namespace {

constexpr int64_t kTextOfANumber = 8;  // bytes that are counted as one

// Runs a step that may fail for a rare LibTorch type.
template <typename Step>
auto converted(const at::Tensor& output, Step step) {
  try {
    return step(output);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {  // LibTorch's, or because numpy has no such type
    if (blame_for(e, c10::kCPU) == Blame::kMemory) throw std::bad_alloc();
    throw model_error("Expected a model that answers with numbers of a type that numpy has, found {}.",
                      in_quotes(c10::toString(output.scalar_type())));
  }
}

class Writer {
 public:
  std::string write(const c10::IValue& output) {
    append(output);
    return std::move(text_);
  }

 private:
  void append(const c10::IValue& value) {
    if (value.isTensor()) return append(value.toTensor());
    if (value.isTuple()) return append_list(value.toTupleRef().elements());
    if (value.isList()) return append_list(value.toListRef());
    if (value.isGenericDict()) return append_dictionary(value.toGenericDict());
    if (value.isString()) {
      text_ += ascii_quoted(as_utf8(value.toStringRef()));
      return;
    }
    append_plain(value);
  }

  void append(const at::Tensor& tensor) {
    if (!tensor.defined()) {
      text_ += "null";
      return;
    }
    if (tensor.is_complex()) throw complex_refused();
    text_ += codec::write_json_numbers(numbers_of(tensor));
  }

  template <typename Values>
  void append_list(const Values& values) {
    text_ += '[';
    const char* separator = "";
    for (const c10::IValue& value : values) {
      text_ += std::exchange(separator, ", ");
      append(value);
    }
    text_ += ']';
  }

  void append_dictionary(const c10::impl::GenericDict& dictionary) {
    text_ += '{';
    const char* separator = "";
    for (const auto& entry : dictionary) {
      text_ += std::exchange(separator, ", ");
      append_key(entry.key());
      text_ += ": ";
      append(entry.value());
    }
    text_ += '}';
  }

  void append_key(const c10::IValue& key) {
    if (key.isString()) return append(key);
    if (key.isTensor() || key.isComplexDouble()) {
      throw model_error("Expected a model whose dictionaries have texts or numbers as keys, found one of type {}.",
                        in_quotes(key.tagKind()));
    }
    text_ += '"';
    append_plain(key);
    text_ += '"';
  }

  // A value that is neither text nor a container.
  void append_plain(const c10::IValue& value) {
    if (value.isNone()) {
      text_ += "null";
    } else if (value.isBool()) {
      append_number(codec::NumberType::kBool, value.toBool());
    } else if (value.isInt()) {
      append_number(codec::NumberType::kInt64, value.toInt());
    } else if (value.isDouble()) {
      append_number(codec::NumberType::kFloat64, value.toDouble());
    } else if (value.isComplexDouble()) {
      throw complex_refused();
    } else {
      throw model_error(
          "Expected a model that returns tensors, numbers, texts, or tuples, lists and dictionaries of them, found one "
          "that returns {}; wrap it so that it does.",
          in_quotes(value.tagKind()));
    }
  }

  template <typename Number>
  void append_number(codec::NumberType type, Number number) {
    codec::append_number(text_, type, reinterpret_cast<const std::byte*>(&number), codec::kJsonNames);
  }

  std::string text_;
};

}  // namespace

at::Tensor plain(const at::Tensor& output) { return converted(output, tensor::plain_numbers); }

codec::NumberArray numbers_of(const at::Tensor& output) { return converted(output, tensor::array_of); }

Refusal complex_refused() {
  return {406, "not_acceptable",
          "Expected an Accept for complex numbers, which JSON and CSV have no form for; ask for application/x-npy "
          "if the model returns one tensor."};
}

int64_t count_numbers(const c10::IValue& output) {
  if (output.isTensor()) return output.toTensor().defined() ? output.toTensor().numel() : 1;
  if (output.isString()) return 1 + static_cast<int64_t>(output.toStringRef().size()) / kTextOfANumber;
  int64_t count = 1;
  if (output.isTuple()) {
    for (const c10::IValue& element : output.toTupleRef().elements()) count += count_numbers(element);
  } else if (output.isList()) {
    for (const c10::IValue& element : output.toListRef()) count += count_numbers(element);
  } else if (output.isGenericDict()) {
    for (const auto& entry : output.toGenericDict()) count += count_numbers(entry.key()) + count_numbers(entry.value());
  }
  return count;
}

std::string json_of(const c10::IValue& output) { return Writer().write(output); }

}  // namespace smlt::serve
