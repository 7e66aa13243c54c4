#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/cifar.hpp"
#include "datasets/looks.hpp"

namespace smlt::datasets {

/// A place that holds CIFAR in one of its four layouts: a folder, or an archive of one.
struct CifarPlace {
  std::filesystem::path path;
  bool is_archive = false;
  CifarForm form = CifarForm::kPickle;
  int classes = 10;  // 10 or 100

  std::string title() const { return "CIFAR-" + std::to_string(classes); }
};

/// The places of CIFAR in a channel: its root and the folders in it, and .tar, .tar.gz and .tgz files in its root, by
/// the names of their first members. A file or archive named like one of CIFAR's is a place even if it is damaged:
/// reading it says what is wrong. Throws PlatformError if a file or folder cannot be read; other files are not an
/// error.
std::vector<CifarPlace> find_cifar(const std::filesystem::path& channel, Looks& looks);

}  // namespace smlt::datasets
