#pragma once

#include <string>
#include <string_view>

#include "http/message.hpp"

namespace smlt::http {

/// How a response goes on the wire, beside what it says.
struct Framing {
  bool close = false;             // the connection ends with it
  bool version_1_0 = false;       // of the request: keeping the connection then has to be said
  std::string custom_attributes;  // of the request, sent back (platform 14.3); "": none
};

/// Replaces `out` by status line and headers of a response, with Date and Content-Length. A header whose value holds a
/// control character is left out: it would end where its writer did not mean it to.
void write_head(const Response& response, const Framing& framing, std::string_view date, std::string& out);

}  // namespace smlt::http
