#include "datasets/cifar.hpp"

#include <cstring>
#include <optional>
#include <set>

#include "base/byte_order_mark.hpp"
#include "base/error.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "codec/array/shape.hpp"
#include "codec/pickle/pickle.hpp"
#include "codec/pickle/pickle_numpy.hpp"
#include "codec/pickle/pickle_values.hpp"

namespace smlt::datasets {
namespace {

using Kind = codec::PickleValue::Kind;

constexpr size_t kLongestName = 200;

using Labels = std::vector<std::optional<int64_t>>;

[[noreturn]] void refuse_label(std::string_view found, size_t index, int classes, std::string_view name) {
  throw UserError("Expected labels from 0 to {} in {}, found {} at index {}.", classes - 1, in_quotes(name, 200), found,
                  index);
}

std::vector<uint8_t> checked(const Labels& labels, int classes, std::string_view name) {
  std::vector<uint8_t> good;
  for (const auto& label : labels) {
    if (!label) refuse_label("something that is not an integer", good.size(), classes, name);
    if (*label < 0 || *label >= classes) refuse_label(std::to_string(*label), good.size(), classes, name);
    good.push_back(static_cast<uint8_t>(*label));
  }
  return good;
}

const codec::PickleValue& entry(const codec::Pickle& pickle, const char* key, std::string_view name) {
  if (const codec::PickleValue* found = pickle.root().at(key)) return *found;
  throw UserError("Expected the key '{}' in the dictionary of {}, found none; use a CIFAR batch as it was downloaded.",
                  key, in_quotes(name, 200));
}

std::vector<uint8_t> labels_in(const codec::PickleValue& value, int classes, std::string_view name) {
  const Labels labels = codec::integers_of(value);
  if (!labels.empty() && value.kind == Kind::kArray && value.items.empty() && !labels[0]) {
    refuse_label(codec::described(value), 0, classes, name);
  }
  return checked(labels, classes, name);
}

// Channels first, for `rows` images, or for one image without that dimension.
bool is_shape_of_images(std::span<const int64_t> shape, std::optional<size_t> rows) {
  if (rows && (shape.empty() || shape[0] != static_cast<int64_t>(*rows))) return false;
  const std::vector<int64_t> image(shape.begin() + (rows ? 1 : 0), shape.end());
  constexpr int64_t kSide = CifarRows::kSide;
  return image == std::vector<int64_t>{CifarRows::kPixels} || image == std::vector<int64_t>{3, kSide * kSide} ||
         image == std::vector<int64_t>{3, kSide, kSide};
}

void append_pixels(const codec::PickleValue& array, std::optional<size_t> rows, std::string_view name,
                   std::vector<uint8_t>& out) {
  if (array.kind != Kind::kArray || array.type != "u1") {
    throw UserError("Expected a numpy array of unsigned bytes under 'data' in {}, found {}; store it as numpy.uint8.",
                    in_quotes(name, 200), codec::described(array));
  }
  if (!is_shape_of_images(array.shape, rows)) {
    throw UserError(
        "Expected {} bytes of pixels per label under 'data' in {}, with the three colours one after the other, found "
        "an array of shape {} for {} labels.",
        CifarRows::kPixels, in_quotes(name, 200), codec::shape_text(array.shape), rows.value_or(1));
  }
  out.insert(out.end(), array.bytes.begin(), array.bytes.end());
}

// An array of all images, or a list of one array per image.
std::vector<uint8_t> pixels_in(const codec::PickleValue& data, size_t rows, size_t file_size, std::string_view name) {
  std::vector<uint8_t> pixels;
  if (data.kind != Kind::kList) {
    append_pixels(data, rows, name, pixels);
    return pixels;
  }
  if (data.items.size() != rows) {
    throw UserError("Expected one image per label under 'data' in {}, found {} images and {} labels.",
                    in_quotes(name, 200), data.items.size(), rows);
  }
  if (rows > file_size / CifarRows::kPixels) {  // a pickle may refer to one array again and again
    throw UserError("Expected {} bytes of pixels per label in {}, found {} labels in {} bytes.", CifarRows::kPixels,
                    in_quotes(name, 200), rows, file_size);
  }
  pixels.reserve(rows * CifarRows::kPixels);
  for (const codec::PickleValue* item : data.items) append_pixels(*item, std::nullopt, name, pixels);
  return pixels;
}

CifarRows rows_of_pickle(int classes, std::span<const uint8_t> bytes, std::string_view name) {
  const codec::Pickle pickle(bytes, name, codec::kNumpyPickle);
  const codec::PickleValue& data = entry(pickle, "data", name);
  CifarRows rows;
  rows.labels = labels_in(entry(pickle, classes == 10 ? "labels" : "fine_labels", name), classes, name);
  rows.images = pixels_in(data, rows.labels.size(), bytes.size(), name);
  return rows;
}

CifarRows rows_of_binary(int classes, std::span<const uint8_t> bytes, std::string_view name) {
  const size_t label_bytes = classes == 10 ? 1 : 2;
  const size_t row_size = label_bytes + CifarRows::kPixels;
  if (bytes.size() % row_size != 0) {
    throw UserError(
        "Expected rows of {} bytes in {}, found {} bytes, which is not a multiple; the file is cut off or damaged, so "
        "replace it.",
        row_size, in_quotes(name, 200), bytes.size());
  }
  const size_t count = bytes.size() / row_size;
  CifarRows rows;
  rows.images.resize(count * CifarRows::kPixels);
  Labels labels;
  for (size_t i = 0; i < count; ++i) {
    const uint8_t* row = bytes.data() + i * row_size;
    labels.push_back(row[label_bytes - 1]);
    std::memcpy(rows.images.data() + i * CifarRows::kPixels, row + label_bytes, CifarRows::kPixels);
  }
  rows.labels = checked(labels, classes, name);
  return rows;
}

std::vector<std::string> lines_of(std::span<const uint8_t> bytes, std::string_view name) {
  std::vector<std::string> lines;
  std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  rest = without_byte_order_mark(rest, in_quotes(name, 200));
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    if (const auto line = trimmed(rest.substr(0, end)); !line.empty()) lines.emplace_back(line);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return lines;
}

std::vector<std::string> names_of_pickle(int classes, std::span<const uint8_t> bytes, std::string_view name) {
  const codec::Pickle pickle(bytes, name, codec::kNumpyPickle);
  std::vector<std::string> names =
      codec::texts_of(entry(pickle, classes == 10 ? "label_names" : "fine_label_names", name));
  std::erase(names, "");  // what is not a text is not a name
  return names;
}

}  // namespace

// The first key may be any: a dictionary that Python has rewritten has its own order, and pixels may come before
// labels.
bool looks_like_cifar_100(std::span<const uint8_t> start) {
  const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
  const auto mentions = [&](std::string_view word) { return text.find(word) != text.npos; };
  return codec::looks_like_pickle(start) && (mentions("fine_label") || mentions("coarse_label") ||
                                             mentions("filenames") || (mentions("data") && mentions("numpy")));
}

CifarRows read_cifar_rows(CifarForm form, int classes, std::span<const uint8_t> bytes, std::string_view name) {
  CifarRows rows =
      form == CifarForm::kPickle ? rows_of_pickle(classes, bytes, name) : rows_of_binary(classes, bytes, name);
  if (rows.size() == 0) throw UserError("Expected images in {}, found none.", in_quotes(name, 200));
  return rows;
}

std::vector<std::string> read_cifar_names(CifarForm form, int classes, std::span<const uint8_t> bytes,
                                          std::string_view name) {
  std::vector<std::string> names =
      form == CifarForm::kPickle ? names_of_pickle(classes, bytes, name) : lines_of(bytes, name);
  for (std::string& each : names) {
    each = utf8_name(composed(each));
    if (each.size() <= kLongestName) continue;
    throw UserError("Expected names of classes of at most {} bytes in {}, found one of {}; shorten it.", kLongestName,
                    in_quotes(name, 200), each.size());
  }
  if (std::set<std::string>(names.begin(), names.end()).size() != names.size()) {
    throw UserError("Expected a different name for each class in {}, found one name twice; rename one.",
                    in_quotes(name, 200));
  }
  if (names.size() == static_cast<size_t>(classes)) return names;
  throw UserError("Expected the names of {} classes in {}, found {}; replace the file or remove it.", classes,
                  in_quotes(name, 200), names.size());
}

}  // namespace smlt::datasets
