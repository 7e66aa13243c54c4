#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace smlt::codec {

/// The raw value of the first member of a JSON object that has one of `names`; nullopt if there is none. Values are
/// skipped without being parsed, so they may contain NaN and Infinity, which Python writes and parsers refuse. Throws
/// UserError naming `name` and the byte if the text is not an object.
std::optional<std::string_view> json_member(std::string_view object, std::span<const std::string_view> names,
                                            std::string_view name);

}  // namespace smlt::codec
