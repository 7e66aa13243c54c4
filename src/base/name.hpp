#pragma once

#include <string>
#include <string_view>

namespace smlt {

/// `text` in Unicode's composed form (NFC), in which names that look alike on two file systems are the same bytes: an
/// archive made on a Mac has "u\u0308" where others have "\u00FC". Text that is not UTF-8 stays as it is.
std::string composed(std::string_view text);

/// A name made of any bytes as valid UTF-8 on one line; different bytes give different names: bytes that are not UTF-8,
/// control characters and line separators are written as in "caf\xE9", and a backslash that could be read as part of
/// such an escape becomes "\x5C".
std::string utf8_name(std::string_view bytes);

}  // namespace smlt
