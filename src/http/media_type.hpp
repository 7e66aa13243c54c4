// Room http: the server core of the endpoint: requests, responses, limits. Knows only base: no LibTorch, no model.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace smlt::http {

/// A media type with its parameters (RFC 9110, 8.3.1): "application/x-npy; dtype=float32". Type, subtype and parameter
/// names are in lower case, values stay as sent.
struct MediaType {
  struct Parameter {
    std::string name;
    std::string value;
  };
  std::string name;  // "application/json"
  std::vector<Parameter> parameters;

  /// The value of a parameter, or "".
  std::string_view parameter(std::string_view wanted) const;
};

/// Returns nullopt if `text` is not a media type.
std::optional<MediaType> parse_media_type(std::string_view text);

/// Content negotiation (RFC 9110, 12.5.1): of `offered`, in the server's order of preference, the type that `accept`
/// likes best, with the parameters the client gave. A missing or empty `accept`, or one that cannot be parsed at all,
/// takes the first. Returns nullopt if none is acceptable: status 406.
std::optional<MediaType> negotiated(std::string_view accept, std::span<const std::string> offered);

}  // namespace smlt::http
