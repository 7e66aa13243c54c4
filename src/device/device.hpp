// Room device: where a job computes. Knows the GPU driver and the CUDA part; nothing about networks or data.
#pragma once

#include <c10/core/Device.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "device/cuda_part.hpp"

namespace smlt::device {

/// The state of CUDA on this machine.
struct CudaFacts {
  bool is_built = false;    // libsmlt_cuda.so lies beside libsmlt.so: this is the GPU image
  bool has_driver = false;  // libcuda.so.1 opens
  std::string driver = {};  // "580.95.05", "" if the kernel has none
  int runtime = 0;          // 13000: CUDA 13.0
  int driver_cuda = 0;      // the newest CUDA the driver knows
  std::vector<Gpu> gpus = {};
  std::string reason = {};  // why there are none
};

/// Where a job computes, and what its log says about it.
struct DeviceChoice {
  c10::Device device = c10::kCPU;
  std::string note = {};  // "" if there is nothing to say, as in the CPU image
  std::string gpu = {};   // its name, if one is used
  int gpus = 0;           // how many there are
};

/// Opens the CUDA part if it and a driver are present. Throws PlatformError if it is present but cannot be opened.
CudaFacts find_cuda();

/// The CUDA part. Throws PlatformError if it is missing or cannot be opened.
const CudaPart& cuda_part();

/// `wanted` is the hyperparameter: auto uses the first GPU if one computes, else the CPU; cuda fails instead of falling
/// back. `num_gpus` comes from machine/gpu.hpp; 0 forces the CPU. `find` is called only if a GPU may be used: a job on
/// the CPU opens none. Throws UserError or PlatformError.
DeviceChoice choose_device(const std::string& wanted, std::optional<int64_t> num_gpus,
                           const std::function<CudaFacts()>& find = find_cuda);

}  // namespace smlt::device
