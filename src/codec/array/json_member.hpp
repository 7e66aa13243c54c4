#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace smlt::codec {

/// The value, as it stands there, of the first member of a JSON object that is called one of `names`; nothing where
/// there is none. Values are passed over without being looked into: NaN and Infinity, which Python writes and parsers
/// refuse, may be in them. Throws UserError naming `name` and the byte where the text is no object.
std::optional<std::string_view> json_member(std::string_view object, std::span<const std::string_view> names,
                                            std::string_view name);

}  // namespace smlt::codec
