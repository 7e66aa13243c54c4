#include "script/failure.hpp"

#include <c10/util/Exception.h>
#include <torch/csrc/jit/runtime/jit_exception.h>

#include <string_view>

#include "base/text.hpp"

namespace smlt::script {
namespace {

constexpr std::string_view kBuiltIn = "builtins.";
constexpr std::string_view kOfOperators = "RuntimeError: ";  // the interpreter's prefix for operators' exceptions

}  // namespace

// An assertion's class appears only in the message.
std::string raised_class(const std::exception& error) {
  const auto* raised = dynamic_cast<const torch::jit::JITException*>(&error);
  if (raised == nullptr) return "";
  std::string name = raised->getPythonClassName().value_or("");
  if (name.starts_with(kBuiltIn)) return name.substr(kBuiltIn.size());
  if (!name.empty()) return name;
  const std::string text = cause_of(error);
  return text.substr(0, text.find(':'));
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

}  // namespace smlt::script
