#pragma once

#include <string_view>

#include "http/message.hpp"

namespace smlt::http {

/// An error as the endpoint answers it: {"error": "sentence", "code": "unsupported_media_type"}, application/json. The
/// body stays under 2,048 bytes, the sentence first: a client of the platform sees no more of it (platform 14.4). What
/// is not valid UTF-8 or is a control character in `sentence` is made printable, and a longer one is cut.
Response problem(int status, std::string_view code, std::string_view sentence);

}  // namespace smlt::http
