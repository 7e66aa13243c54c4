// What libsmlt_cuda.so offers: the one library that links LibTorch's CUDA half. It exists in builds against a CUDA
// wheel and is opened only if libcuda.so.1 opens, so other images and machines pay nothing for it. With it loaded,
// LibTorch's tensors can live on a GPU; none of our other code differs.
#pragma once

#include <c10/core/Device.h>
#include <c10/util/intrusive_ptr.h>

#include <cstdint>
#include <string>
#include <vector>

namespace c10d {
class Backend;
class Store;
}  // namespace c10d

namespace smlt::device {

struct Gpu {
  std::string name;  // "NVIDIA A10G"
  int64_t memory_bytes = 0;
  int major = 0, minor = 0;  // compute capability
};

/// What libsmlt_cuda.so offers.
struct CudaPart {
  const char* version;  // of the project; a library of another version is refused
  /// Of the CUDA runtime this was built with, 13000 for 13.0.
  int (*runtime_version)();
  /// The highest CUDA version that the driver knows, 12020 for 12.2; 0: no driver.
  int (*driver_version)();
  /// The GPUs that compute here: each is tried with a small sum. If there are none, `reason` says why.
  std::vector<Gpu> (*gpus)(std::string& reason);
  /// NCCL between the ranks of a job, each with a GPU of its own, `device` here; connects at the first operation.
  c10::intrusive_ptr<c10d::Backend> (*make_nccl)(const c10::intrusive_ptr<c10d::Store>& store, int rank, int size,
                                                 c10::Device device);
};

/// The name under which libsmlt_cuda.so exports `extern "C" const CudaPart* smlt_cuda_part()`.
inline constexpr const char* kCudaPartSymbol = "smlt_cuda_part";

}  // namespace smlt::device
