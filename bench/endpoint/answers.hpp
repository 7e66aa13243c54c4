// What counts as a correct answer: the expected one, byte for byte or number for number.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

template <typename T>
std::vector<double> numbers_at(std::string_view bytes) {
  std::vector<double> numbers(bytes.size() / sizeof(T));
  for (size_t i = 0; i < numbers.size(); ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    numbers[i] = static_cast<double>(value);
  }
  return numbers;
}

// The numbers, in order, of .npy with little-endian floats or of any text (JSON, CSV).
inline std::vector<double> numbers_of(std::string_view body) {
  if (body.starts_with("\x93NUMPY") && body.size() > 10) {
    const auto byte = [&](size_t i) { return static_cast<size_t>(static_cast<unsigned char>(body[i])); };
    const std::string_view data = body.substr(std::min(body.size(), 10 + byte(8) + 256 * byte(9)));
    return body.find("<f8") < 128 ? numbers_at<double>(data) : numbers_at<float>(data);
  }
  std::vector<double> numbers;
  for (size_t i = 0; i < body.size();) {
    double value = 0;
    const auto [end, error] = std::from_chars(body.data() + i, body.data() + body.size(), value);
    const bool found = error == std::errc();
    if (found) numbers.push_back(value);
    i = found ? static_cast<size_t>(end - body.data()) : i + 1;
  }
  return numbers;
}

inline bool is_right(std::string_view body, const std::string& expected, double tolerance) {
  if (body == expected || expected.empty()) return true;
  if (tolerance <= 0) return false;
  const std::vector<double> found = numbers_of(body);
  const std::vector<double> wanted = numbers_of(expected);
  return !wanted.empty() && std::equal(found.begin(), found.end(), wanted.begin(), wanted.end(),
                                       [&](double a, double b) { return std::abs(a - b) <= tolerance; });
}

}  // namespace bench
