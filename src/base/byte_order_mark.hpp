#pragma once

#include <string_view>

namespace smlt {

/// The byte-order mark that `text` starts with, of UTF-8, UTF-16 or UTF-32 in either order, or "".
std::string_view byte_order_mark_of(std::string_view text);

/// `text` without the UTF-8 byte-order mark that Windows editors, PowerShell and Excel put at the start of a file.
/// Throws UserError "Expected UTF-8 in WHERE, found UTF-16; save it as UTF-8." for text in UTF-16 or UTF-32, which is
/// recognised by its mark or by the position of zero bytes among its first 64 bytes, so the start of a longer text is
/// enough. Every text reader calls this first.
std::string_view without_byte_order_mark(std::string_view text, std::string_view where);

}  // namespace smlt
