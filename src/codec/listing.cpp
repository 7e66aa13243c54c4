#include "codec/listing.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt::codec {
namespace fs = std::filesystem;
namespace {

bool is_hidden(const fs::path& path) {
  const std::string name = path.filename().native();
  return name.starts_with('.') || name == "__MACOSX";
}

bool leads_nowhere(const std::error_code& error) {
  return error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory ||
         error == std::errc::too_many_symbolic_link_levels || error == std::errc::filename_too_long;
}

[[noreturn]] void fail(const fs::path& path, const std::error_code& error) {
  throw PlatformError("Cannot read {}: {}.", in_quotes(path.native(), 200), error.message());
}

// What is neither a file nor a folder (a pipe, say) is not listed.
void add(const fs::directory_entry& entry, Listing& found) {
  std::error_code error;
  if (entry.is_regular_file(error)) {
    found.files.push_back(entry.path());
  } else if (entry.is_directory(error)) {
    found.folders.push_back(entry.path());
  } else if (leads_nowhere(error)) {
    found.broken.push_back(entry.path());
  } else if (error) {
    fail(entry.path(), error);
  }
}

}  // namespace

Listing listing_of(const fs::path& folder) {
  Listing found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (!is_hidden(it->path())) add(*it, found);
  }
  if (error && !leads_nowhere(error)) fail(folder, error);
  for (std::vector<fs::path>* part : {&found.files, &found.folders, &found.broken}) {
    std::sort(part->begin(), part->end());
  }
  return found;
}

}  // namespace smlt::codec
