#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace smlt {

/// JSON on one line with blanks after ':' and ',', as Python's json.dumps writes it. Numbers read as people write them
/// (0.0976, where Boost.JSON itself writes 9.76E-2) and read back equal. Numbers must be finite. Text that is not valid
/// UTF-8, which a command line can contain, is made valid (`as_utf8`).
std::string compact(const boost::json::value& value);

/// JSON text for people: one entry per line, two blanks per level; arrays of plain values stay on one line. Text as
/// above.
std::string indented(const boost::json::value& value);

/// `text` in quotes as Python's json.dumps writes it with ensure_ascii: ASCII alone, everything else as \uXXXX. A byte
/// that is not UTF-8 becomes \udc80 to \udcff, as Python's "surrogateescape" has it.
std::string ascii_quoted(std::string_view text);

}  // namespace smlt
