#include "device/cuda_part.hpp"

#include <ATen/ATen.h>
#include <cuda_runtime_api.h>

#include <exception>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

#include "base/text.hpp"
#include "base/version.hpp"

namespace smlt::device {
namespace {

int runtime_version() { return CUDART_VERSION; }

int driver_version() {
  int version = 0;
  return cudaDriverGetVersion(&version) == cudaSuccess ? version : 0;
}

// Throws c10::Error if the GPU cannot compute, for example because it is too old for the kernels in this build.
void try_sum(int device) {
  const at::Tensor ones = at::ones({2}, at::TensorOptions().device(at::kCUDA, static_cast<at::DeviceIndex>(device)));
  TORCH_CHECK(ones.sum().item<float>() == 2.0f, "1 + 1 is not 2 there");
}

std::vector<Gpu> gpus(std::string& reason) {
  int count = 0;
  if (const cudaError_t error = cudaGetDeviceCount(&count); error != cudaSuccess) {
    reason = cudaGetErrorString(error);
    return {};
  }
  if (count == 0) reason = "the driver shows no device";
  std::vector<Gpu> found;
  for (int i = 0; i < count; ++i) {
    cudaDeviceProp properties;
    if (const cudaError_t error = cudaGetDeviceProperties(&properties, i); error != cudaSuccess) {
      reason = cudaGetErrorString(error);
      return {};  // device numbers must stay CUDA's
    }
    try {
      try_sum(i);
    } catch (const std::exception& e) {
      reason = std::string(properties.name) + " cannot compute: " + shortened(e.what(), 300);
      return {};
    }
    found.push_back(
        {properties.name, static_cast<int64_t>(properties.totalGlobalMem), properties.major, properties.minor});
  }
  return found;
}

// Before the first operation, so that its own threads choose the same GPU. A rank that computes for long keeps the
// others waiting in an operation, and whether it lives is for the job's watch to say: hence the long timeout.
c10::intrusive_ptr<c10d::Backend> make_nccl(const c10::intrusive_ptr<c10d::Store>& store, int rank, int size,
                                            c10::Device device) {
  c10::cuda::set_device(device.index());
  const auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = std::chrono::hours(24);
  const auto backend = c10::make_intrusive<c10d::ProcessGroupNCCL>(store, rank, size, options);
  backend->setGroupUid("smlt");
  return backend;
}

constexpr CudaPart kPart = {version(), runtime_version, driver_version, gpus, make_nccl};

}  // namespace
}  // namespace smlt::device

extern "C" __attribute__((visibility("default"))) const smlt::device::CudaPart* smlt_cuda_part() {
  return &smlt::device::kPart;
}
