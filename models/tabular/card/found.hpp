#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cards/found.hpp"
#include "datasets/csv_folder.hpp"
#include "platform/channel.hpp"

namespace smlt::models::tabular {

/// The CSV files of a split, plain or gzip, in one of two forms: features and labels in one file each, as in the
/// tutorial (X_train.csv, y_train.csv, each with a header), or tables with the label first and no header, as for
/// SageMaker's own algorithms, read one after the other.
struct SplitFiles {
  std::filesystem::path features;
  std::filesystem::path labels;
  std::vector<std::filesystem::path> tables;  // of the second form; empty in the first
  size_t values = 0;                          // about how many the tables hold

  /// All of them.
  std::vector<std::filesystem::path> paths() const { return tables.empty() ? std::vector{features, labels} : tables; }
};

/// The CSV files in a job's channels.
class Found : public cards::Found {
 public:
  Found(std::span<const platform::Channel> channels, datasets::Looks& looks);

  /// Whether there are files whose content does not show that they are for another model, or, if the job names this
  /// one, files called *.csv.
  bool may_be_meant(bool is_named) const override;

  /// Which files are for training and which for evaluation: training files from the channel `training` (or `train`);
  /// evaluation files from the channel `validation`, else X_validation.csv beside the training files, else the channel
  /// `test`, else X_test.csv there. Beside X_train.csv, files of other names are skipped; without it, every file that
  /// is called *.csv or *.csv.gz or looks like a table is one of the tables. Throws UserError if there is nothing to
  /// train on, if features have no labels or labels no features, if two files are called X_train.csv but for the case
  /// of letters, and for a table that is compressed by anything but gzip or is in another format.
  void choose(const settings::Settings& settings) override;

  struct Chosen {
    SplitFiles train;
    std::optional<SplitFiles> validation;
  };
  const Chosen& chosen() const { return chosen_.value(); }  // after choose

 private:
  const platform::Channel& channel_to_train_on() const;
  SplitFiles training_files(const platform::Channel& channel) const;
  SplitFiles evaluation_files(const platform::Channel& channel) const;

  std::vector<platform::Channel> channels_;
  std::map<std::string, datasets::CsvFolder> folders_;  // by channel
  std::optional<Chosen> chosen_;
};

}  // namespace smlt::models::tabular
