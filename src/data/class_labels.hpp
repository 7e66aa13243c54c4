#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/split.hpp"

namespace smlt::data {

/// "0", "1", ...: for classes without other names.
std::vector<std::string> numbered_labels(int64_t classes);

/// Throws UserError, naming `file`, the first of the largest targets and its index, unless all are below `classes`.
void check_targets(const Split& evaluation, int64_t classes, const std::filesystem::path& file);

}  // namespace smlt::data
