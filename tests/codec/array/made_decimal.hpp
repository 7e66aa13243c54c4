#pragma once

#include <cstdint>
#include <string>

namespace smlt::test {

/// `digits` with that many of them after the point: made_decimal(5, 2) is "0.05".
inline std::string made_decimal(uint64_t digits, size_t decimals) {
  std::string text = std::to_string(digits);
  if (text.size() <= decimals) text.insert(0, decimals + 1 - text.size(), '0');
  if (decimals > 0) text.insert(text.size() - decimals, ".");
  return text;
}

}  // namespace smlt::test
