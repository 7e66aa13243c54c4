#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smlt::values {

/// The elements of a list in any of the spellings that clients send (platform 5, rule 7): JSON ["a","b"], Python's
/// ['a', 'b'] and ('a',), and a,b. An element without quotes is taken as text. Returns nullopt for nested lists, open
/// quotes and empty elements; "" and "[]" are the empty list.
std::optional<std::vector<std::string>> read_list(std::string_view text);

/// A list that `read_list` reads back equal: [a,b], with quotes around what needs them.
std::string write_list(const std::vector<std::string>& list);

}  // namespace smlt::values
