#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/cifar.hpp"

namespace smlt::datasets {

/// A place that holds CIFAR in one of its four layouts: a folder, or an archive of one.
struct CifarPlace {
  std::filesystem::path path;
  bool is_archive = false;
  CifarForm form = CifarForm::kPickle;
  int classes = 10;  // 10 or 100

  std::string title() const { return "CIFAR-" + std::to_string(classes); }
};

/// The places of CIFAR in a channel: its root and the folders in it, and .tar, .tar.gz and .tgz files in its root,
/// which are read for as long as it takes to recognise them. A file or archive that is named as CIFAR's are is a place
/// even if damaged: reading it says what is wrong. Throws PlatformError when a file or folder cannot be read; other
/// files are no error.
std::vector<CifarPlace> find_cifar(const std::filesystem::path& channel);

}  // namespace smlt::datasets
