#include "serve/network_failure.hpp"

#include <torch/csrc/jit/runtime/jit_exception.h>
#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <new>
#include <string_view>

#include "base/text.hpp"

namespace smlt::serve {
namespace {

// LibTorch's allocator for processors throws no type of its own, and CUDA's is hidden by the interpreter. Without
// memory for their workspaces cuBLAS and cuDNN fail like this.
constexpr std::array<std::string_view, 5> kMemoryTexts = {
    "DefaultCPUAllocator: can't allocate memory", "CUDA out of memory", "CUDA error: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED"};

// What Python programs raise for an argument that does not fit.
constexpr std::array<std::string_view, 6> kArgumentErrors = {"ValueError",    "TypeError", "IndexError",
                                                             "KeyError",      "LookupError", "AssertionError"};
constexpr std::string_view kBuiltIn = "builtins.";
constexpr std::string_view kOfOperators = "RuntimeError: ";  // as the interpreter calls all that operators throw

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

bool is_out_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return true;
  const std::string_view text = error.what();
  return std::any_of(kMemoryTexts.begin(), kMemoryTexts.end(), [&](std::string_view part) { return has(text, part); });
}

bool still_computes(c10::Device device) {
  try {
    at::ones({1}, device).cpu();
    return true;
  } catch (const std::exception& error) {
    return is_out_of_memory(error);
  }
}

bool has_lost_device(const std::exception& error, c10::Device device) {
  return device.is_cpu() ? has(error.what(), "CUDA error: ") : !still_computes(device);
}

// "" for what an operator threw; of an assertion the class stands in the message alone.
std::string raised_class(const std::exception& error) {
  const auto* raised = dynamic_cast<const torch::jit::JITException*>(&error);
  if (raised == nullptr) return "";
  const std::string name = raised->getPythonClassName().value_or("");
  if (name.starts_with(kBuiltIn)) return name.substr(kBuiltIn.size());
  if (!name.empty()) return name;
  const std::string text = cause_of(error);
  return text.substr(0, text.find(':'));
}

}  // namespace

Blame blame_for(const std::exception& error, c10::Device device) {
  if (is_out_of_memory(error)) return Blame::kMemory;
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
