// Room device: where a job computes. Knows the GPU driver and the CUDA part; nothing of networks or data.
#pragma once

#include <c10/core/Device.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "device/cuda_part.hpp"

namespace smlt::device {

/// What there is of CUDA here.
struct CudaFacts {
  bool is_built = false;    // libsmlt_cuda.so lies beside libsmlt.so: this is the GPU image
  bool has_driver = false;  // libcuda.so.1 opens
  std::string driver = {};  // "580.95.05", "" where the kernel has none
  int runtime = 0;          // 13000: CUDA 13.0
  int driver_cuda = 0;      // the newest CUDA the driver knows
  std::vector<Gpu> gpus = {};
  std::string reason = {};  // why there are none
};

/// Where a job computes, and what its log says of that.
struct DeviceChoice {
  c10::Device device = c10::kCPU;
  std::string note = {};  // "": nothing to say, as in the CPU image
  std::string gpu = {};   // its name, where one was taken
};

/// Opens the CUDA part where it and a driver are there. Throws PlatformError when it lies there and cannot be opened.
CudaFacts find_cuda();

/// `wanted` is the hyperparameter: auto takes the first GPU where one computes and the CPU elsewhere; cuda fails
/// instead of falling back. `num_gpus` is that of machine/gpu.hpp; 0 forces the CPU. `find` is called only where a GPU
/// may be taken: a job on the CPU opens none. Throws UserError or PlatformError.
DeviceChoice choose_device(const std::string& wanted, std::optional<int64_t> num_gpus,
                           const std::function<CudaFacts()>& find = find_cuda);

}  // namespace smlt::device
