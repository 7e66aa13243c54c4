#include "serve/model_place.hpp"

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/folder.hpp"
#include "base/text.hpp"
#include "serve/model_file.hpp"

namespace smlt::serve {
namespace fs = std::filesystem;

fs::path place_of_model(const fs::path& directory) {
  if (has_model(directory)) return directory;
  const fs::path named = directory.has_filename() ? directory : directory.parent_path();  // without a slash at the end
  const fs::path sources = named.parent_path() / "additional-model-data-sources";
  if (!is_folder(sources)) return directory;
  std::vector<std::string> names;
  for (const fs::path& source : entries(sources)) {
    if (is_folder(source) && has_model(source)) names.push_back(source.filename());
  }
  if (names.empty()) return directory;
  if (names.size() == 1) return sources / names[0];
  throw UserError(
      "Expected a model in {} or in one folder of {}, found one in each of {}; name the one to serve with "
      "--model-dir.",
      in_quotes(directory.native(), 200), in_quotes(sources.native(), 200), quoted_few(names, 5));
}

}  // namespace smlt::serve
