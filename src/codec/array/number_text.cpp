#include "codec/array/number_text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstring>
#include <limits>
#include <system_error>

#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt::codec {
namespace {

// For a decimal beyond the range of a double: whether it is too large, rather than too small. Its power of ten tells.
bool is_large(std::string_view text) {
  const size_t e = text.find_first_of("eE");
  const std::string_view digits = text.substr(0, e);
  const size_t first = std::min(digits.find_first_of("123456789"), digits.size());
  const size_t point = std::min(digits.find('.'), digits.size());
  const auto magnitude = static_cast<int64_t>(point) - static_cast<int64_t>(first);
  if (e == std::string_view::npos) return magnitude > 0;
  std::string_view power_text = text.substr(e + 1);
  if (power_text.starts_with('+')) power_text.remove_prefix(1);
  int64_t power = 0;
  const auto [end, error] = std::from_chars(power_text.data(), power_text.data() + power_text.size(), power);
  if (error == std::errc::result_out_of_range) return !power_text.starts_with('-');
  return power > -magnitude;
}

double as_double(uint16_t half) {
  const unsigned exponent = half >> 10 & 0x1F, fraction = half & 0x3FF;
  double value = std::ldexp(exponent == 0 ? fraction : fraction + 1024, static_cast<int>(std::max(exponent, 1U)) - 25);
  if (exponent == 0x1F) {
    value = fraction == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  }
  return (half & 0x8000) != 0 ? -value : value;
}

template <typename Number>
Number number_at(const std::byte* at) {
  Number number;
  std::memcpy(&number, at, sizeof number);
  return number;
}

template <std::integral Integer>
void append(std::string& text, Integer value) {
  std::array<char, 24> digits;
  const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  text.append(digits.data(), static_cast<size_t>(end - digits.data()));
}

void append(std::string& text, double value, const NumberNames& names) {
  if (std::isnan(value)) {
    text += names.nan;
    return;
  }
  if (std::isinf(value)) {
    text.append(value < 0 ? "-" : "").append(names.infinity);
    return;
  }
  append_real(text, value);
}

}  // namespace

std::optional<double> decimal_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument || !std::isfinite(value)) {
    return std::nullopt;
  }
  if (error == std::errc()) return value;
  const double limit = is_large(text) ? std::numeric_limits<double>::infinity() : 0.0;
  return text.starts_with('-') ? -limit : limit;
}

void append_number(std::string& text, NumberType type, const std::byte* at, const NumberNames& names) {
  switch (type) {
    case NumberType::kBool:
      text += *at == std::byte{0} ? names.no : names.yes;
      return;
    case NumberType::kUint8:
      return append(text, number_at<uint8_t>(at));
    case NumberType::kInt8:
      return append(text, number_at<int8_t>(at));
    case NumberType::kInt16:
      return append(text, number_at<int16_t>(at));
    case NumberType::kInt32:
      return append(text, number_at<int32_t>(at));
    case NumberType::kInt64:
      return append(text, number_at<int64_t>(at));
    case NumberType::kFloat16:
      return append(text, as_double(number_at<uint16_t>(at)), names);
    case NumberType::kFloat32:
      return append(text, double{number_at<float>(at)}, names);
    case NumberType::kFloat64:
      return append(text, number_at<double>(at), names);
    case NumberType::kUint64:
      return append(text, number_at<uint64_t>(at));
    case NumberType::kComplex64:
    case NumberType::kComplex128:
      throw UserError("Expected real numbers for JSON or CSV, found complex ones; ask for application/x-npy.");
  }
}

}  // namespace smlt::codec
