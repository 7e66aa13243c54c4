#include "codec/array/sparse.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/array/npy.hpp"
#include "codec/array/npy_header.hpp"
#include "codec/array/shape.hpp"

namespace smlt::codec {
namespace {

using Indices = std::vector<int64_t>;

// Of each value.
struct Places {
  Indices rows, columns;
};

template <typename Number>
Number number_at(const NumberArray& array, size_t i) {
  Number number;
  std::memcpy(&number, &array.bytes[i * sizeof number], sizeof number);
  return number;
}

// Wraps around if a sum of integers is too large.
template <typename Number>
Number sum_of(Number a, Number b) {
  if constexpr (std::is_integral_v<Number>) {
    using Unsigned = std::make_unsigned_t<Number>;
    return static_cast<Number>(static_cast<Unsigned>(a) + static_cast<Unsigned>(b));
  } else {
    return a + b;
  }
}

class Reader {
 public:
  Reader(const std::vector<ZipMember>& members, std::string_view name) : members_(members), name_(name) {}

  NumberArray dense(uint64_t most_bytes) const;

 private:
  const ZipMember& member(std::string_view what) const;
  std::string text(std::string_view what) const;
  Indices indices(std::string_view what) const;
  Indices spread(const Indices& starts, int64_t count) const;
  Places places(const Indices& shape) const;
  void add(const NumberArray& values, const Places& places, NumberArray& dense) const;
  template <typename Number>
  void add_as(const NumberArray& values, const Places& places, NumberArray& dense) const;
  [[noreturn]] void refuse(std::string_view expected) const {
    throw UserError("Expected {} in the sparse matrix in {}; send what scipy.sparse.save_npz writes.", expected,
                    in_quotes(name_, 200));
  }

  const std::vector<ZipMember>& members_;
  std::string_view name_;
};

const ZipMember& Reader::member(std::string_view what) const {
  const std::string file = fmt::format("{}.npy", what);
  const auto found = std::find_if(members_.begin(), members_.end(), [&](const auto& m) { return m.name == file; });
  if (found == members_.end()) refuse(fmt::format("an array '{}'", what));
  return *found;
}

// A text without dimensions, which numpy stores as bytes or, with three zeros after each, as UTF-32.
std::string Reader::text(std::string_view what) const {
  const std::string content = unzipped(member(what));
  std::string_view rest = content;
  read_npy_header(rest, what);
  std::string text(rest.substr(0, 64));
  std::erase(text, '\0');
  return text;
}

Indices Reader::indices(std::string_view what) const {
  const NumberArray array = read_npy(unzipped(member(what)), what);
  const bool is_narrow = array.type == NumberType::kInt32;
  if (array.shape.size() != 1 || (!is_narrow && array.type != NumberType::kInt64)) {
    refuse(fmt::format("a list of integers '{}'", what));
  }
  Indices indices(static_cast<size_t>(array.shape[0]));
  for (size_t i = 0; i < indices.size(); ++i) {
    indices[i] = is_narrow ? number_at<int32_t>(array, i) : number_at<int64_t>(array, i);
  }
  return indices;
}

// Converts the start of each row's values into the row of each value; likewise for columns.
Indices Reader::spread(const Indices& starts, int64_t count) const {
  const Indices values = indices("indices");
  if (starts.size() != static_cast<uint64_t>(count) + 1 || starts[0] != 0 ||
      !std::is_sorted(starts.begin(), starts.end()) || starts.back() != static_cast<int64_t>(values.size())) {
    refuse("'indptr' to rise from 0 to the number of values");
  }
  Indices spread(values.size());
  for (size_t i = 0; i + 1 < starts.size(); ++i) {
    std::fill(spread.begin() + starts[i], spread.begin() + starts[i + 1], static_cast<int64_t>(i));
  }
  return spread;
}

Places Reader::places(const Indices& shape) const {
  const std::string format = text("format");
  if (format == "csr") return {spread(indices("indptr"), shape[0]), indices("indices")};
  if (format == "csc") return {indices("indices"), spread(indices("indptr"), shape[1])};
  if (format == "coo") return {indices("row"), indices("col")};
  refuse("the format csr, csc or coo");
}

template <typename Number>
void Reader::add_as(const NumberArray& values, const Places& places, NumberArray& dense) const {
  for (size_t i = 0; i < places.rows.size(); ++i) {
    const int64_t row = places.rows[i], column = places.columns[i];
    if (row < 0 || row >= dense.shape[0] || column < 0 || column >= dense.shape[1]) refuse("indices within its shape");
    const auto at = static_cast<size_t>(row * dense.shape[1] + column);
    const Number sum = sum_of(number_at<Number>(dense, at), number_at<Number>(values, i));
    std::memcpy(&dense.bytes[at * sizeof sum], &sum, sizeof sum);
  }
}

void Reader::add(const NumberArray& values, const Places& places, NumberArray& dense) const {
  switch (values.type) {
    case NumberType::kUint8:
      return add_as<uint8_t>(values, places, dense);
    case NumberType::kInt8:
      return add_as<int8_t>(values, places, dense);
    case NumberType::kInt16:
      return add_as<int16_t>(values, places, dense);
    case NumberType::kInt32:
      return add_as<int32_t>(values, places, dense);
    case NumberType::kInt64:
      return add_as<int64_t>(values, places, dense);
    case NumberType::kFloat32:
      return add_as<float>(values, places, dense);
    case NumberType::kFloat64:
      return add_as<double>(values, places, dense);
    default:
      refuse("integers, float32 or float64");
  }
}

NumberArray Reader::dense(uint64_t most_bytes) const {
  const Indices shape = indices("shape");
  if (shape.size() != 2 || std::min(shape[0], shape[1]) < 0) refuse("two dimensions");
  const Places found = places(shape);
  const NumberArray values = read_npy(unzipped(member("data")), "data");
  if (values.shape.size() != 1) refuse("a list of values 'data'");
  const auto elements = elements_of(shape, size_of(values.type));
  if (!elements || *elements * size_of(values.type) > most_bytes) {
    throw UserError(
        "Expected a matrix of at most {} bytes when it is dense in {}, found the shape {}; send fewer rows.",
        most_bytes, in_quotes(name_, 200), shape_text(shape));
  }
  const auto count = static_cast<size_t>(values.shape[0]);
  if (found.rows.size() != count || found.columns.size() != count) refuse("a row and a column for each value");
  NumberArray dense{values.type, shape, std::vector<std::byte>(*elements * size_of(values.type))};
  add(values, found, dense);
  return dense;
}

}  // namespace

bool is_sparse_matrix(const std::vector<ZipMember>& members) {
  return std::any_of(members.begin(), members.end(), [](const ZipMember& m) { return m.name == "format.npy"; });
}

NumberArray read_sparse_matrix(const std::vector<ZipMember>& members, uint64_t most_bytes, std::string_view name) {
  return Reader(members, name).dense(most_bytes);
}

}  // namespace smlt::codec
