#include "tensor/failure.hpp"

#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <new>
#include <string_view>

namespace smlt::tensor {
namespace {

// cuBLAS and cuDNN fail with ALLOC_FAILED if there is no memory for their workspaces. The last two are the driver's and
// Python's names for it, which Triton looks for too (src/sagemaker_server.cc).
constexpr std::array<std::string_view, 7> kMemoryTexts = {"DefaultCPUAllocator: can't allocate memory",
                                                          "CUDA out of memory",
                                                          "CUDA error: out of memory",
                                                          "CUBLAS_STATUS_ALLOC_FAILED",
                                                          "CUDNN_STATUS_ALLOC_FAILED",
                                                          "CUDA_ERROR_OUT_OF_MEMORY",
                                                          "OutOfMemoryError"};

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

bool is_out_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return true;
  const std::string_view text = error.what();
  return std::any_of(kMemoryTexts.begin(), kMemoryTexts.end(), [&](std::string_view part) { return has(text, part); });
}

bool is_cuda_error(const std::exception& error) {
  return !is_out_of_memory(error) && has(error.what(), "CUDA error: ");
}

}  // namespace smlt::tensor
