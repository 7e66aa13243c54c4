#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace smlt::serve {

/// What POST /models asks for (platform 14.11).
struct ModelRequest {
  std::string name;                 // opaque
  std::string url;                  // as sent
  std::filesystem::path directory;  // that the url names, links resolved
};

/// Reads {"model_name": "...", "url": "..."}. Throws UserError for any other body, and for a url that is not a folder
/// below `root`, or has files elsewhere, wherever links lead.
ModelRequest read_model_request(std::string_view body, const std::filesystem::path& root);

/// Bytes of the largest file in a model's folder: about what its weights take.
int64_t largest_file(const std::filesystem::path& directory);

}  // namespace smlt::serve
