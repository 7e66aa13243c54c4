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

TEST_CASE("A processor multiplies in bfloat16 with AMX or AVX512-BF16", "[machine]") {
  const test::TemporaryDirectory directory;
  const auto has = [info = directory.path() / "cpuinfo"](const std::string& flags) {
    write_file(info, "flags\t\t: " + flags + "\n");
    return machine::has_bfloat16(info);
  };
  CHECK(has("fpu amx_bf16 amx_tile amx_int8"));
  CHECK(has("fpu avx512f avx512_bf16"));
  CHECK_FALSE(has("fpu avx2 fma avx512f avx512dq avx512vl avx512bw avx512_vnni"));
}
