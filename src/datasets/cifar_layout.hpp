// The four layouts in which CIFAR is published, and what their files are called.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "datasets/cifar.hpp"

namespace smlt::datasets {

struct CifarLayout {
  int classes;
  CifarForm form;
  const char* train;  // CIFAR-10: followed by the number of the batch
  const char* test;
  const char* suffix;
  const char* names;

  /// The numbers of files: the training batches from 1 on, and
  static constexpr int kTest = 0;
  static constexpr int kNames = -1;

  int last_number() const { return classes == 10 ? 16 : 1; }
  std::string file_name(int number) const;
  std::optional<int> number_of(const std::string& file_name) const;
};

inline constexpr std::array kCifarLayouts = {
    CifarLayout{10, CifarForm::kPickle, "data_batch_", "test_batch", "", "batches.meta"},
    CifarLayout{10, CifarForm::kBinary, "data_batch_", "test_batch", ".bin", "batches.meta.txt"},
    CifarLayout{100, CifarForm::kPickle, "train", "test", "", "meta"},
    CifarLayout{100, CifarForm::kBinary, "train", "test", ".bin", "fine_label_names.txt"},
};

/// The layout with that form and number of classes, one of the four.
const CifarLayout& cifar_layout(CifarForm form, int classes);

}  // namespace smlt::datasets
