#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace smlt::codec {

namespace decimal {

constexpr uint64_t in_every_byte(uint8_t byte) { return byte * uint64_t{0x0101010101010101}; }

inline constexpr std::array<uint64_t, 8> kPowers = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
inline constexpr std::array<double, 20> kDivisors = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,
                                                     1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19};

inline constexpr std::array<float, 9> kShortDivisors = {1e0F, 1e1F, 1e2F, 1e3F, 1e4F, 1e5F, 1e6F, 1e7F, 1};

/// The number made of eight digit values, the first in the lowest byte.
inline uint64_t eight_digits(uint64_t values) {
  values = (values * 10 + (values >> 8)) & 0x00FF00FF00FF00FF;
  values = (values * 100 + (values >> 16)) & 0x0000FFFF0000FFFF;
  return (values * 10000 + (values >> 32)) & 0xFFFFFFFF;
}

/// The highest bit of every byte: set if the byte is not a digit value.
inline uint64_t no_digit_values(uint64_t word) {
  return (((word & in_every_byte(0x7F)) + in_every_byte(0x76)) | word) & in_every_byte(0x80);
}

/// Appends the digits at `text` to `number`, eight at a time; returns where they end.
inline const char* take_digits(const char* text, const char* end, uint64_t& number) {
  while (end - text >= 8) {
    uint64_t word;
    std::memcpy(&word, text, sizeof word);
    word ^= in_every_byte('0');
    const uint64_t others = no_digit_values(word);
    if (others == 0) {
      number = number * 100000000 + eight_digits(word);
      text += 8;
      continue;
    }
    const auto count = static_cast<unsigned>(std::countr_zero(others)) / 8;
    if (count == 0) return text;
    number = number * kPowers[count] + eight_digits(word << (64 - 8 * count));
    return text + count;
  }
  for (; text < end && *text >= '0' && *text <= '9'; ++text) number = number * 10 + static_cast<uint64_t>(*text - '0');
  return text;
}

}  // namespace decimal

/// Reads a plain decimal ("-12.5", no exponent, at most 19 digits) at the start of `[text, end)` as the nearest float
/// and returns where it ends; nullptr, with `value` unchanged, if there is none or if only std::from_chars can tell
/// which float is the nearest. Twice as fast as std::from_chars.
///
/// Why the float is the nearest: the quotient below is within two units in the last place of the true number (its
/// numerator and it itself are rounded, its divisor is exact), so rounding it to float can only differ from rounding
/// the true number if it lies that close to the middle of two floats; those are left to std::from_chars.
inline const char* read_plain_decimal(const char* text, const char* end, float& value) {
  const bool is_negative = text < end && *text == '-';
  const char* const whole = text + (is_negative ? 1 : 0);
  uint64_t number = 0;
  const char* stop = decimal::take_digits(whole, end, number);
  ptrdiff_t digits = stop - whole;
  ptrdiff_t decimals = 0;
  if (stop < end && *stop == '.') {
    const char* const fraction = stop + 1;
    stop = decimal::take_digits(fraction, end, number);
    decimals = stop - fraction;
    digits += decimals;
  }
  if (digits == 0 || digits > 19) return nullptr;

  const double quotient = static_cast<double>(number) / decimal::kDivisors[static_cast<size_t>(decimals)];
  const auto bits = std::bit_cast<uint64_t>(quotient);
  constexpr uint64_t kBelowFloat = (uint64_t{1} << 29) - 1;  // the bits a double has beyond a float
  constexpr uint64_t kMiddle = uint64_t{1} << 28, kNear = 4;
  if ((bits & kBelowFloat) - (kMiddle - kNear) <= 2 * kNear) return nullptr;
  // The sign as a bit: half of all numbers are negative, which no branch predictor can foresee.
  value = static_cast<float>(std::bit_cast<double>(bits | uint64_t{is_negative} << 63));
  return stop;
}

/// Reads a plain decimal of 1 to 8 characters as the nearest float; false if it is not one. Eight bytes must be
/// readable. Free of branches: no branch predictor can foresee where sign and point are in short numbers.
inline bool read_short_decimal(const char* text, size_t length, float& value) {
  uint64_t word;
  std::memcpy(&word, text, sizeof word);
  const uint64_t unused = 64 - 8 * length;  // bits, which become leading zeros
  const uint64_t is_negative = (word & 0xFF) == '-';
  word = (word ^ decimal::in_every_byte('0')) << unused;
  word ^= (is_negative * ('-' ^ '0')) << unused;
  const uint64_t others = decimal::no_digit_values(word), point = others >> 7, has_point = point != 0;
  const bool is_plain = (others & (others - 1)) == 0 && (word & (point * 0xFF)) == point * ('.' ^ '0') &&
                        length > is_negative + has_point;

  const uint64_t before = point - 1;  // the bytes of the digits before the point
  word = (word & ~before & ~(point * 0xFF)) | (word & before) << 8 * has_point;
  // Seven digits and a divisor are floats themselves, so their quotient is the nearest float; eight have no divisor.
  const auto number = static_cast<float>(static_cast<int32_t>(decimal::eight_digits(word)));
  const float quotient = number / decimal::kShortDivisors[static_cast<size_t>(std::countl_zero(others)) / 8];
  value = std::bit_cast<float>(std::bit_cast<uint32_t>(quotient) | static_cast<uint32_t>(is_negative) << 31);
  return is_plain;
}

}  // namespace smlt::codec
