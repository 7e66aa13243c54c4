#pragma once

#include <array>
#include <filesystem>
#include <future>
#include <optional>
#include <string>

#include "base/output.hpp"
#include "train/checkpoint.hpp"

namespace smlt::train {

/// The checkpoints of one identity in one directory: two files, the older of which is replaced through a temporary and
/// a rename, so at any instant at least one is intact. Writing happens in the background.
class CheckpointStore {
 public:
  /// `directory` exists. Leftovers of processes killed in mid-write are removed from it. `output` must outlive this.
  CheckpointStore(std::filesystem::path directory, const Identity& identity, Output& output);

  /// Waits as `wait` does.
  ~CheckpointStore() { wait(); }
  CheckpointStore(const CheckpointStore&) = delete;
  CheckpointStore& operator=(const CheckpointStore&) = delete;

  /// The newest intact checkpoint. A damaged one is skipped with a log line. Throws PlatformError if the disk cannot
  /// read an existing file: it may be all that a job has.
  std::optional<Checkpoint> newest();

  /// Whether the last one is still being written.
  bool is_writing() const;

  /// Starts to write `checkpoint` in the place of the older file, after the last one; its sequence is set here. A
  /// failure is reported with a line once it is known; training continues with the existing files.
  void write(Checkpoint checkpoint);

  /// Returns once nothing is being written any longer.
  void wait();

  /// Removes both files.
  void clear();

  const std::filesystem::path& directory() const { return directory_; }

 private:
  using Error = std::string;  // "" if all went well

  std::optional<Checkpoint> read(const std::filesystem::path& file);

  std::filesystem::path directory_;
  std::array<std::filesystem::path, 2> files_;
  size_t next_ = 0;  // of files_, to be written
  int64_t sequence_ = 0;
  Output& output_;
  std::future<Error> writing_;
};

/// Throws UserError if `directory` holds a checkpoint of the same job (`job`: TRAINING_JOB_NAME, "" by hand) but with
/// another identity, saying what differs: hyperparameters were changed between two runs of the same job. Checkpoints of
/// other jobs in the same directory do not matter.
void refuse_another_identity(const std::filesystem::path& directory, const Identity& identity, const std::string& job);

}  // namespace smlt::train
