#include "compiled/requirements.hpp"

#include <fmt/format.h>
#include <torch/version.h>

#include "base/error.hpp"
#include "base/text.hpp"
#include "machine/instructions.hpp"

namespace smlt::compiled {
namespace {

// What the compiler wrote under this name, or "".
std::string written(const Package& package, const char* key) {
  const auto found = package.metadata.find(key);
  return found == package.metadata.end() ? "" : shortened(printable(found->second), 100);
}

void check_machine(const Package& package) {
  const std::string wanted = written(package, "AOTI_MACHINE"), here = machine::architecture();
  if (wanted.empty() || wanted == here) return;
  throw UserError(
      "Expected a package compiled for {}, this machine's kind of processor, in {}, found one for {}; "
      "compile it on such a machine.",
      here, package.name, wanted);
}

void check_instructions(const Package& package) {
  const std::string wanted = written(package, "AOTI_CPU_ISA");
  const std::string missing = machine::missing_instructions(wanted);
  if (missing.empty()) return;
  throw UserError(
      "Expected a package for the instructions of this processor in {}, found one compiled for {}, of which "
      "it lacks {}; compile it with examples/compile-model.py --isa avx2, or serve it on a newer processor.",
      package.name, wanted, missing);
}

void check_device(const Package& package, c10::Device device) {
  const std::string wanted = written(package, "AOTI_DEVICE_KEY");
  const std::string here = c10::DeviceTypeName(device.type(), /*lower_case=*/true);
  if (wanted == here) return;
  throw UserError(
      "Expected a package compiled for the device {}, where this endpoint predicts, in {}, found one for {}; "
      "compile it for {}, or choose the other device with --device.",
      here, package.name, wanted.empty() ? "none" : wanted, here);
}

}  // namespace

void check_runs_here(const Package& package, c10::Device device) {
  check_machine(package);
  if (device.is_cpu()) check_instructions(package);
  check_device(package, device);
}

std::string versions(const Package& package) {
  const std::string version = written(package, "SMLT_LIBTORCH");
  return fmt::format("it was compiled for {} by {}, and this is LibTorch {}", written(package, "AOTI_DEVICE_KEY"),
                     version.empty() ? "a version of PyTorch that it does not name" : "PyTorch " + version,
                     TORCH_VERSION);
}

}  // namespace smlt::compiled
