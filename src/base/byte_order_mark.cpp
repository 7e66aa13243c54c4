#include "base/byte_order_mark.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "base/error.hpp"

namespace smlt {
namespace {

using namespace std::string_view_literals;

// RFC 3629 and Unicode 23.8.
struct Mark {
  std::string_view bytes;
  std::string_view encoding;
};
constexpr Mark kMarks[] = {{"\xEF\xBB\xBF"sv, "UTF-8"},
                           {"\xFF\xFE\0\0"sv, "UTF-32"},  // before UTF-16's, which it starts with
                           {"\0\0\xFE\xFF"sv, "UTF-32"},
                           {"\xFF\xFE"sv, "UTF-16"},
                           {"\xFE\xFF"sv, "UTF-16"}};

constexpr size_t kFront = 64;  // bytes of an unmarked text that are looked at

// How many whole units of `size` bytes in `text` are zero except for the byte `low`, as for letters and digits.
size_t letters(std::string_view text, size_t size, size_t low) {
  size_t count = 0;
  for (size_t at = 0; at + size <= text.size(); at += size) {
    const std::string_view unit = text.substr(at, size);
    if (unit[low] != '\0' && std::count(unit.begin(), unit.end(), '\0') == std::ssize(unit) - 1) ++count;
  }
  return count;
}

// By zero bytes, of which UTF-8 has none in a text.
std::string_view unmarked_encoding(std::string_view text) {
  const std::string_view front = text.substr(0, kFront);
  for (const auto& [name, size] : {std::pair{"UTF-32"sv, size_t{4}}, {"UTF-16"sv, size_t{2}}}) {
    const size_t most = std::max(letters(front, size, 0), letters(front, size, size - 1));
    if (most > 0 && 3 * most >= front.size() / size) return name;
  }
  return "UTF-8";
}

const Mark* mark_of(std::string_view text) {
  const auto* found = std::find_if(std::begin(kMarks), std::end(kMarks),
                                   [&](const Mark& mark) { return text.starts_with(mark.bytes); });
  return found == std::end(kMarks) ? nullptr : found;
}

}  // namespace

std::string_view byte_order_mark_of(std::string_view text) {
  const Mark* mark = mark_of(text);
  return mark == nullptr ? std::string_view() : text.substr(0, mark->bytes.size());
}

std::string_view without_byte_order_mark(std::string_view text, std::string_view where) {
  const Mark* mark = mark_of(text);
  const std::string_view found = mark != nullptr ? mark->encoding : unmarked_encoding(text);
  if (found != "UTF-8") throw UserError("Expected UTF-8 in {}, found {}; save it as UTF-8.", where, found);
  return mark != nullptr ? text.substr(mark->bytes.size()) : text;
}

}  // namespace smlt
