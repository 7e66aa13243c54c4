#pragma once

#include <string_view>

namespace smlt {

inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // of UTF-8

/// `text` after its byte-order mark of UTF-8, which may be missing.
std::string_view without_mark(std::string_view text);

/// "UTF-16" or "UTF-32" if `front`, the first bytes of a text, begins with its byte-order mark or if its first
/// characters are ASCII in that encoding; "" otherwise.
std::string_view wide_encoding(std::string_view front);

}  // namespace smlt
