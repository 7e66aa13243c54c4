#include "http/response_head.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <iterator>
#include <ostream>  // Boost 1.81 uses it without including it

namespace smlt::http {
namespace {

constexpr std::string_view kCustomAttributes = "X-Amzn-SageMaker-Custom-Attributes";

bool is_safe(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7F) || c == '\t';
  });
}

void append(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty() || !is_safe(value)) return;
  out.append(name).append(": ").append(value).append("\r\n");
}

bool has(const Headers& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& header) { return header.first == name; });
}

// "Not Found"; "Status" for one that has no name here.
std::string_view reason_phrase(int status) {
  namespace beast = boost::beast::http;
  const beast::status known = beast::int_to_status(static_cast<unsigned>(status));
  if (known == beast::status::unknown) return "Status";
  const auto phrase = beast::obsolete_reason(known);
  return {phrase.data(), phrase.size()};
}

}  // namespace

void write_head(const Response& response, const Framing& framing, std::string_view date, std::string& out) {
  out.clear();
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  append(out, "Date", date);
  append(out, "Content-Type", response.content_type);
  for (const auto& [name, value] : response.headers) append(out, name, value);
  if (!has(response.headers, kCustomAttributes)) append(out, kCustomAttributes, framing.custom_attributes);
  if (framing.close) {
    out += "Connection: close\r\n";
  } else if (framing.version_1_0) {
    out += "Connection: keep-alive\r\n";
  }
  if (response.status == 204) {  // has no body, and so no length (RFC 9110, 8.6)
    out += "\r\n";
    return;
  }
  if (framing.chunked) {
    out += "Transfer-Encoding: chunked\r\n\r\n";
    return;
  }
  fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n\r\n", response.body.size());
}

}  // namespace smlt::http
