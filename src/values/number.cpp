#include "values/number.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>

namespace smlt::values {
namespace {

// -12.34e-5 as its parts, without '+' and separators.
struct Decimal {
  std::string sign;
  std::string whole;
  std::string fraction;
  std::string exponent;  // "0" if there is none
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Digits with single underscores between them, as Python's int() reads them; the underscores are dropped.
std::string take_digits(std::string_view& text) {
  std::string digits;
  while (!text.empty()) {
    const bool separator = text[0] == '_' && !digits.empty() && text.size() > 1 && is_digit(text[1]);
    if (!separator && !is_digit(text[0])) break;
    if (!separator) digits += text[0];
    text.remove_prefix(1);
  }
  return digits;
}

std::string take_sign(std::string_view& text) {
  if (!text.starts_with('-') && !text.starts_with('+')) return "";
  const bool negative = text[0] == '-';
  text.remove_prefix(1);
  return negative ? "-" : "";
}

std::optional<Decimal> split(std::string_view text) {
  Decimal decimal;
  decimal.sign = take_sign(text);
  decimal.whole = take_digits(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    decimal.fraction = take_digits(text);
  }
  if (decimal.whole.empty() && decimal.fraction.empty()) return std::nullopt;
  decimal.exponent = "0";
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    decimal.exponent = take_sign(text);
    const std::string digits = take_digits(text);
    if (digits.empty()) return std::nullopt;
    decimal.exponent += digits;
  }
  return text.empty() ? std::optional(decimal) : std::nullopt;
}

template <typename T>
std::optional<T> from_text(const std::string& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<int64_t> read_integer(std::string_view text) {
  constexpr int64_t kMostDigits = 19;  // of 2^63
  const std::optional<Decimal> decimal = split(text);
  if (!decimal) return std::nullopt;
  std::string digits = decimal->whole + decimal->fraction;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.empty()) return 0;
  const std::optional<int32_t> exponent = from_text<int32_t>(decimal->exponent);
  if (!exponent) return std::nullopt;
  // Digits times ten to the `shift`, exactly: no detour through a double, which is exact only up to 2^53.
  int64_t shift = *exponent - static_cast<int64_t>(decimal->fraction.size());
  const size_t kept = digits.find_last_not_of('0') + 1;
  shift += static_cast<int64_t>(digits.size() - kept);
  if (shift < 0 || shift + static_cast<int64_t>(kept) > kMostDigits) return std::nullopt;
  digits.resize(kept);
  digits.append(static_cast<size_t>(shift), '0');
  return from_text<int64_t>(decimal->sign + digits);
}

std::optional<double> read_real(std::string_view text) {
  const std::optional<Decimal> decimal = split(text);
  if (!decimal) return std::nullopt;
  return from_text<double>(decimal->sign + decimal->whole + "." + decimal->fraction + "e" + decimal->exponent);
}

}  // namespace smlt::values
