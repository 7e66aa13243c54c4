#include "datasets/cifar_data.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <thread>
#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/folder.hpp"
#include "base/text.hpp"
#include "codec/archive/tar.hpp"
#include "datasets/cifar_layout.hpp"

namespace smlt::datasets {
namespace fs = std::filesystem;
namespace {

constexpr size_t kLargestFile = size_t{1} << 30;  // CIFAR-100's training images in protocol 0 take 600 MB
constexpr uint64_t kLargestArchive = uint64_t{4} << 30;

using Bytes = std::span<const uint8_t>;

// A file of a place, read.
struct Part {
  CifarRows rows = {};
  std::vector<std::string> names = {};
};
using Parts = std::map<int, Part>;  // by the layout's numbers

Part part_of(const CifarPlace& place, int number, Bytes bytes, const std::string& name) {
  Part part;
  if (number == CifarLayout::kNames) {
    part.names = read_cifar_names(place.form, place.classes, bytes, name);
  } else {
    part.rows = read_cifar_rows(place.form, place.classes, bytes, name);
  }
  return part;
}

Part part_of_file(const CifarPlace& place, int number, const fs::path& file) {
  const std::string content = read_file(file, kLargestFile);
  return part_of(place, number, {reinterpret_cast<const uint8_t*>(content.data()), content.size()}, file.native());
}

using Files = std::vector<std::pair<int, fs::path>>;  // by the layout's numbers

Files files_of(const CifarPlace& place) {
  const CifarLayout& layout = cifar_layout(place.form, place.classes);
  Files files;
  for (int number = CifarLayout::kNames; number <= layout.last_number(); ++number) {
    const fs::path file = place.path / layout.file_name(number);
    if (is_there(file)) files.emplace_back(number, file);
  }
  return files;
}

Parts read_folder(const CifarPlace& place, const Files& files, int64_t threads) {
  std::vector<Part> parts(files.size());
  std::vector<std::exception_ptr> failures(files.size());
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < files.size(); i = next++) {
      try {
        parts[i] = part_of_file(place, files[i].first, files[i].second);
      } catch (...) {  // exceptions must not leave a thread
        failures[i] = std::current_exception();
      }
    }
  };
  {
    std::vector<std::jthread> workers;
    for (int64_t i = 1; i < threads; ++i) workers.emplace_back(work);
    work();
  }
  Parts found;
  for (size_t i = 0; i < files.size(); ++i) {
    if (failures[i]) std::rethrow_exception(failures[i]);
    found.emplace(files[i].first, std::move(parts[i]));
  }
  return found;
}

// CIFAR's files in an archive, in its order; `visit` returns whether to go on.
void visit_archive(const CifarPlace& place, const std::function<bool(int, Part)>& visit) {
  const CifarLayout& layout = cifar_layout(place.form, place.classes);
  codec::TarReader archive(place.path, kLargestArchive);
  while (const auto member = archive.next()) {
    const auto number = layout.number_of(fs::path(member->name).filename().string());
    if (!number) continue;
    const std::string name = place.path.native() + ":" + member->name;
    if (member->size > kLargestFile) {
      throw UserError("Expected a file of at most {} bytes, found {} bytes in {}.", kLargestFile, member->size,
                      in_quotes(name, 200));
    }
    if (!visit(*number, part_of(place, *number, archive.read(), name))) return;
  }
}

Parts read_archive(const CifarPlace& place) {
  Parts parts;
  visit_archive(place, [&](int number, Part part) {
    if (parts.contains(number)) {
      throw UserError("Expected one file called '{}' in {}, found two; keep one of them.",
                      cifar_layout(place.form, place.classes).file_name(number), in_quotes(place.path.native(), 200));
    }
    return parts.emplace(number, std::move(part)), true;
  });
  return parts;
}

void check_complete(const Parts& parts, const CifarPlace& place) {
  const CifarLayout& layout = cifar_layout(place.form, place.classes);
  const int last = parts.empty() ? 0 : parts.rbegin()->first;
  if (last < 0 || parts.empty()) {
    throw UserError("Expected {} in {}, found none of its files.", place.title(), in_quotes(place.path.native(), 200));
  }
  for (int number = 1; number < last; ++number) {
    if (parts.contains(number)) continue;
    throw UserError("Expected {} to {} in {}, found no {}; add it.", layout.file_name(1), layout.file_name(last),
                    in_quotes(place.path.native(), 200), layout.file_name(number));
  }
}

void append(CifarRows& all, CifarRows rows, size_t expected) {
  if (all.size() == 0) {
    std::swap(all, rows);
    all.images.reserve(expected * CifarRows::kPixels);
  } else {
    all.images.insert(all.images.end(), rows.images.begin(), rows.images.end());
    all.labels.insert(all.labels.end(), rows.labels.begin(), rows.labels.end());
  }
}

// The first file with rows.
std::optional<std::pair<int, Part>> first_part(const CifarPlace& place) {
  std::optional<std::pair<int, Part>> found;
  if (place.is_archive) {
    visit_archive(place, [&](int number, Part part) {
      if (number != CifarLayout::kNames) found.emplace(number, std::move(part));
      return !found;
    });
  } else {
    for (const auto& [number, file] : files_of(place)) {
      if (number != CifarLayout::kNames) return std::pair(number, part_of_file(place, number, file));
    }
  }
  return found;
}

// Of the file of that number; empty for one that the data lacks.
std::span<const uint8_t> labels_of(const CifarData& data, int number) {
  if (number == CifarLayout::kTest) return data.test.labels;
  const auto file = data.first_rows.find(number);
  if (file == data.first_rows.end()) return {};
  const auto next = std::next(file);
  const size_t end = next == data.first_rows.end() ? data.train.size() : next->second;
  return std::span(data.train.labels).subspan(file->second, end - file->second);
}

}  // namespace

CifarData read_cifar(const CifarPlace& place, int64_t threads) {
  CifarData data;
  const Files files = place.is_archive ? Files{{0, place.path}} : files_of(place);
  for (const auto& [number, file] : files) data.files.push_back(file);
  data.threads = place.is_archive ? 1 : std::clamp<int64_t>(threads, 1, std::max<int64_t>(std::ssize(files), 1));
  Parts parts = place.is_archive ? read_archive(place) : read_folder(place, files, data.threads);
  check_complete(parts, place);
  size_t train_rows = 0;
  for (const auto& [number, part] : parts) train_rows += number > 0 ? part.rows.size() : 0;
  for (auto& [number, part] : parts) {
    if (number == CifarLayout::kNames) {
      data.names = std::move(part.names);
    } else if (number == CifarLayout::kTest) {
      data.test = std::move(part.rows);
    } else {
      data.first_rows[number] = data.train.size();
      append(data.train, std::exchange(part.rows, {}), train_rows);  // each batch is freed as soon as it is copied
    }
  }
  return data;
}

CifarReading::CifarReading(CifarPlace where, int64_t threads)
    : place(std::move(where)), data([it = place, threads] { return read_cifar(it, threads); }) {}

bool is_same_cifar(CifarReading& read, const CifarPlace& other) {
  if (read.place.classes != other.classes) return false;
  const auto first = first_part(other);
  if (!first) return false;
  const auto labels = labels_of(read.data.value(), first->first);
  const std::vector<uint8_t>& others = first->second.rows.labels;
  return std::equal(labels.begin(), labels.end(), others.begin(), others.end());
}

}  // namespace smlt::datasets
