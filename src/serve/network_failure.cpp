#include "serve/network_failure.hpp"

#include <torch/csrc/jit/runtime/jit_exception.h>
#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.hpp"
#include "tensor/failure.hpp"

namespace smlt::serve {
namespace {

// What Python programs raise for an argument that does not fit.
constexpr std::array<std::string_view, 6> kArgumentErrors = {"ValueError", "TypeError",   "IndexError",
                                                             "KeyError",   "LookupError", "AssertionError"};
constexpr std::string_view kBuiltIn = "builtins.";
constexpr std::string_view kOfOperators = "RuntimeError: ";  // the interpreter's prefix for operators' exceptions

bool still_computes(c10::Device device) {
  try {
    at::ones({1}, device).cpu();
    return true;
  } catch (const std::exception& error) {
    return tensor::is_out_of_memory(error);
  }
}

bool has_lost_device(const std::exception& error, c10::Device device) {
  return device.is_cpu() ? tensor::is_cuda_error(error) : !still_computes(device);
}

// "" for an operator's exception; an assertion's class appears only in the message.
std::string raised_class(const std::exception& error) {
  const auto* raised = dynamic_cast<const torch::jit::JITException*>(&error);
  if (raised == nullptr) return "";
  std::string name = raised->getPythonClassName().value_or("");
  if (name.starts_with(kBuiltIn)) return name.substr(kBuiltIn.size());
  if (!name.empty()) return name;
  const std::string text = cause_of(error);
  return text.substr(0, text.find(':'));
}

}  // namespace

Blame blame_for(const std::exception& error, c10::Device device) {
  if (tensor::is_out_of_memory(error)) return Blame::kMemory;
  if (has_lost_device(error, device)) return Blame::kDevice;
  const std::string raised = raised_class(error);
  const bool is_argument = std::find(kArgumentErrors.begin(), kArgumentErrors.end(), raised) != kArgumentErrors.end();
  return raised.empty() || is_argument ? Blame::kRequest : Blame::kModel;
}

std::string cause_of(const std::exception& error) {
  const auto* of_libtorch = dynamic_cast<const c10::Error*>(&error);
  const auto* raised = dynamic_cast<const torch::jit::JITException*>(&error);
  std::string text = of_libtorch != nullptr ? of_libtorch->what_without_backtrace() : error.what();
  if (raised != nullptr && raised->getOriginalMsg()) text = *raised->getOriginalMsg();
  text = trimmed(text);
  const size_t traceback = text.rfind(kOfOperators);
  if (traceback != std::string::npos) text.erase(0, traceback + kOfOperators.size());
  return shortened(text.substr(0, text.find('\n')), 400);
}

}  // namespace smlt::serve
