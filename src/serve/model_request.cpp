#include "serve/model_request.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <system_error>

#include "base/error.hpp"
#include "base/folder.hpp"
#include "base/text.hpp"

namespace smlt::serve {
namespace fs = std::filesystem;
namespace json = boost::json;
namespace {

constexpr int kDeepest = 8;            // folders in each other
constexpr size_t kLongestText = 4096;  // of a name or a url

std::string text_of(const json::object& request, std::string_view member) {
  const json::value* const found = request.if_contains(member);
  const auto refuse = [&](std::string_view what) {
    throw UserError("Expected {} in the body, a text of 1 to {} bytes without NUL, found {}.", member, kLongestText,
                    what);
  };
  if (found == nullptr) refuse("none");
  if (!found->is_string()) refuse("a value that is no text");
  const std::string_view text(found->get_string().data(), found->get_string().size());
  if (text.empty() || text.size() > kLongestText) refuse(fmt::format("one of {} bytes", text.size()));
  if (text.find('\0') != std::string_view::npos) refuse("one with NUL");
  return std::string(text);
}

// Links resolved; throws UserError if nothing is there.
fs::path real(const fs::path& path) {
  std::error_code error;
  const fs::path found = fs::canonical(path, error);
  if (!error) return found;
  throw UserError("Expected a folder with a model at the url {}, found none: {}.", in_quotes(path.native(), 200),
                  error.message());
}

bool lies_below(const fs::path& path, const fs::path& root) {
  const auto [end, rest] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return end == root.end() && rest != path.end();
}

// Throws UserError if anything in the folder lies elsewhere than below the root.
void check_links(const fs::path& folder, const fs::path& root, int depth) {
  if (depth == 0) throw UserError("Expected a model in few folders, found one in {}.", in_quotes(folder.native(), 200));
  for (const fs::directory_entry& entry : entries(folder)) {
    std::error_code error;
    const fs::path found = fs::canonical(entry.path(), error);
    if (error || !lies_below(found, root)) {
      throw UserError("Expected files below {}, found the link {} to one elsewhere or to none.",
                      in_quotes(root.native(), 200), in_quotes(entry.path().native(), 200));
    }
    if (is_folder(entry.path())) check_links(entry.path(), root, depth - 1);
  }
}

}  // namespace

ModelRequest read_model_request(std::string_view body, const fs::path& root) {
  json::error_code error;
  const json::value request = json::parse({body.data(), body.size()}, error);
  if (error || !request.is_object()) {
    throw UserError("Expected {{\"model_name\": NAME, \"url\": FOLDER}} as the body, found {}.",
                    error ? "text that is not JSON" : "JSON that is not an object");
  }
  ModelRequest found{text_of(request.get_object(), "model_name"), text_of(request.get_object(), "url"), {}};
  found.directory = real(found.url);
  if (!lies_below(found.directory, real(root))) {
    throw UserError("Expected a url below {}, found {}.", in_quotes(root.native(), 200), in_quotes(found.url, 200));
  }
  if (!is_folder(found.directory)) {
    throw UserError("Expected a folder with a model at the url {}, found a file.", in_quotes(found.url, 200));
  }
  check_links(found.directory, real(root), kDeepest);
  return found;
}

int64_t largest_file(const fs::path& directory) {
  int64_t largest = 0;
  for (const fs::directory_entry& entry : entries(directory)) {
    std::error_code error;
    const auto size = is_file(entry.path()) ? fs::file_size(entry.path(), error) : 0;
    if (!error) largest = std::max(largest, static_cast<int64_t>(size));
  }
  return largest;
}

}  // namespace smlt::serve
