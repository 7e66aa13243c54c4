#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace smlt::serve {

/// What a request's body holds.
enum class BodyType { kJson, kLines, kCsv, kNpy, kNpz, kImage };

/// What the header Content-Type says, whatever its parameters; nullopt if it names no known type.
std::optional<BodyType> named_type(const http::Request& request);

/// Chosen by the header Content-Type, whatever its parameters; if it is missing or application/octet-stream, by the
/// first bytes. Throws Refusal (415) naming the known types, or for a body with a Content-Encoding.
BodyType body_type(const http::Request& request);

}  // namespace smlt::serve
