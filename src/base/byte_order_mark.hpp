#pragma once

#include <string_view>

namespace smlt {

/// The byte-order mark that `text` starts with, of UTF-8, UTF-16 or UTF-32 in either order, or "".
std::string_view byte_order_mark_of(std::string_view text);

/// `text` without the byte-order mark of UTF-8 with which Windows' editors, PowerShell and Excel start a file. Throws
/// UserError "Expected UTF-8 in WHERE, found UTF-16; save it as UTF-8." for text in UTF-16 or UTF-32, which is
/// recognised by its mark or by where the zero bytes are among its first 64 bytes. So of a longer text its start is
/// enough. Every reader of text begins with this.
std::string_view without_byte_order_mark(std::string_view text, std::string_view where);

}  // namespace smlt
