#include "codec/pickle/pickle_numpy.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/array/element_order.hpp"
#include "codec/array/stored_tensor.hpp"
#include "codec/pickle/pickle_reader.hpp"
#include "codec/pickle/pickle_values.hpp"

// How numpy pickles an array: its methods.c (array_reduce, array_reduce_ex) and descriptor.c (arraydescr_reduce) and,
// from protocol 5 on, numpy/_core/numeric.py (_frombuffer); a scalar: scalartypes.c.src (gentype_reduce).

namespace smlt::codec {
namespace {

using Kind = PickleValue::Kind;
using Sizes = std::vector<int64_t>;

constexpr size_t kMostDimensions = 8;
constexpr std::string_view kOtherCall = "a call that no plain array needs";

// 1 for "u1", 40 for "U10"; 0 if numpy's text does not say it, or not in a form known here.
size_t size_of_element(std::string_view type) {
  constexpr std::string_view kPlain = "iufbSU";
  size_t size = 0;
  if (type.empty() || kPlain.find(type[0]) == kPlain.npos) return 0;
  const auto parsed = std::from_chars(type.data() + 1, type.data() + type.size(), size);
  if (parsed.ec != std::errc() || parsed.ptr != type.data() + type.size() || size > INT16_MAX) return 0;
  return type[0] == 'U' ? 4 * size : size;
}

// For text it is the order within each code point.
size_t swapped_size(const PickleValue& dtype) {
  if (dtype.type[0] == 'S') return 1;
  return dtype.type[0] == 'U' ? 4 : dtype.element_size;
}

// The elements in this machine's byte order, row by row.
std::string_view in_order(const PickleValue& dtype, std::string_view bytes, const Sizes& shape, const Sizes& strides,
                          PickleReader& reader) {
  const bool is_swapped = dtype.bytes == ">" && swapped_size(dtype) > 1;
  if (!is_swapped && strides == contiguous_strides(shape)) return bytes;
  std::string ordered(bytes.size(), '\0');
  const auto to = std::as_writable_bytes(std::span(ordered));
  copy_in_row_order(std::as_bytes(std::span(bytes)), dtype.element_size, shape, strides, to);
  if (is_swapped) swap_bytes(to, swapped_size(dtype));
  return reader.keep(std::move(ordered));
}

Sizes sizes_in(const PickleValue& tuple, PickleReader& reader) {
  Sizes sizes;
  if (tuple.kind != Kind::kTuple || tuple.items.size() > kMostDimensions) {
    reader.refuse("a numpy array that is built in another way");
  }
  for (const PickleValue* item : tuple.items) {
    if (item->kind != Kind::kInteger || item->number < 0) reader.refuse("a numpy array with an invalid shape");
    sizes.push_back(item->number);
  }
  return sizes;
}

// `strides` in elements, of `array.shape`.
void fill_array(PickleValue& array, const PickleValue& dtype, const Sizes& strides, const PickleValue& data,
                PickleReader& reader) {
  if (dtype.kind != Kind::kDtype) reader.refuse("a numpy array that is built in another way");
  array.type = dtype.type;
  array.element_size = dtype.element_size;
  if (data.kind == Kind::kList && dtype.element_size == 0) {
    reader.charge(data.items.size());  // a list may be the content of many arrays
    array.items = data.items;
  } else if (data.kind != Kind::kBytes) {
    reader.refuse("a numpy array that is built in another way");
  } else if (dtype.element_size > 0) {
    uint64_t size = dtype.element_size;
    const auto overflows = [&](int64_t each) {
      return __builtin_mul_overflow(size, static_cast<uint64_t>(each), &size);
    };
    const bool is_too_large = std::any_of(array.shape.begin(), array.shape.end(), overflows);
    if (is_too_large || size != data.bytes.size()) reader.refuse("a numpy array whose shape and data differ");
    array.bytes = in_order(dtype, data.bytes, array.shape, strides, reader);
  }
}

// _reconstruct(ndarray, ...): an array whose content arrives as its state.
PickleValue empty_array(const PickleItems& arguments, PickleReader& reader) {
  const PickleName* type = arguments.size() == 3 ? arguments[0]->known : nullptr;
  if (type == nullptr || type->name != "ndarray") reader.refuse(kOtherCall);
  return {.kind = Kind::kArray};
}

// (version, shape, dtype, whether it is in Fortran's order, data).
void fill_from_state(PickleValue& array, const PickleItems& state, PickleReader& reader) {
  array.shape = sizes_in(*state[1], reader);
  const bool is_by_columns = state[3]->number != 0;
  const Sizes strides = is_by_columns ? column_strides(array.shape) : contiguous_strides(array.shape);
  fill_array(array, *state[2], strides, *state[4], reader);
}

// For an array whose data has its axes in another order: the result's axis i is axis order[i] of the data.
void reorder_axes(Sizes& shape, Sizes& strides, const PickleValue& order, PickleReader& reader) {
  const Sizes axes = sizes_in(order, reader);
  Sizes sorted = axes;
  std::sort(sorted.begin(), sorted.end());
  for (size_t i = 0; i < std::max(sorted.size(), shape.size()); ++i) {
    if (sorted.size() != shape.size() || sorted[i] != static_cast<int64_t>(i)) reader.refuse(kOtherCall);
  }
  const Sizes old_shape = shape, old_strides = strides;
  for (size_t i = 0; i < axes.size(); ++i) {
    shape[i] = old_shape[static_cast<size_t>(axes[i])];
    strides[i] = old_strides[static_cast<size_t>(axes[i])];
  }
}

// _frombuffer(data, dtype, shape, order), where order is "C", "F", or "K" with the order of the axes after it.
PickleValue whole_array(const PickleItems& arguments, PickleReader& reader) {
  if (arguments.size() < 4 || arguments.size() > 5) reader.refuse(kOtherCall);
  PickleValue array{.kind = Kind::kArray, .shape = sizes_in(*arguments[2], reader)};
  const std::string_view order = arguments[3]->bytes;
  const bool is_permuted = order == "K" && arguments.size() == 5;
  if (order != "C" && order != "F" && !is_permuted) reader.refuse(kOtherCall);
  Sizes strides = order == "F" ? column_strides(array.shape) : contiguous_strides(array.shape);
  if (is_permuted) reorder_axes(array.shape, strides, *arguments[4], reader);
  fill_array(array, *arguments[1], strides, *arguments[0], reader);
  return array;
}

// scalar(dtype, data): a single number or text.
PickleValue scalar(const PickleItems& arguments, PickleReader& reader) {
  if (arguments.size() != 2) reader.refuse(kOtherCall);
  PickleValue array{.kind = Kind::kArray};
  fill_array(array, *arguments[0], {}, *arguments[1], reader);
  if (const auto integer = integer_at(array, 0)) return {.kind = Kind::kInteger, .number = *integer};
  if (array.type.starts_with('f')) return {.kind = Kind::kReal};
  if (auto text = text_at(array, 0)) return {.kind = Kind::kText, .bytes = reader.keep(std::move(*text))};
  return {.kind = Kind::kOther, .bytes = array.type};
}

PickleValue made_dtype(const PickleItems& arguments, PickleReader& reader) {
  if (arguments.empty() || !arguments[0]->is_string()) reader.refuse(kOtherCall);
  const std::string_view type = arguments[0]->bytes;
  return {.kind = Kind::kDtype, .bytes = "|", .type = type, .element_size = size_of_element(type)};
}

// _codecs.encode(text, encoding): how Python 3 writes bytes in protocols 0 to 2.
PickleValue encoded(const PickleItems& arguments, PickleReader& reader) {
  if (arguments.size() != 2 || arguments[0]->kind != Kind::kText) reader.refuse(kOtherCall);
  const std::string_view encoding = arguments[1]->bytes;
  if (encoding != "latin1" && encoding != "latin-1") reader.refuse("the encoding " + in_quotes(encoding));
  return {.kind = Kind::kBytes, .bytes = reader.keep(latin1_from_utf8(arguments[0]->bytes, reader))};
}

// bytes(): how it writes empty bytes in them.
PickleValue no_bytes(const PickleItems& arguments, PickleReader& reader) {
  if (!arguments.empty()) reader.refuse(kOtherCall);
  return {.kind = Kind::kBytes};
}

PickleValue ordered_dict(const PickleItems& arguments, PickleReader& reader) {
  if (!arguments.empty()) reader.refuse(kOtherCall);
  return {.kind = Kind::kDict};
}

// Gives an array its content, or records a dtype's byte order.
void set_state(PickleValue& value, const PickleValue& state, PickleReader& reader) {
  const PickleItems& items = state.items;
  if (value.kind == Kind::kDtype && items.size() >= 2 && items[1]->is_string()) {
    value.bytes = items[1]->bytes;
  } else if (value.kind == Kind::kArray && items.size() == 5) {
    fill_from_state(value, items, reader);
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
    PickleName{"numpy.core.multiarray", "scalar", scalar},
    PickleName{"numpy._core.multiarray", "scalar", scalar},
    PickleName{"_codecs", "encode", encoded},
    PickleName{"__builtin__", "bytes", no_bytes},
    PickleName{"builtins", "bytes", no_bytes},
    PickleName{"collections", "OrderedDict", ordered_dict},
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
