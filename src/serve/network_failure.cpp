#include "serve/network_failure.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "script/failure.hpp"
#include "tensor/failure.hpp"

namespace smlt::serve {
namespace {

// What Python programs raise for an argument that does not fit.
constexpr std::array<std::string_view, 6> kArgumentErrors = {"ValueError", "TypeError",   "IndexError",
                                                             "KeyError",   "LookupError", "AssertionError"};

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

}  // namespace

Blame blame_for(const std::exception& error, c10::Device device) {
  if (tensor::is_out_of_memory(error)) return Blame::kMemory;
  if (has_lost_device(error, device)) return Blame::kDevice;
  const std::string raised = script::raised_class(error);
  const bool is_argument = std::find(kArgumentErrors.begin(), kArgumentErrors.end(), raised) != kArgumentErrors.end();
  return raised.empty() || is_argument ? Blame::kRequest : Blame::kModel;
}

}  // namespace smlt::serve
