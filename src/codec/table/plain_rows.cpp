#include "codec/table/plain_rows.hpp"

#include <bit>
#include <cstring>
#include <optional>
#include <string_view>

#include "codec/array/decimal.hpp"
#include "codec/table/csv_field.hpp"

namespace smlt::codec {
namespace {

constexpr ptrdiff_t kBlock = 64, kBeyond = 8;  // bytes looked at together; bytes of a field read at once

// The highest bit of each byte of `word` that is not `byte`, other bits as they come.
uint64_t differs(uint64_t word, uint8_t byte) {
  const uint64_t difference = word ^ decimal::in_every_byte(byte);
  return ((difference & decimal::in_every_byte(0x7F)) + decimal::in_every_byte(0x7F)) | difference;
}

// A bit for each of 64 bytes: whether it ends a field.
uint64_t field_ends(const char* block) {
  constexpr uint64_t kGather =
      0x0102040810204080;  // multiplied by it, eight lowest bits come together in the highest byte
  uint64_t ends = 0;
  for (unsigned i = 0; i < 8; ++i) {
    uint64_t word;
    std::memcpy(&word, block + 8 * i, sizeof word);
    const uint64_t is_end = ~(differs(word, ',') & differs(word, '\n')) & decimal::in_every_byte(0x80);
    ends |= ((is_end >> 7) * kGather >> 56) << 8 * i;
  }
  return ends;
}

bool read_long_field(const char* field, const char* end, float& value) {
  if (read_plain_decimal(field, end, value) == end) return true;
  const std::string_view text(field, static_cast<size_t>(end - field));
  const auto number = text.find('"') == std::string_view::npos ? csv_number(text) : std::nullopt;
  value = number.value_or(0);
  return number.has_value();
}

bool read_field(const char* field, const char* end, float& value) {
  const auto length = static_cast<size_t>(end - field);
  return (length - 1 < 8 && read_short_decimal(field, length, value)) || read_long_field(field, end, value);
}

}  // namespace

const char* take_plain_rows(const char* at, const char* end, FloatTable& table) {
  const char* field = at;
  const auto columns = static_cast<size_t>(table.columns);
  size_t count = static_cast<size_t>(table.rows) * columns, row_end = count + columns;  // of values
  const auto stop_reading = [&] {
    table.rows = static_cast<int64_t>(row_end / columns - 1);
    table.values.resize(row_end - columns);
    return at;
  };
  for (const char* block = at; end - block >= kBlock + kBeyond; block += kBlock) {
    table.values.resize(count + kBlock);
    float* const values = table.values.data();
    for (uint64_t ends = field_ends(block); ends != 0; ends &= ends - 1) {
      const char* const stop = block + std::countr_zero(ends);
      const bool is_last = *stop == '\n';
      const bool has_return = is_last && field < stop && stop[-1] == '\r';
      if (!read_field(field, stop - (has_return ? 1 : 0), values[count])) return stop_reading();
      ++count;
      field = stop + 1;
      if (!is_last) continue;
      if (count != row_end) return stop_reading();
      row_end += columns;
      at = field;
    }
  }
  return stop_reading();
}

}  // namespace smlt::codec
