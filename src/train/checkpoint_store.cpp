#include "train/checkpoint_store.hpp"

#include <algorithm>
#include <chrono>
#include <new>
#include <stdexcept>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/folder.hpp"
#include "base/text.hpp"

namespace smlt::train {
namespace fs = std::filesystem;
namespace {

constexpr const char* kExtension = ".checkpoint";
constexpr size_t kLargestFile = size_t{64} << 30;
constexpr size_t kLargestLabel = size_t{1} << 24;  // a header with the journal of a long job

std::string write_to(const fs::path& file, const Checkpoint& checkpoint) {
  try {
    write_file(file, to_bytes(checkpoint));
    return "";
  } catch (const std::bad_alloc&) {
    return "There is not enough memory for a copy.";
  } catch (const std::exception& e) {
    return e.what();
  }
}

// Nullopt for a file that is not a checkpoint.
std::optional<Label> peek(const fs::path& file) {
  const std::string start = read_start(file, kLargestLabel);
  try {
    return label_of(start);
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

bool is_whole(const fs::path& file) {
  const std::string content = read_file(file, kLargestFile);
  try {
    static_cast<void>(from_bytes(content));
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

// Newest first, so that the sentence is about what the user did last.
std::vector<fs::path> checkpoints_in(const fs::path& directory) {
  std::vector<std::pair<fs::file_time_type, fs::path>> found;
  for (const fs::path& path : entries(directory)) {
    if (path.extension() != kExtension || path.filename().native().starts_with(".") || !is_file(path)) continue;
    std::error_code gone;
    found.emplace_back(fs::last_write_time(path, gone), path);
  }
  std::sort(found.rbegin(), found.rend());
  std::vector<fs::path> paths;
  for (auto& [time, path] : found) paths.push_back(std::move(path));
  return paths;
}

}  // namespace

CheckpointStore::CheckpointStore(fs::path directory, const Identity& identity, Output& output)
    : directory_(std::move(directory)), output_(output) {
  const std::string stem = stem_of(identity);
  files_ = {directory_ / (stem + "-a" + kExtension), directory_ / (stem + "-b" + kExtension)};
  for (const fs::path& file : files_) remove_leftovers(file);
}

std::optional<Checkpoint> CheckpointStore::newest() {
  std::optional<Checkpoint> newest;
  for (size_t i = 0; i < files_.size(); ++i) {
    std::optional<Checkpoint> found = read(files_[i]);
    if (!found || (newest && newest->sequence > found->sequence)) continue;
    newest = std::move(found);
    next_ = 1 - i;
  }
  if (newest) sequence_ = newest->sequence;
  return newest;
}

std::optional<Checkpoint> CheckpointStore::read(const fs::path& file) {
  if (!is_there(file)) return std::nullopt;
  if (!is_file(file)) {
    output_.line("The checkpoint {} cannot be used and is skipped: it is not a file.", in_quotes(file.native(), 300));
    return std::nullopt;
  }
  const std::string content = read_file(file, kLargestFile);
  try {
    return from_bytes(content);
  } catch (const std::invalid_argument& e) {
    output_.line("The checkpoint {} cannot be used and is skipped: {}.", in_quotes(file.native(), 300),
                 printable(e.what()));
    return std::nullopt;
  }
}

bool CheckpointStore::is_writing() const {
  return writing_.valid() && writing_.wait_for(std::chrono::seconds(0)) != std::future_status::ready;
}

void CheckpointStore::write(Checkpoint checkpoint) {
  wait();
  checkpoint.sequence = ++sequence_;
  writing_ = std::async(std::launch::async, write_to, files_[next_], std::move(checkpoint));
  next_ = 1 - next_;
}

void CheckpointStore::wait() {
  if (!writing_.valid()) return;
  const Error error = writing_.get();
  if (error.empty()) return;
  next_ = 1 - next_;  // the failed one is the one to replace
  output_.line("No checkpoint was written, and training continues: {}", error);
}

void CheckpointStore::clear() {
  for (const fs::path& file : files_) {
    std::error_code absent;
    fs::remove(file, absent);
  }
}

void refuse_another_identity(const fs::path& directory, const Identity& identity, const std::string& job) {
  for (const fs::path& file : checkpoints_in(directory)) {
    const std::optional<Label> label = peek(file);
    if (!label || label->job != job) continue;
    const std::string differing = differences(label->identity, identity);
    if (differing.empty()) return;
    if (!is_whole(file)) continue;  // the difference may be the damage
    throw UserError(
        "Expected the hyperparameters and data of the checkpoint {}, found a difference in {}; set them as they were, "
        "set resume=never to start anew, or use another checkpoint directory.",
        in_quotes(file.native(), 200), differing);
  }
}

}  // namespace smlt::train
