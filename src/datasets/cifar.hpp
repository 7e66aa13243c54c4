#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace smlt::datasets {

/// Images of CIFAR-10 or CIFAR-100 (https://www.cs.toronto.edu/~kriz/cifar.html) and their labels.
struct CifarRows {
  static constexpr int64_t kSide = 32;
  static constexpr size_t kPixels = 3 * kSide * kSide;

  std::vector<uint8_t> images;  // [n, 3, 32, 32]: red, green, blue
  std::vector<uint8_t> labels;  // [n]; of CIFAR-100 the fine ones

  size_t size() const { return labels.size(); }
};

enum class CifarForm {
  kPickle,  // cifar-10-batches-py, cifar-100-python: a dictionary {data, labels | fine_labels, ...} a file
  kBinary,  // cifar-10-batches-bin, cifar-100-binary: rows of a label byte (of CIFAR-100: coarse, fine) and the pixels
};

/// The rows of one file, as its bytes; `classes` is 10 or 100. `name` is what errors call it. Throws UserError for what
/// is no such file, for rows of another size, for labels from `classes` on, and for a file without a row.
CifarRows read_cifar_rows(CifarForm form, int classes, std::span<const uint8_t> bytes, std::string_view name);

/// The names of the classes: of batches.meta or meta (a pickle), of batches.meta.txt or fine_label_names.txt (a line
/// each). Throws UserError when there are not `classes` of them.
std::vector<std::string> read_cifar_names(CifarForm form, int classes, std::span<const uint8_t> bytes,
                                          std::string_view name);

}  // namespace smlt::datasets
