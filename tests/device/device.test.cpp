#include "device/device.hpp"

#include "base/error.hpp"
#include "tests/catch.hpp"

using namespace smlt;
using device::choose_device;
using device::CudaFacts;

namespace {

CudaFacts gpu_image_with(int count) {
  CudaFacts facts = {
      .is_built = true, .has_driver = true, .driver = "580.95.05", .runtime = 13000, .driver_cuda = 13000};
  for (int i = 0; i < count; ++i) facts.gpus.push_back({"NVIDIA A10G", 24'000'000'000, 8, 6});
  if (count == 0) facts.reason = "the driver shows no device";
  return facts;
}

std::function<CudaFacts()> found(const CudaFacts& facts) {
  return [facts] { return facts; };
}

}  // namespace

TEST_CASE("A job that is to compute on the CPU does not look for a GPU", "[device]") {
  const auto fails = []() -> CudaFacts { throw PlatformError("the CUDA part was opened"); };
  CHECK(choose_device("cpu", {}, fails).device.is_cpu());
  CHECK(choose_device("auto", 0, fails).device.is_cpu());
  CHECK_THROWS_AS(choose_device("auto", {}, fails), PlatformError);
}

TEST_CASE("The CPU image computes on the CPU and has nothing to say, unless a GPU is asked for", "[device]") {
  for (const char* wanted : {"auto", "cpu"}) {
    const auto chosen = choose_device(wanted, {}, found(CudaFacts{}));
    CHECK(chosen.device.is_cpu());
    CHECK(chosen.note.empty());
  }
  CHECK_THROWS_WITH(choose_device("cuda", {}, found(CudaFacts{})),
                    "Expected the GPU image for device=cuda, found the image for CPUs; use that one, or device=auto.");
}

TEST_CASE("Without a driver the GPU image falls back to the CPU and says why", "[device]") {
  const CudaFacts facts = {.is_built = true};
  const auto chosen = choose_device("auto", {}, found(facts));
  CHECK(chosen.device.is_cpu());
  CHECK_THAT(chosen.note, ContainsSubstring("Computing on the CPU: no NVIDIA driver is visible in this container"));
  CHECK_THROWS_AS(choose_device("cuda", {}, found(facts)), PlatformError);
  CHECK(choose_device("cpu", {}, found(facts)).note.empty());
}

TEST_CASE("The note on a driver that is too old has both versions and what to do", "[device]") {
  CudaFacts facts = gpu_image_with(0);
  facts.driver = "535.183.01";
  facts.driver_cuda = 12020;
  facts.reason = "CUDA driver version is insufficient for CUDA runtime version";
  CHECK(choose_device("auto", {}, found(facts)).note ==
        "Computing on the CPU: the NVIDIA driver 535.183.01 supports CUDA up to 12.2 and this image needs 13.0; choose "
        "an "
        "instance or AMI with a newer driver, or an image built for CUDA 12.");
  CHECK_THROWS_WITH(choose_device("cuda", {}, found(facts)),
                    ContainsSubstring("Expected a GPU for device=cuda, found none"));
}

TEST_CASE("A GPU is used if one computes, and SM_NUM_GPUS=0 forces the CPU", "[device]") {
  const auto chosen = choose_device("auto", {}, found(gpu_image_with(2)));
  CHECK(chosen.device == c10::Device(c10::kCUDA, 0));
  CHECK(chosen.note ==
        "Computing on the GPU NVIDIA A10G, the first of 2 (22.4 GiB, compute capability 8.6), driver 580.95.05, CUDA "
        "13.0.");
  CHECK(choose_device("cpu", {}, found(gpu_image_with(1))).device.is_cpu());
  CHECK(choose_device("auto", 0, found(gpu_image_with(1))).device.is_cpu());
  CHECK(choose_device("auto", 1, found(gpu_image_with(1))).device.is_cuda());
  CHECK_THROWS_AS(choose_device("cuda", 0, found(gpu_image_with(1))), UserError);
}

TEST_CASE("A driver without a device says what CUDA said", "[device]") {
  CHECK_THAT(choose_device("auto", {}, found(gpu_image_with(0))).note,
             ContainsSubstring("with the NVIDIA driver 580.95.05 and CUDA 13.0, the driver shows no device"));
}

TEST_CASE("This build finds no CUDA part if there is none beside it", "[device]") {
  if (device::find_cuda().is_built) {
    WARN("skipped: this is a build against a CUDA wheel");
    return;
  }
  CHECK(choose_device("auto", {}).device.is_cpu());
}
