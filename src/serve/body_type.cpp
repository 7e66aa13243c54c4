#include "serve/body_type.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "base/byte_order_mark.hpp"
#include "base/text.hpp"
#include "codec/image/image.hpp"
#include "http/media_type.hpp"
#include "serve/refusal.hpp"

namespace smlt::serve {
namespace {

using Named = std::pair<std::string_view, BodyType>;

constexpr std::array kTypes = {
    Named{"application/json", BodyType::kJson}, Named{"application/jsonlines", BodyType::kLines},
    Named{"text/csv", BodyType::kCsv},          Named{"application/x-npy", BodyType::kNpy},
    Named{"application/x-npz", BodyType::kNpz}, Named{"application/x-image", BodyType::kImage},
    Named{"image/jpeg", BodyType::kImage},      Named{"image/jpg", BodyType::kImage},
    Named{"image/png", BodyType::kImage},
};

constexpr const char* kKnown =
    "application/json, application/jsonlines, text/csv, application/x-npy, application/x-npz, application/x-image, "
    "image/jpeg, image/png or, by content, application/octet-stream";

// The text that a body starts with, after the byte-order mark of any encoding and the zeros with which its first letter
// may start then: its reader says which encoding it expects.
std::string_view start_of_text(std::string_view body) {
  std::string_view text = body.substr(0, 64);
  const size_t mark = byte_order_mark_of(text).size();
  if (mark > 0) text.remove_prefix(std::min(text.find_first_not_of('\0', mark), text.size()));
  return trimmed(text);
}

std::optional<BodyType> by_content(std::string_view body) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(body.data());
  if (body.starts_with("\x93NUMPY")) return BodyType::kNpy;
  if (body.starts_with("PK\x03\x04")) return BodyType::kNpz;
  if (codec::is_image({bytes, body.size()})) return BodyType::kImage;
  const std::string_view text = start_of_text(body);
  if (text.starts_with('[') || text.starts_with('{')) return BodyType::kJson;
  return std::nullopt;
}

// Compressed bodies are not supported (RFC 9110, 15.5.16).
void check_encoding(std::string_view encoding) {
  if (encoding.empty() || folded(encoding) == "identity") return;
  throw Refusal(415, "unsupported_content_encoding",
                "Expected a body without an encoding, found the Content-Encoding {}; send it without one.",
                in_quotes(encoding));
}

}  // namespace

std::optional<BodyType> named_type(const http::Request& request) {
  const auto type = http::parse_media_type(trimmed(request.header("Content-Type"))).value_or(http::MediaType{});
  const auto* const found =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const Named& named) { return named.first == type.name; });
  return found == kTypes.end() ? std::nullopt : std::optional(found->second);
}

BodyType body_type(const http::Request& request) {
  check_encoding(trimmed(request.header("Content-Encoding")));
  const std::string_view header = trimmed(request.header("Content-Type"));
  const auto type = header.empty() ? http::MediaType{"application/octet-stream", {}}
                                   : http::parse_media_type(header).value_or(http::MediaType{});
  if (type.name == "application/octet-stream") {
    if (const auto found = by_content(request.body)) return *found;
    throw Refusal(415, "unsupported_media_type",
                  "Expected a Content-Type that says what the body is ({}), found {}, and the body does not start like "
                  "npy, npz, PNG, JPEG or JSON.",
                  kKnown, header.empty() ? "none" : in_quotes(header));
  }
  if (const auto known = named_type(request)) return *known;
  throw Refusal(415, "unsupported_media_type", "Expected the Content-Type {}, found {}.", kKnown, in_quotes(header));
}

}  // namespace smlt::serve
