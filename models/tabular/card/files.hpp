#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "platform/channel.hpp"

namespace smlt::models::tabular {

/// The CSV files of a split, plain or gzip, in one of two forms: features and labels in one file each, as in the
/// tutorial (X_train.csv, y_train.csv, each with a header), or tables with the label first and no header, as for
/// SageMaker's own algorithms, read one after the other.
struct SplitFiles {
  std::filesystem::path features;
  std::filesystem::path labels;
  std::vector<std::filesystem::path> tables;  // of the second form; empty in the first
};

struct Files {
  SplitFiles train;
  std::optional<SplitFiles> validation;
};

/// The names of the CSV files in a channel's directory, if their content shows that they are not meant for another
/// model. Throws PlatformError if one cannot be read.
std::vector<std::string> find_files(const std::filesystem::path& channel);

/// Whether a channel holds files that could be meant as this model's data although `find_files` does not name them:
/// choosing and reading the files will say what is wrong with it. If the job names the model, every file called *.csv
/// counts.
bool may_hold_files(const std::filesystem::path& channel, bool is_named);

/// Which files are for training and which for evaluation: training files from the channel `training` (or `train`);
/// evaluation files from the channel `validation`, else X_validation.csv beside the training files, else the channel
/// `test`, else X_test.csv there. Beside X_train.csv, files of other names are skipped; without it, every file that is
/// called *.csv or *.csv.gz or looks like a table is one of the tables. Throws UserError if there is nothing to train
/// on, if features have no labels or labels no features, if two files are called X_train.csv but for the case of
/// letters, and for a table that is compressed by anything but gzip or is in another format.
Files choose_files(std::span<const platform::Channel> channels);

/// The files that are read, all of them and no others.
std::vector<std::filesystem::path> paths_of(const SplitFiles& split);
std::vector<std::filesystem::path> paths_of(const Files& files);

}  // namespace smlt::models::tabular
