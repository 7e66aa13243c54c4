#pragma once

#include <string>
#include <vector>

#include "datasets/cifar_folder.hpp"

namespace smlt::datasets {

/// What a place holds.
struct CifarData {
  CifarRows train;                           // data_batch_1, data_batch_2, ... in this order, or train
  CifarRows test;                            // test_batch or test
  std::vector<std::string> names;            // of the classes; empty if the place has none
  std::vector<std::filesystem::path> files;  // that were read
  int64_t threads = 1;                       // that read them
};

/// Reads a whole place: a folder's files with `threads` threads, including this one, at least one and at most one per
/// file; an archive in one pass, without unpacking it. Throws UserError for a damaged file and if a data_batch_N before
/// the last one is missing; PlatformError if a file cannot be read.
CifarData read_cifar(const CifarPlace& place, int64_t threads);

/// Whether two places hold the same images, judging by the labels of their first files. Throws as read_cifar does.
bool is_same_cifar(const CifarPlace& a, const CifarPlace& b);

}  // namespace smlt::datasets
