#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace smlt::datasets {

/// Image files and the class of each: nothing has been decoded.
struct ImageFiles {
  struct File {
    std::filesystem::path path;                                   // in an archive: after the archive's own
    int64_t target;                                               // index into `classes`
    std::shared_ptr<const std::vector<uint8_t>> bytes = nullptr;  // as they are in the archive, if it lies in one
  };
  struct Undecodable {
    std::string name;
    std::string found;  // a phrase: "30 .heic, such as 'a/1.heic'"
  };
  std::vector<std::string> classes;      // names as base/name.hpp makes them valid UTF-8
  std::vector<File> files;               // class by class, sorted by path
  std::vector<Undecodable> undecodable;  // classes whose pictures are all of formats that are not decoded
};

/// One folder per class, as torchvision's ImageFolder has it: the classes are the sorted names of the folders, their
/// images lie in them at any depth. Folders whose names are equal to Unicode are one class. An image is what is called
/// .jpg, .jpeg or .png, and every other file that starts as a JPEG or PNG; a link of such a name that leads nowhere is
/// among them. Hidden files and folders are left out, and so are folders without pictures (ImageFolder refuses those).
/// Throws PlatformError when something cannot be read.
ImageFiles find_class_folders(const std::filesystem::path& folder);

/// Whether `folder` has at least one such class, or nothing but folders of pictures that are not decoded. Throws as
/// find_class_folders does.
bool has_class_folders(const std::filesystem::path& folder);

/// The folder with images.txt, classes.txt and image_class_labels.txt, in the form of CUB-200-2011: `channel` itself or
/// a folder in it.
std::optional<std::filesystem::path> find_cub_tree(const std::filesystem::path& channel);

/// The images that the three files of such a tree list, below images/. Classes keep the order of classes.txt. Throws
/// UserError naming file and line for a line that is not as they have it.
ImageFiles read_cub_tree(const std::filesystem::path& tree);

/// The archive of such a tree (.tgz, .tar.gz or .tar), as CUB-200-2011 is published: a file in `channel`, known by the
/// name CUB_200_2011 or by what lies in its first megabyte.
std::optional<std::filesystem::path> find_cub_archive(const std::filesystem::path& channel);

/// The same of an archive, whose images come along, compressed as they are, in one pass: an archive cannot be read
/// again at an image, and nothing is unpacked to disk. Throws UserError as read_cub_tree does, and where an image that
/// is listed is missing, the archive is damaged, or its images are more than `most_bytes` in all.
ImageFiles read_cub_archive(const std::filesystem::path& archive, uint64_t most_bytes);

}  // namespace smlt::datasets
