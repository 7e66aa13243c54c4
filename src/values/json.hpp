#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smlt::values {

/// `text` as one JSON value, at most 32 levels deep; nullopt if it is not JSON. Real numbers are the nearest double
/// (Boost.JSON's own parsing can be off by one unit in the last place). If a key is repeated, the last value counts.
std::optional<boost::json::value> parse_value(std::string_view text);

/// `text` as a JSON object in which every key appears once. `where` is the file or variable that an error names. Throws
/// UserError with the place and the cause, also for text in an encoding other than UTF-8.
boost::json::object parse_object(std::string_view text, const std::string& where);

/// The string under `key`, or `otherwise` if it is absent or null. Throws UserError naming key and place if it is
/// something else.
std::string text_at(const boost::json::object& object, std::string_view key, const std::string& otherwise,
                    const std::string& where);

/// The list of strings under `key`; empty if it is absent or null. Throws UserError likewise.
std::vector<std::string> texts_at(const boost::json::object& object, std::string_view key, const std::string& where);

}  // namespace smlt::values
