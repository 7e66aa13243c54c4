#pragma once

#include <array>
#include <filesystem>
#include <future>
#include <optional>
#include <string>

#include "base/output.hpp"
#include "train/checkpoint.hpp"

namespace smlt::train {

/// The checkpoints of one identity in one directory: two files, of which the older is replaced, aside and by rename, so
/// that at any instant at least one is whole. Writing happens in the background.
class CheckpointStore {
 public:
  /// `directory` exists. What processes killed in mid-write have left there is removed. `output` must outlive this.
  CheckpointStore(std::filesystem::path directory, const Identity& identity, Output& output);

  /// Waits as `wait` does.
  ~CheckpointStore() { wait(); }
  CheckpointStore(const CheckpointStore&) = delete;
  CheckpointStore& operator=(const CheckpointStore&) = delete;

  /// The newest checkpoint that is whole. One that is not is skipped with a line. Throws PlatformError when the disk
  /// does not give a file that is there: what it holds may be all that a job has.
  std::optional<Checkpoint> newest();

  /// Whether the last one is still being written.
  bool is_writing() const;

  /// Starts to write `checkpoint` in the place of the older file, after the last one; its sequence is set here. A
  /// failure is reported with a line when it is known: training goes on with the files that are there.
  void write(Checkpoint checkpoint);

  /// Returns when nothing is being written any more.
  void wait();

  /// Removes both files.
  void clear();

  const std::filesystem::path& directory() const { return directory_; }

 private:
  using Error = std::string;  // "" when all went well

  std::optional<Checkpoint> read(const std::filesystem::path& file);

  std::filesystem::path directory_;
  std::array<std::filesystem::path, 2> files_;
  size_t next_ = 0;  // of files_, to be written
  int64_t sequence_ = 0;
  Output& output_;
  std::future<Error> writing_;
};

/// Throws UserError when `directory` holds a checkpoint of the same job (`job`: TRAINING_JOB_NAME, "" by hand) but of
/// another identity, saying what differs: hyperparameters were changed between two runs of what is one job. Checkpoints
/// of other jobs that share the directory are of no concern.
void refuse_another_identity(const std::filesystem::path& directory, const Identity& identity, const std::string& job);

}  // namespace smlt::train
