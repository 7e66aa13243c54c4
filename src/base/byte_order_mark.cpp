#include "base/byte_order_mark.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "base/error.hpp"

namespace smlt {
namespace {

using namespace std::string_view_literals;

constexpr size_t kFront = 64;  // bytes of an unmarked text that are looked at

// How many of the whole units of `size` bytes in `text` are zero except for the byte `low`, as letters and digits are.
size_t letters(std::string_view text, size_t size, size_t low) {
  size_t count = 0;
  for (size_t at = 0; at + size <= text.size(); at += size) {
    const std::string_view unit = text.substr(at, size);
    if (unit[low] != '\0' && std::count(unit.begin(), unit.end(), '\0') == std::ssize(unit) - 1) ++count;
  }
  return count;
}

// By the marks of RFC 3629 and Unicode 23.8, else by zero bytes, of which UTF-8 has none in a text.
std::string_view other_encoding(std::string_view text) {
  if (text.starts_with("\xFF\xFE\0\0"sv) || text.starts_with("\0\0\xFE\xFF"sv)) return "UTF-32";
  if (text.starts_with("\xFF\xFE"sv) || text.starts_with("\xFE\xFF"sv)) return "UTF-16";
  const std::string_view front = text.substr(0, kFront);
  for (const auto& [name, size] : {std::pair{"UTF-32"sv, size_t{4}}, {"UTF-16"sv, size_t{2}}}) {
    const size_t most = std::max(letters(front, size, 0), letters(front, size, size - 1));
    if (most > 0 && 3 * most >= front.size() / size) return name;
  }
  return "";
}

}  // namespace

std::string_view without_byte_order_mark(std::string_view text, std::string_view where) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.starts_with(kMark)) return text.substr(kMark.size());
  const std::string_view found = other_encoding(text);
  if (!found.empty()) throw UserError("Expected UTF-8 in {}, found {}; save it as UTF-8.", where, found);
  return text;
}

}  // namespace smlt
