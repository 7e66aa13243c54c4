// Any bytes as an npy array, as they are and as the numbers after a good header that they choose. Whatever can be read
// is as large as its shape says, and reads back equal after writing.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/error.hpp"
#include "codec/array/npy.hpp"
#include "codec/array/npy_header.hpp"
#include "codec/array/shape.hpp"

using namespace smlt::codec;

namespace {

void read(std::string_view body) {
  NumberArray array;
  try {
    array = read_npy(body, "body");
  } catch (const smlt::UserError&) {
    return;
  }
  const auto elements = elements_of(array.shape, size_of(array.type));
  if (!elements || *elements * size_of(array.type) != array.bytes.size()) std::abort();
  const NumberArray back = read_npy(write_npy(array), "written");
  if (back.type != array.type || back.shape != array.shape || back.bytes != array.bytes) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read(bytes);
  if (size < 3) return 0;
  constexpr std::string_view kTypes[] = {"|b1", "<u2", ">u4", "<u8", ">i2", "<f2", ">f4", "<f8"};
  const std::string_view type = kTypes[data[0] % 8];
  const int64_t columns = 1 + data[1] % 4;
  const auto row_size = static_cast<size_t>(columns * (type[2] - '0'));
  const std::string_view numbers = bytes.substr(2, (size - 2) / row_size * row_size);
  const auto rows = static_cast<int64_t>(numbers.size() / row_size);
  read(write_npy_header({std::string(type), data[0] >= 128, {rows, columns}}).append(numbers));
  return 0;
}
