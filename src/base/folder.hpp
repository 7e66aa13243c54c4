#pragma once

#include <filesystem>
#include <vector>

namespace smlt {

// What a file system says of a path. The throwing functions of std::filesystem are called in no other room
// (tests/base/test_filesystem_calls.py): their exception knows neither who has to act nor what to do. Each function
// here throws PlatformError naming path and cause, and UserError for a path with a NUL byte, which the system would
// cut there.

/// Whether anything is at `path`, symbolic links followed; a link that leads nowhere is nothing. Throws if that cannot
/// be told: no permission for a folder on the way, a link to itself, a name too long.
bool is_there(const std::filesystem::path& path);

/// Whether `path` is a regular file, or a folder; as above.
bool is_file(const std::filesystem::path& path);
bool is_folder(const std::filesystem::path& path);

/// Everything in `folder`, hidden files too, sorted by path. An entry knows its kind without asking the file system
/// again, unless it is a symbolic link.
std::vector<std::filesystem::directory_entry> entries(const std::filesystem::path& folder);

/// Makes `folder`, and those above it that are missing.
void create_folder(const std::filesystem::path& folder);

/// Lets every user read, write and remove `top` and what is in it. A symbolic link below `top` is left alone, and so is
/// what it leads to. What cannot be changed, or lies more than 64 folders deep, stays as it is, and the rest is changed
/// all the same. Throws nothing.
void open_to_everybody(const std::filesystem::path& top);

}  // namespace smlt
