#include "machine/instructions.hpp"

#include "base/file.hpp"
#include "tests/catch.hpp"
#include "tests/temporary.hpp"

using namespace smlt;

TEST_CASE("What a processor lacks of an instruction set is named as the kernel names it", "[machine]") {
  const test::TemporaryDirectory directory;
  const auto info = directory.path() / "cpuinfo";
  write_file(info, "processor\t: 0\nflags\t\t: fpu sse4_2 avx2 fma avx512f avx512dq avx512vl avx512bw\n\n");
  CHECK(machine::missing_instructions("AVX2", info).empty());
  CHECK(machine::missing_instructions("AVX512", info).empty());
  CHECK(machine::missing_instructions("", info).empty());
  CHECK(machine::missing_instructions("INVALID_VEC_ISA", info).empty());
  CHECK(machine::missing_instructions("AVX512 AVX512_VNNI AMX_TILE", info) ==
        "avx512_vnni, amx_tile, amx_bf16 and amx_int8");
  CHECK(machine::missing_instructions("AVX1024", info) == "avx1024");
  CHECK(machine::missing_instructions("AVX2", directory.path() / "none") == "avx2 and fma");
}
