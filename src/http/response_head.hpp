#pragma once

#include <string>
#include <string_view>

#include "http/message.hpp"

namespace smlt::http {

/// How a response is sent, apart from its content.
struct Framing {
  bool close = false;             // the connection ends with it
  bool version_1_0 = false;       // of the request: keep-alive then has to be stated
  std::string custom_attributes;  // from the request, sent back (platform 14.3); "" if there are none
  bool chunked = false;           // the body follows in chunks, without an announced length
};

/// Replaces `out` by status line and headers of a response, with Date and Content-Length (unless it is chunked). A
/// header whose value holds a control character is left out: it would end earlier than its writer meant.
void write_head(const Response& response, const Framing& framing, std::string_view date, std::string& out);

}  // namespace smlt::http
