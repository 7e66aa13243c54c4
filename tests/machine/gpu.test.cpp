#include "machine/gpu.hpp"

#include <fstream>
#include <string_view>

#include "tests/catch.hpp"
#include "tests/temporary.hpp"

using namespace smlt;

TEST_CASE("The driver's version is read from the kernel's file", "[machine]") {
  const test::TemporaryDirectory directory;
  const auto version_in = [&](std::string_view text) {
    std::ofstream(directory.path() / "version") << text;
    return machine::nvidia_driver_version(directory.path() / "version");
  };
  CHECK(version_in("NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.256.02  Thu May  2 14:37:44 UTC 2024\n"
                   "GCC version:  gcc version 7.3.1 20180712\n") == "470.256.02");
  CHECK(version_in("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build  (b@h)  Tue\n") ==
        "580.95.05");
  CHECK(version_in("NVRM version: something else\nGCC version: 7.3.1\n").empty());
  CHECK(version_in("").empty());
  CHECK(machine::nvidia_driver_version(directory.path() / "absent").empty());
}

TEST_CASE("SM_NUM_GPUS is a number if it is set", "[machine]") {
  CHECK_FALSE(machine::num_gpus({}).has_value());
  CHECK_FALSE(machine::num_gpus({{"SM_NUM_GPUS", ""}}).has_value());
  CHECK(machine::num_gpus({{"SM_NUM_GPUS", "0"}}) == 0);
  CHECK(machine::num_gpus({{"SM_NUM_GPUS", "8"}}) == 8);
  for (const std::string text : {"all", "-1", "1.5", "99999999999999999999"}) {
    CHECK_THROWS_WITH(machine::num_gpus({{"SM_NUM_GPUS", text}}),
                      "Expected a number of GPUs in SM_NUM_GPUS, found '" + text + "'.");
  }
}
