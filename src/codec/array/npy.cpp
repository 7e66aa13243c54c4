#include "codec/array/npy.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/array/element_order.hpp"
#include "codec/array/npy_header.hpp"
#include "codec/array/shape.hpp"

namespace smlt::codec {
namespace {

// A number type under numpy's name, without the byte order.
struct Named {
  std::string_view name;
  NumberType type;
  size_t stored_size = size_of(type);  // smaller than the type's if it is widened
};
constexpr std::array<Named, 12> kTypes = {{{"b1", NumberType::kBool},
                                           {"u1", NumberType::kUint8},
                                           {"i1", NumberType::kInt8},
                                           {"i2", NumberType::kInt16},
                                           {"i4", NumberType::kInt32},
                                           {"i8", NumberType::kInt64},
                                           {"f2", NumberType::kFloat16},
                                           {"f4", NumberType::kFloat32},
                                           {"f8", NumberType::kFloat64},
                                           {"u2", NumberType::kInt32, 2},
                                           {"u4", NumberType::kInt64, 4},
                                           {"u8", NumberType::kInt64}}};

// Types that are written but never read: no model takes them.
std::string_view written_name(NumberType type) {
  if (type == NumberType::kUint64) return "u8";
  if (type == NumberType::kComplex64) return "c8";
  if (type == NumberType::kComplex128) return "c16";
  return std::find_if(kTypes.begin(), kTypes.end(), [&](const Named& named) { return named.type == type; })->name;
}

const Named& type_named(std::string_view text, std::string_view name) {
  const bool has_order = !text.empty() && std::string_view("<>|=").find(text[0]) != std::string_view::npos;
  const std::string_view bare = text.substr(has_order ? 1 : 0);
  const auto* found = std::find_if(kTypes.begin(), kTypes.end(), [&](const Named& type) { return type.name == bare; });
  if (found != kTypes.end()) return *found;
  throw UserError("Expected booleans, integers or floats of at most 64 bits in {}, found numpy's type {}{}.",
                  in_quotes(name, 200), in_quotes(text, 40),
                  bare.starts_with('O') ? ", a pickle, which could run code; send plain numbers" : "");
}

// Little-endian unsigned numbers followed by zeros are the same numbers in the wider type.
std::vector<std::byte> widened(std::span<const std::byte> bytes, size_t from_size, size_t to_size) {
  std::vector<std::byte> wide(bytes.size() / from_size * to_size);
  for (size_t i = 0; i < bytes.size() / from_size; ++i) {
    std::memcpy(&wide[i * to_size], &bytes[i * from_size], from_size);
  }
  return wide;
}

void check_signs(std::span<const std::byte> bytes, std::string_view name) {
  for (size_t at = 7; at < bytes.size(); at += 8) {
    if ((bytes[at] & std::byte{0x80}) == std::byte{0}) continue;
    throw UserError("Expected integers below 2^63 in {}, found a larger one at element {}; send floats.",
                    in_quotes(name, 200), at / 8);
  }
}

// In LibTorch a boolean that is neither 0 nor 1 is undefined.
void make_booleans(std::span<std::byte> bytes) {
  for (std::byte& byte : bytes) byte = byte == std::byte{0} ? std::byte{0} : std::byte{1};
}

void check_length(const NpyHeader& header, size_t element_size, size_t found, std::string_view name) {
  const auto elements = elements_of(header.shape, element_size);
  if (!elements) {
    throw UserError("Expected an array of less than 2^63 bytes in {}, found the shape {}.", in_quotes(name, 200),
                    shape_text(header.shape));
  }
  if (*elements * element_size == found) return;
  throw UserError("Expected {} bytes of numbers in {} for the shape {} of {}, found {}.", *elements * element_size,
                  in_quotes(name, 200), shape_text(header.shape), in_quotes(header.type), found);
}

}  // namespace

NumberArray read_npy(std::string_view body, std::string_view name) {
  NpyHeader header = read_npy_header(body, name);
  const Named& type = type_named(header.type, name);
  check_length(header, type.stored_size, body.size(), name);

  const auto* const first = reinterpret_cast<const std::byte*>(body.data());
  std::vector<std::byte> bytes(first, first + body.size());
  if (header.type.front() == '>') swap_bytes(bytes, type.stored_size);
  if (header.is_fortran_order && header.shape.size() > 1) {
    std::vector<std::byte> rows(bytes.size());
    copy_in_row_order(bytes, type.stored_size, header.shape, column_strides(header.shape), rows);
    bytes = std::move(rows);
  }
  if (type.type == NumberType::kBool) make_booleans(bytes);
  if (type.name == "u8") check_signs(bytes, name);
  if (type.stored_size < size_of(type.type)) bytes = widened(bytes, type.stored_size, size_of(type.type));
  return {type.type, std::move(header.shape), std::move(bytes)};
}

std::string write_npy(const NumberArray& array) {
  const std::string_view order = size_of(array.type) == 1 ? "|" : "<";
  std::string body = write_npy_header({fmt::format("{}{}", order, written_name(array.type)), false, array.shape});
  body.append(reinterpret_cast<const char*>(array.bytes.data()), array.bytes.size());
  return body;
}

}  // namespace smlt::codec
