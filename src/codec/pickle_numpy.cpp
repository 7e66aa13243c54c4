#include "codec/pickle_numpy.hpp"

#include <array>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"

// How numpy pickles an array: its methods.c (array_reduce) and descriptor.c (arraydescr_reduce) and, from protocol 5
// on, numpy/core/numeric.py (_frombuffer).

namespace smlt::codec {
namespace {

using Kind = PickleValue::Kind;
using Arguments = std::vector<const PickleValue*>;

constexpr size_t kMostDimensions = 8;

enum class Known : int64_t { kReconstruct, kNdarray, kDtype, kFromBuffer, kEncode };

struct KnownName {
  std::string_view module;
  std::string_view name;
  Known known;
};

constexpr std::array kKnownNames = {
    KnownName{"numpy.core.multiarray", "_reconstruct", Known::kReconstruct},
    KnownName{"numpy._core.multiarray", "_reconstruct", Known::kReconstruct},
    KnownName{"numpy", "ndarray", Known::kNdarray},
    KnownName{"numpy", "dtype", Known::kDtype},
    KnownName{"numpy.core.numeric", "_frombuffer", Known::kFromBuffer},
    KnownName{"numpy._core.numeric", "_frombuffer", Known::kFromBuffer},
    KnownName{"_codecs", "encode", Known::kEncode},
};

bool is_global(const PickleValue& value, Known known) {
  return value.kind == Kind::kGlobal && value.number == static_cast<int64_t>(known);
}

int64_t element_size(std::string_view dtype) { return dtype == "u1" ? 1 : dtype == "i4" ? 4 : dtype == "i8" ? 8 : 0; }

PickleValue made_dtype(const Arguments& arguments, const PickleReader& reader) {
  const int64_t size = arguments[0]->is_string() ? element_size(arguments[0]->bytes) : 0;
  if (size == 0) {
    reader.refuse(fmt::format("a numpy array of type {}, not u1, i4 or i8", in_quotes(arguments[0]->bytes)));
  }
  return {.kind = Kind::kDtype, .number = size};
}

void fill_array(PickleValue& array, const PickleValue& shape, const PickleValue& dtype, const PickleValue& data,
                const PickleReader& reader) {
  const bool is_array = shape.kind == Kind::kTuple && shape.items.size() <= kMostDimensions &&
                        dtype.kind == Kind::kDtype && data.kind == Kind::kBytes;
  if (!is_array) reader.refuse("a numpy array that is put together in another way");
  uint64_t size = static_cast<uint64_t>(dtype.number);
  std::vector<int64_t> sizes;
  bool fits = true;
  for (const PickleValue* item : shape.items) {
    fits = fits && item->kind == Kind::kInteger && item->number >= 0 &&
           !__builtin_mul_overflow(size, static_cast<uint64_t>(item->number), &size);
    sizes.push_back(item->number);
  }
  if (!fits || size != data.bytes.size()) reader.refuse("a numpy array whose shape and data differ");
  array.shape = std::move(sizes);
  array.bytes = data.bytes;
  array.number = dtype.number;
}

}  // namespace

int64_t global_called(std::string_view module, std::string_view name, const PickleReader& reader) {
  for (const KnownName& known : kKnownNames) {
    if (known.module == module && known.name == name) return static_cast<int64_t>(known.known);
  }
  reader.refuse("the object " + in_quotes(std::string(module) + "." + std::string(name)));
}

PickleValue result_of(const PickleValue& function, const Arguments& arguments,
                      const std::function<std::string_view(std::string)>& keep, const PickleReader& reader) {
  const size_t count = arguments.size();
  if (is_global(function, Known::kReconstruct) && count == 3 && is_global(*arguments[0], Known::kNdarray)) {
    return {.kind = Kind::kArray, .number = 1};
  }
  if (is_global(function, Known::kDtype) && count >= 1) return made_dtype(arguments, reader);
  if (is_global(function, Known::kEncode) && count == 2 && arguments[0]->kind == Kind::kText) {
    const std::string_view encoding = arguments[1]->bytes;
    if (encoding != "latin1" && encoding != "latin-1") reader.refuse("the encoding " + in_quotes(encoding));
    return {.kind = Kind::kBytes, .bytes = keep(latin1_from_utf8(arguments[0]->bytes, reader))};
  }
  if (is_global(function, Known::kFromBuffer) && count == 4 && arguments[3]->bytes == "C") {
    PickleValue array{.kind = Kind::kArray};
    fill_array(array, *arguments[2], *arguments[1], *arguments[0], reader);
    return array;
  }
  reader.refuse("a call that no plain array needs");
}

void set_state(PickleValue& value, const PickleValue& state, const PickleReader& reader) {
  const Arguments& items = state.items;
  if (value.kind == Kind::kDtype && items.size() >= 2 && items[1]->is_string()) {
    const std::string_view order = items[1]->bytes;
    if (order != "<" && order != "|") reader.refuse("a numpy array of byte order " + in_quotes(order));
  } else if (value.kind == Kind::kArray && items.size() == 5) {  // version, shape, dtype, by columns, data
    if (items[3]->number != 0) reader.refuse("a numpy array that is stored column by column");
    fill_array(value, *items[1], *items[2], *items[4], reader);
  } else {
    reader.refuse("the state of an object");
  }
}

}  // namespace smlt::codec
