#include "codec/cifar.hpp"

#include <bit>
#include <cstring>

#include "base/error.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "codec/pickle_numpy.hpp"

namespace smlt::codec {
namespace {

using Kind = PickleValue::Kind;

constexpr size_t kLongestName = 200;

static_assert(std::endian::native == std::endian::little, "integers of numpy arrays are copied as they are");

int64_t element(const PickleValue& array, size_t index) {
  const char* at = array.bytes.data() + index * static_cast<size_t>(array.number);
  if (array.number == 1) return static_cast<uint8_t>(*at);
  int64_t wide = 0;
  int32_t narrow = 0;
  if (array.number == 8) std::memcpy(&wide, at, sizeof wide);
  if (array.number == 4) std::memcpy(&narrow, at, sizeof narrow);
  return array.number == 8 ? wide : narrow;
}

// A list of integers, or a numpy array of them. Other values count as -1, which is no label.
std::vector<int64_t> integers(const PickleValue& value) {
  std::vector<int64_t> found;
  if (value.kind == Kind::kArray) {
    const size_t count = value.bytes.size() / static_cast<size_t>(value.number);
    for (size_t i = 0; i < count; ++i) found.push_back(element(value, i));
  } else {
    for (const PickleValue* item : value.items) found.push_back(item->kind == Kind::kInteger ? item->number : -1);
  }
  return found;
}

void check_labels(std::span<const int64_t> labels, int classes, std::string_view name) {
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= 0 && labels[i] < classes) continue;
    throw UserError("Expected labels from 0 to {} in {}, found {} at index {}.", classes - 1, in_quotes(name, 200),
                    labels[i] < 0 ? "something else" : std::to_string(labels[i]), i);
  }
}

const PickleValue& entry(const Pickle& pickle, const char* key, std::string_view name) {
  if (const PickleValue* found = pickle.root().at(key)) return *found;
  throw UserError(
      "Expected the key '{}' in the dictionary of {}, found none; give a batch of CIFAR as it was downloaded.", key,
      in_quotes(name, 200));
}

CifarRows rows_of_pickle(int classes, std::span<const uint8_t> bytes, std::string_view name) {
  const Pickle pickle(bytes, name, kNumpyPickle);
  const PickleValue& data = entry(pickle, "data", name);
  const std::vector<int64_t> labels = integers(entry(pickle, classes == 10 ? "labels" : "fine_labels", name));
  check_labels(labels, classes, name);
  if (data.kind != Kind::kArray || data.number != 1) {
    throw UserError("Expected a numpy array of unsigned bytes under 'data' in {}, found something else.",
                    in_quotes(name, 200));
  }
  if (data.bytes.size() != labels.size() * CifarRows::kPixels || data.shape.empty() ||
      data.shape[0] != static_cast<int64_t>(labels.size())) {
    throw UserError("Expected {} bytes of pixels a label in {}, found {} bytes and {} labels.", CifarRows::kPixels,
                    in_quotes(name, 200), data.bytes.size(), labels.size());
  }
  CifarRows rows;
  rows.images.assign(data.bytes.begin(), data.bytes.end());
  rows.labels.assign(labels.begin(), labels.end());
  return rows;
}

CifarRows rows_of_binary(int classes, std::span<const uint8_t> bytes, std::string_view name) {
  const size_t label_bytes = classes == 10 ? 1 : 2;
  const size_t row_size = label_bytes + CifarRows::kPixels;
  if (bytes.size() % row_size != 0) {
    throw UserError(
        "Expected rows of {} bytes in {}, found {} bytes, which is no multiple; the file is cut off or damaged, so "
        "replace it.",
        row_size, in_quotes(name, 200), bytes.size());
  }
  const size_t count = bytes.size() / row_size;
  CifarRows rows;
  rows.images.resize(count * CifarRows::kPixels);
  std::vector<int64_t> labels;
  for (size_t i = 0; i < count; ++i) {
    const uint8_t* row = bytes.data() + i * row_size;
    labels.push_back(row[label_bytes - 1]);
    std::memcpy(rows.images.data() + i * CifarRows::kPixels, row + label_bytes, CifarRows::kPixels);
  }
  check_labels(labels, classes, name);
  rows.labels.assign(labels.begin(), labels.end());
  return rows;
}

std::vector<std::string> lines_of(std::span<const uint8_t> bytes) {
  std::vector<std::string> lines;
  std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    if (const auto line = trimmed(rest.substr(0, end)); !line.empty()) lines.emplace_back(line);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return lines;
}

std::vector<std::string> names_of_pickle(int classes, std::span<const uint8_t> bytes, std::string_view name) {
  const Pickle pickle(bytes, name, kNumpyPickle);
  std::vector<std::string> names;
  for (const PickleValue* item : entry(pickle, classes == 10 ? "label_names" : "fine_label_names", name).items) {
    names.emplace_back(item->bytes);
  }
  return names;
}

}  // namespace

CifarRows read_cifar_rows(CifarForm form, int classes, std::span<const uint8_t> bytes, std::string_view name) {
  CifarRows rows =
      form == CifarForm::kPickle ? rows_of_pickle(classes, bytes, name) : rows_of_binary(classes, bytes, name);
  if (rows.size() == 0) throw UserError("Expected images in {}, found none.", in_quotes(name, 200));
  return rows;
}

std::vector<std::string> read_cifar_names(CifarForm form, int classes, std::span<const uint8_t> bytes,
                                          std::string_view name) {
  std::vector<std::string> names = form == CifarForm::kPickle ? names_of_pickle(classes, bytes, name) : lines_of(bytes);
  for (std::string& each : names) each = utf8_name(composed(each.substr(0, kLongestName)));
  if (names.size() == static_cast<size_t>(classes)) return names;
  throw UserError("Expected the names of {} classes in {}, found {}; replace the file or remove it.", classes,
                  in_quotes(name, 200), names.size());
}

}  // namespace smlt::codec
