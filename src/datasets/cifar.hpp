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
  kPickle,  // cifar-10-batches-py, cifar-100-python: one dictionary {data, labels | fine_labels, ...} per file
  kBinary,  // cifar-10-batches-bin, cifar-100-binary: rows of a label byte (of CIFAR-100: coarse, fine) and the pixels
};

/// Whether these first bytes of a file are those of a pickle with the keys of CIFAR-100.
bool looks_like_cifar_100(std::span<const uint8_t> start);

/// The rows in one file's bytes; `classes` is 10 or 100. `name` is what errors call it. Throws UserError if it is not
/// such a file, and for rows of another size, labels from `classes` on, and a file without rows.
CifarRows read_cifar_rows(CifarForm form, int classes, std::span<const uint8_t> bytes, std::string_view name);

/// The names of the classes: from batches.meta or meta (a pickle), or from batches.meta.txt or fine_label_names.txt
/// (one line each). Throws UserError unless there are `classes` of them.
std::vector<std::string> read_cifar_names(CifarForm form, int classes, std::span<const uint8_t> bytes,
                                          std::string_view name);

}  // namespace smlt::datasets
