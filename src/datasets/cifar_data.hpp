#pragma once

#include <map>
#include <string>
#include <vector>

#include "datasets/cifar_folder.hpp"
#include "datasets/reading.hpp"

namespace smlt::datasets {

/// What a place holds.
struct CifarData {
  CifarRows train;                           // data_batch_1, data_batch_2, ... in this order, or train
  CifarRows test;                            // test_batch or test
  std::vector<std::string> names;            // of the classes; empty if the place has none
  std::vector<std::filesystem::path> files;  // that were read
  int64_t threads = 1;                       // that read them
  std::map<int, size_t> first_rows;          // of each training file in `train`, by its number
};

/// Reads a whole place: a folder's files with `threads` threads, including this one, at least one and at most one per
/// file; an archive in one pass, without unpacking it. Throws UserError for a damaged file and if a data_batch_N before
/// the last one is missing; PlatformError if a file cannot be read.
CifarData read_cifar(const CifarPlace& place, int64_t threads);

/// A place that is being read.
struct CifarReading {
  CifarReading(CifarPlace where, int64_t threads);

  CifarPlace place;
  Reading<CifarData> data;
};

/// Whether another place holds the same images, judging by the labels of that other place's first file. Throws as
/// read_cifar does.
bool is_same_cifar(CifarReading& read, const CifarPlace& other);

}  // namespace smlt::datasets
