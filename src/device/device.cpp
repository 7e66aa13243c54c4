#include "device/device.hpp"

#include <dlfcn.h>

#include <filesystem>
#include <string_view>

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "machine/gpu.hpp"

namespace smlt::device {
namespace fs = std::filesystem;
namespace {

constexpr const char* kDriver = "libcuda.so.1";

// Beside the library that this code is in.
fs::path cuda_library() {
  Dl_info here = {};
  if (::dladdr(reinterpret_cast<const void*>(&cuda_library), &here) == 0) return {};
  return fs::path(here.dli_fname).parent_path() / "libsmlt_cuda.so";
}

const CudaPart& open_cuda_part(const fs::path& path) {
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  const auto symbol = library == nullptr ? nullptr : ::dlsym(library, kCudaPartSymbol);
  if (symbol == nullptr) {
    const char* error = ::dlerror();
    throw PlatformError("Cannot open {}, which this image needs for GPUs: {}; set device=cpu to do without.",
                        in_quotes(path.native(), 200),
                        printable(error != nullptr ? error : "the loader gives no reason"));
  }
  const CudaPart& part = *reinterpret_cast<const CudaPart* (*)()>(symbol)();
  if (std::string_view(part.version) != version()) {
    throw PlatformError("Expected version {} of {}, found version {}; install both from the same build.", version(),
                        in_quotes(path.native(), 200), part.version);
  }
  return part;
}

std::string cuda_text(int version) { return fmt::format("{}.{}", version / 1000, version % 1000 / 10); }

std::string driver_text(const CudaFacts& cuda) { return cuda.driver.empty() ? "of unknown version" : cuda.driver; }

// Why no GPU is used, and what to do.
std::string without_gpu(const CudaFacts& cuda) {
  if (!cuda.has_driver) {
    return fmt::format(
        "no NVIDIA driver is visible in this container ({} does not open; the host's is {}); choose an "
        "instance with a GPU, or start the container with its runtime (docker run --gpus all)",
        kDriver, cuda.driver.empty() ? "none" : cuda.driver);
  }
  if (cuda.driver_cuda > 0 && cuda.driver_cuda / 1000 < cuda.runtime / 1000) {
    return fmt::format(
        "the NVIDIA driver {} supports CUDA up to {} and this image needs {}; choose an instance or AMI with "
        "a newer driver, or an image built for CUDA {}",
        driver_text(cuda), cuda_text(cuda.driver_cuda), cuda_text(cuda.runtime), cuda.driver_cuda / 1000);
  }
  return fmt::format("with the NVIDIA driver {} and CUDA {}, {}", driver_text(cuda), cuda_text(cuda.runtime),
                     cuda.reason);
}

std::string gpu_text(const CudaFacts& cuda) {
  const Gpu& first = cuda.gpus.front();
  const std::string others = cuda.gpus.size() == 1 ? "" : fmt::format(", the first of {}", cuda.gpus.size());
  return fmt::format("Computing on the GPU {}{} ({:.1f} GiB, compute capability {}.{}), driver {}, CUDA {}.",
                     first.name, others, static_cast<double>(first.memory_bytes) / (1 << 30), first.major, first.minor,
                     driver_text(cuda), cuda_text(cuda.runtime));
}

}  // namespace

const CudaPart& cuda_part() { return open_cuda_part(cuda_library()); }

CudaFacts find_cuda() {
  CudaFacts facts;
  const fs::path library = cuda_library();
  std::error_code error;
  facts.is_built = fs::exists(library, error);
  if (!facts.is_built) return facts;
  facts.driver = machine::nvidia_driver_version();
  facts.has_driver = ::dlopen(kDriver, RTLD_NOW | RTLD_LOCAL) != nullptr;
  if (!facts.has_driver) return facts;
  const CudaPart& part = open_cuda_part(library);
  facts.runtime = part.runtime_version();
  facts.driver_cuda = part.driver_version();
  facts.gpus = part.gpus(facts.reason);
  return facts;
}

DeviceChoice choose_device(const std::string& wanted, std::optional<int64_t> num_gpus,
                           const std::function<CudaFacts()>& find) {
  const bool must = wanted == "cuda";
  if (wanted == "cpu") return {};
  if (num_gpus == 0) {
    if (must) throw UserError("Expected SM_NUM_GPUS above 0 for device=cuda, found 0; set one or the other.");
    return {c10::kCPU, "Computing on the CPU, because SM_NUM_GPUS is 0."};
  }
  const CudaFacts cuda = find();
  if (!cuda.is_built) {
    if (must)
      throw UserError(
          "Expected the GPU image for device=cuda, found the image for CPUs; use that one, or device=auto.");
    return {};
  }
  if (cuda.gpus.empty()) {
    if (must) throw PlatformError("Expected a GPU for device=cuda, found none: {}.", without_gpu(cuda));
    return {c10::kCPU, fmt::format("Computing on the CPU: {}.", without_gpu(cuda))};
  }
  return {c10::Device(c10::kCUDA, 0), gpu_text(cuda), cuda.gpus.front().name, static_cast<int>(cuda.gpus.size())};
}

}  // namespace smlt::device
