#include "codec/table/plain_rows.hpp"

#include <bit>
#include <cstring>
#include <optional>
#include <string_view>

#include "codec/array/decimal.hpp"
#include "codec/table/csv_field.hpp"

namespace smlt::codec {
namespace {

constexpr ptrdiff_t kBlock = 64;  // bytes whose field ends are found together, one per bit of a number
constexpr ptrdiff_t kBeyond = 8;  // bytes that must follow a block: a short field at its end is read as eight bytes

// The highest bit of each byte is set if that byte of `word` is not `byte`; the other bits mean nothing.
uint64_t differs(uint64_t word, uint8_t byte) {
  const uint64_t difference = word ^ decimal::in_every_byte(byte);
  return ((difference & decimal::in_every_byte(0x7F)) + decimal::in_every_byte(0x7F)) | difference;
}

// A bit for each byte of a block, the lowest for the first: set if the byte is a comma or a line feed.
uint64_t field_ends(const char* block) {
  // Multiplying by this gathers the lowest bits of eight bytes in the highest byte.
  constexpr uint64_t kGather = 0x0102040810204080;
  uint64_t ends = 0;
  for (unsigned i = 0; i < 8; ++i) {
    uint64_t word;
    std::memcpy(&word, block + size_t{8} * i, sizeof word);
    const uint64_t is_end = ~(differs(word, ',') & differs(word, '\n')) & decimal::in_every_byte(0x80);
    ends |= ((is_end >> 7) * kGather >> 56) << 8 * i;
  }
  return ends;
}

// Quotes are refused because a comma within them does not end the field.
bool read_long_field(const char* field, const char* end, float& value) {
  if (read_plain_decimal(field, end, value) == end) return true;
  const std::string_view text(field, static_cast<size_t>(end - field));
  const auto number = text.find('"') == std::string_view::npos ? csv_number(text) : std::nullopt;
  value = number.value_or(0);
  return number.has_value();
}

bool read_field(const char* field, const char* end, float& value) {
  const auto length = static_cast<size_t>(end - field);
  const bool is_short = length - 1 < 8;  // and not empty
  return (is_short && read_short_decimal(field, length, value)) || read_long_field(field, end, value);
}

// As take_plain_rows, but leaves the values of a row that is not read to its end in the table.
const char* take_rows(const char* row, const char* end, FloatTable& table) {
  const auto columns = static_cast<size_t>(table.columns);
  size_t count = static_cast<size_t>(table.rows) * columns;  // of values
  size_t row_end = count + columns;                          // what it must be at the end of the row
  const char* field = row;
  for (const char* block = row; end - block >= kBlock + kBeyond; block += kBlock) {
    table.values.resize(count + kBlock);  // no block ends more fields
    float* const values = table.values.data();
    for (uint64_t ends = field_ends(block); ends != 0; ends &= ends - 1) {  // clears the lowest bit
      const char* const field_end = block + std::countr_zero(ends);
      const bool ends_row = *field_end == '\n';
      const bool has_return = ends_row && field < field_end && field_end[-1] == '\r';
      if (!read_field(field, field_end - (has_return ? 1 : 0), values[count])) return row;
      ++count;
      field = field_end + 1;
      if (!ends_row) continue;
      if (count != row_end) return row;
      row_end += columns;
      row = field;
      ++table.rows;
    }
  }
  return row;
}

}  // namespace

const char* take_plain_rows(const char* at, const char* end, FloatTable& table) {
  const char* const stop = take_rows(at, end, table);
  table.values.resize(static_cast<size_t>(table.rows * table.columns));
  return stop;
}

}  // namespace smlt::codec
