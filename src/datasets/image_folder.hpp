#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "datasets/looks.hpp"

namespace smlt::datasets {

/// Image files and the class of each; nothing is decoded yet.
struct ImageFiles {
  struct File {
    std::filesystem::path path;                                   // in an archive: after the archive's own path
    int64_t target;                                               // index into `classes`
    std::shared_ptr<const std::vector<uint8_t>> bytes = nullptr;  // as they are in the archive, if the file is in one
  };
  struct Undecodable {
    std::string name;
    std::string found;  // a phrase: "30 .heic, such as 'a/1.heic'"
  };
  std::vector<std::string> classes;      // names as base/name.hpp makes them valid UTF-8
  std::vector<File> files;               // class by class, sorted by path
  std::vector<Undecodable> undecodable;  // classes whose pictures all have formats that are not decoded
};

/// One folder per class, as in torchvision's ImageFolder: the classes are the sorted names of the folders, with images
/// at any depth in them. Folders whose names are equal in Unicode are one class. An image is a file called .jpg, .jpeg
/// or .png, or any other file that starts like a JPEG or PNG; a dangling link with such a name counts too. Hidden files
/// and folders are left out, and so are folders without pictures (ImageFolder refuses those). Throws PlatformError if
/// something cannot be read.
ImageFiles find_class_folders(const std::filesystem::path& folder, Looks& looks);

/// Whether `folder` has at least one such class, or only folders of pictures that are not decoded. Throws as
/// find_class_folders does.
bool has_class_folders(const std::filesystem::path& folder, Looks& looks);

/// The folder with images.txt, classes.txt and image_class_labels.txt, in the form of CUB-200-2011: `channel` itself or
/// a folder in it.
std::optional<std::filesystem::path> find_cub_tree(const std::filesystem::path& channel);

/// The images that the three files of such a tree list, below images/. Classes keep the order of classes.txt. Throws
/// UserError naming file and line for a line in another form.
ImageFiles read_cub_tree(const std::filesystem::path& tree);

/// The archive of such a tree (.tgz, .tar.gz or .tar), as CUB-200-2011 is published: a file in `channel`, recognised by
/// the name CUB_200_2011 or by the names of its first members.
std::optional<std::filesystem::path> find_cub_archive(const std::filesystem::path& channel, Looks& looks);

/// The same for an archive. Its images are read in the same pass and kept compressed, because an archive cannot be read
/// again from a given image, and nothing is unpacked to disk. Throws UserError as read_cub_tree does, and if a listed
/// image is missing, the archive is damaged, or its images exceed `most_bytes` in all.
ImageFiles read_cub_archive(const std::filesystem::path& archive, uint64_t most_bytes);

}  // namespace smlt::datasets
