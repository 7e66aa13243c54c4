#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "platform/channel.hpp"

namespace smlt::models::tabular {

/// The CSV files of a split, plain or gzip, in one of two forms: features and labels in a file each, as the tutorial
/// has them (X_train.csv, y_train.csv, each with a header), or tables with the label first and no header, as
/// SageMaker's own algorithms have them, read one after the other.
struct SplitFiles {
  std::filesystem::path features;
  std::filesystem::path labels;
  std::vector<std::filesystem::path> tables;  // of the second form; empty in the first
};

struct Files {
  SplitFiles train;
  std::optional<SplitFiles> validation;
};

/// The names of the CSV files that a channel's directory holds, as far as their content tells that no other model's
/// data is meant. Throws PlatformError if one cannot be read.
std::vector<std::string> find_files(const std::filesystem::path& channel);

/// Whether a channel holds what could be meant as this model's data, though `find_files` does not name it: choosing and
/// reading the files will say what is wrong with it. If the job names the model, every file called *.csv counts.
bool may_hold_files(const std::filesystem::path& channel, bool is_named);

/// Which files are for training and which for evaluation: training files from the channel `training` (or `train`);
/// evaluation files from the channel `validation`, else X_validation.csv beside the training files, else the channel
/// `test`, else X_test.csv there. Beside X_train.csv, files of other names are skipped; without it, every file that is
/// called *.csv or *.csv.gz or looks like a table is one of the tables. Throws UserError when there is nothing to train
/// on, when features have no labels or labels no features, when two files are called X_train.csv but for the case of
/// letters, and for a table that is packed other than by gzip or in another form.
Files choose_files(std::span<const platform::Channel> channels);

/// The files that are read, all of them and no others.
std::vector<std::filesystem::path> paths_of(const SplitFiles& split);
std::vector<std::filesystem::path> paths_of(const Files& files);

}  // namespace smlt::models::tabular
