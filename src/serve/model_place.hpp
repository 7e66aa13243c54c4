#pragma once

#include <filesystem>

namespace smlt::serve {

/// Where the model to serve is: `directory`, or if that holds none, the only folder with one in
/// additional-model-data-sources beside it, where the platform mounts further model data (platform 14.10). Throws
/// UserError naming them if several hold one; if none does, it is `directory`, whose error says what is missing there.
std::filesystem::path place_of_model(const std::filesystem::path& directory);

}  // namespace smlt::serve
