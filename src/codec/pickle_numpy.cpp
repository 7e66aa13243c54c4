#include "codec/pickle_numpy.hpp"

#include <array>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/pickle_reader.hpp"

// How numpy pickles an array: its methods.c (array_reduce) and descriptor.c (arraydescr_reduce) and, from protocol 5
// on, numpy/core/numeric.py (_frombuffer).

namespace smlt::codec {
namespace {

using Kind = PickleValue::Kind;

constexpr size_t kMostDimensions = 8;
constexpr std::string_view kOtherCall = "a call that no plain array needs";

int64_t element_size(std::string_view dtype) { return dtype == "u1" ? 1 : dtype == "i4" ? 4 : dtype == "i8" ? 8 : 0; }

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

// _reconstruct(ndarray, ...): an array whose content comes as its state.
PickleValue empty_array(const PickleItems& arguments, PickleReader& reader) {
  const PickleName* type = arguments.size() == 3 ? arguments[0]->known : nullptr;
  if (type == nullptr || type->name != "ndarray") reader.refuse(kOtherCall);
  return {.kind = Kind::kArray, .number = 1};
}

// _frombuffer(data, dtype, shape, order).
PickleValue whole_array(const PickleItems& arguments, PickleReader& reader) {
  if (arguments.size() != 4 || arguments[3]->bytes != "C") reader.refuse(kOtherCall);
  PickleValue array{.kind = Kind::kArray};
  fill_array(array, *arguments[2], *arguments[1], *arguments[0], reader);
  return array;
}

PickleValue made_dtype(const PickleItems& arguments, PickleReader& reader) {
  if (arguments.empty()) reader.refuse(kOtherCall);
  const int64_t size = arguments[0]->is_string() ? element_size(arguments[0]->bytes) : 0;
  if (size == 0) {
    reader.refuse(fmt::format("a numpy array of type {}, not u1, i4 or i8", in_quotes(arguments[0]->bytes)));
  }
  return {.kind = Kind::kDtype, .number = size};
}

// _codecs.encode(text, encoding): how protocols 0 to 2 of Python 3 spell bytes.
PickleValue encoded(const PickleItems& arguments, PickleReader& reader) {
  if (arguments.size() != 2 || arguments[0]->kind != Kind::kText) reader.refuse(kOtherCall);
  const std::string_view encoding = arguments[1]->bytes;
  if (encoding != "latin1" && encoding != "latin-1") reader.refuse("the encoding " + in_quotes(encoding));
  return {.kind = Kind::kBytes, .bytes = reader.keep(latin1_from_utf8(arguments[0]->bytes, reader))};
}

// Gives an array its content, or takes note of a dtype's byte order.
void set_state(PickleValue& value, const PickleValue& state, PickleReader& reader) {
  const PickleItems& items = state.items;
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

constexpr std::array kNames = {
    PickleName{"numpy.core.multiarray", "_reconstruct", empty_array},
    PickleName{"numpy._core.multiarray", "_reconstruct", empty_array},
    PickleName{"numpy", "ndarray"},
    PickleName{"numpy", "dtype", made_dtype},
    PickleName{"numpy.core.numeric", "_frombuffer", whole_array},
    PickleName{"numpy._core.numeric", "_frombuffer", whole_array},
    PickleName{"_codecs", "encode", encoded},
};

}  // namespace

const PickleForm kNumpyPickle = {
    .content = "plain data (dictionaries, lists, strings, numbers and numpy arrays of them)",
    .advice = "replace the file by the original",
    .names = kNames,
    .is_one_dictionary = true,
    .set_state = set_state,
};

}  // namespace smlt::codec
