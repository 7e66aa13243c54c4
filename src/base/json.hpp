#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace smlt {

/// JSON on one line with blanks after ':' and ',', as Python's json.dumps writes it. Numbers read as people write them
/// (0.0976, where Boost.JSON itself writes 9.76E-2) and read back equal. Numbers must be finite.
std::string compact(const boost::json::value& value);

/// JSON text for people: an entry a line, two blanks a level; arrays of plain values stay on one line.
std::string indented(const boost::json::value& value);

}  // namespace smlt
