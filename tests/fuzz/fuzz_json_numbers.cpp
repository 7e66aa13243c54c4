// Any bytes as JSON numbers. Whatever can be read reads back equal after writing, and so do the lines of the text.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/error.hpp"
#include "codec/array/json_member.hpp"
#include "codec/array/json_numbers.hpp"
#include "codec/array/text_lines.hpp"
#include "tests/fuzz/same_numbers.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace smlt::codec;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  try {
    const NumberArray array = read_json_numbers(body, "body");
    smlt::test::require_same(array, read_json_numbers(write_json_numbers(array), "written"));
  } catch (const smlt::UserError&) {
  }
  try {
    constexpr std::array<std::string_view, 2> names = {"inputs", "x"};
    const auto found = json_member(body, names, "body");
    if (found && (found->data() < body.data() || found->data() + found->size() > body.data() + size)) std::abort();
  } catch (const smlt::UserError&) {
  }
  try {
    int64_t line = 0;
    for (const TextLine& record : text_lines(body, "body")) {
      if (record.line <= line || record.text.empty()) std::abort();
      line = record.line;
    }
  } catch (const smlt::UserError&) {  // UTF-16
  }
  return 0;
}
