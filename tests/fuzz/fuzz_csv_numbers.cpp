// Any bytes as CSV numbers. Whatever can be read reads back equal after writing.
#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "codec/table/csv_numbers.hpp"
#include "tests/fuzz/same_numbers.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace smlt::codec;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  try {
    const NumberArray array = read_csv_numbers(body, "body");
    smlt::test::require_same(array, read_csv_numbers(write_csv_numbers(array), "written"));
  } catch (const smlt::UserError&) {
  }
  return 0;
}
