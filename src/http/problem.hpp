#pragma once

#include <string_view>

#include "http/message.hpp"

namespace smlt::http {

/// An error as the endpoint answers it: {"error": "sentence", "code": "unsupported_media_type"}, application/json. The
/// body stays under 2,048 bytes, the sentence first: the platform shows its clients no more than that (platform 14.4).
/// Invalid UTF-8 and control characters in `sentence` are made printable, and a longer sentence is cut.
Response problem(int status, std::string_view code, std::string_view sentence);

/// The same with status 503 and Retry-After: a second later it may succeed.
Response try_again_later(std::string_view code, std::string_view sentence);

}  // namespace smlt::http
