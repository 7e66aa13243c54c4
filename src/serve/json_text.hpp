#pragma once

#include <string>
#include <string_view>

namespace smlt::serve {

/// The text in quotes as json.dumps writes it: ASCII alone, everything else as \uXXXX. What is not valid UTF-8 becomes
/// U+FFFD.
std::string json_text(std::string_view text);

}  // namespace smlt::serve
