// The text files of CUB-200-2011: lines of "NUMBER TEXT", with numbers from 1 in no promised order.
#include "datasets/cub_tree.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>

#include "base/byte_order_mark.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "datasets/image_folder.hpp"

namespace smlt::datasets {
namespace fs = std::filesystem;
namespace {

struct Line {
  int64_t number;
  std::string text;
};

[[noreturn]] void refuse(const fs::path& path, size_t line, std::string_view expected, std::string_view found) {
  throw UserError("Expected {} in line {} of {}, found {}; use the file from CUB-200-2011.", expected, line,
                  in_quotes(path.native(), 200), in_quotes(found));
}

std::optional<int64_t> as_number(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

std::vector<Line> lines_of(std::string_view rest, const fs::path& path, std::string_view expected) {
  std::vector<Line> lines;
  rest = without_byte_order_mark(rest, in_quotes(path.native(), 200));
  for (size_t count = 1; !rest.empty(); ++count) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty()) continue;
    const size_t blank = std::min(line.find(' '), line.size());
    const auto number = as_number(line.substr(0, blank));
    const std::string_view text = trimmed(line.substr(blank));
    if (!number || text.empty()) refuse(path, count, expected, line);
    lines.push_back({*number, std::string(text)});
  }
  return lines;
}

// A path that stays below images/.
bool is_inside(const fs::path& path) {
  return path.is_relative() && std::find(path.begin(), path.end(), "..") == path.end();
}

}  // namespace

ImageFiles listed_images(const CubTexts& texts, const fs::path& tree) {
  ImageFiles found;
  std::map<int64_t, int64_t> target_of_class, class_of_image;
  std::map<std::string, int64_t> target_of_name;  // two spellings of one name are one class
  for (const Line& line : lines_of(texts.classes, tree / "classes.txt", "a class number and a class name")) {
    const auto [place, is_new] =
        target_of_name.try_emplace(utf8_name(composed(line.text)), static_cast<int64_t>(found.classes.size()));
    if (is_new) found.classes.push_back(place->first);
    target_of_class[line.number] = place->second;
  }
  const fs::path labels = tree / "image_class_labels.txt", images = tree / "images.txt";
  for (const Line& line : lines_of(texts.labels, labels, "an image number and a class number")) {
    const auto number = as_number(line.text);
    if (!number || !target_of_class.contains(*number)) {
      throw UserError("Expected a class number of classes.txt for image {} in {}, found {}.", line.number,
                      in_quotes(labels.native(), 200), in_quotes(line.text));
    }
    class_of_image[line.number] = *number;
  }
  for (const Line& line : lines_of(texts.images, images, "an image number and a path below images/")) {
    const auto label = class_of_image.find(line.number);
    if (label == class_of_image.end() || !is_inside(line.text)) {
      throw UserError(
          "Expected a class in image_class_labels.txt and a path below images/ for image {} of {}, found {}.",
          line.number, in_quotes(images.native(), 200), in_quotes(line.text, 200));
    }
    found.files.push_back({tree / "images" / line.text, target_of_class.at(label->second)});
  }
  const auto by_class = [](const auto& a, const auto& b) {
    return std::pair(a.target, a.path) < std::pair(b.target, b.path);
  };
  std::sort(found.files.begin(), found.files.end(), by_class);
  return found;
}

ImageFiles read_cub_tree(const fs::path& tree) {
  const auto text = [&](const char* name) { return read_file(tree / name, kLargestCubText); };
  return listed_images({text("classes.txt"), text("image_class_labels.txt"), text("images.txt")}, tree);
}

}  // namespace smlt::datasets
