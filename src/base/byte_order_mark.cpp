#include "base/byte_order_mark.hpp"

#include <algorithm>

namespace smlt {
namespace {

using namespace std::string_view_literals;

// Whether each of the first four characters is one byte of ASCII at `place` among `size - 1` zero bytes.
bool is_wide_ascii(std::string_view front, size_t size, size_t place) {
  constexpr size_t kCharacters = 4;
  if (front.size() < kCharacters * size) return false;
  for (size_t i = 0; i < kCharacters * size; ++i) {
    const auto byte = static_cast<unsigned char>(front[i]);
    if (i % size == place ? byte == 0 || byte > 0x7F : byte != 0) return false;
  }
  return true;
}

}  // namespace

std::string_view without_mark(std::string_view text) {
  return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

std::string_view wide_encoding(std::string_view front) {
  if (front.starts_with("\xFF\xFE\0\0"sv) || front.starts_with("\0\0\xFE\xFF"sv)) return "UTF-32";
  if (front.starts_with("\xFF\xFE"sv) || front.starts_with("\xFE\xFF"sv)) return "UTF-16";
  if (is_wide_ascii(front, 4, 0) || is_wide_ascii(front, 4, 3)) return "UTF-32";
  if (is_wide_ascii(front, 2, 0) || is_wide_ascii(front, 2, 1)) return "UTF-16";
  return "";
}

}  // namespace smlt
