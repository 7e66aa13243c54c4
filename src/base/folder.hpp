#pragma once

#include <filesystem>
#include <vector>

namespace smlt {

// What a file system says about a path. The throwing functions of std::filesystem are called in this room only
// (tests/base/test_filesystem_calls.py): their exception says neither who has to act nor what to do. Each function here
// throws PlatformError naming path and cause, and UserError for a path with a NUL byte, which the system would cut
// there.

/// Whether anything is at `path`, symbolic links followed; a dangling link does not count. Throws if that cannot be
/// determined: no permission for a folder on the way, a link to itself, a name too long.
bool is_there(const std::filesystem::path& path);

/// Whether `path` is a regular file, or a folder; otherwise as above.
bool is_file(const std::filesystem::path& path);
bool is_folder(const std::filesystem::path& path);

/// Everything in `folder`, hidden files too, sorted by path. The kind of an entry is known without asking the file
/// system again, unless it is a symbolic link.
std::vector<std::filesystem::directory_entry> entries(const std::filesystem::path& folder);

/// Creates `folder` and any missing folders above it.
void create_folder(const std::filesystem::path& folder);

/// Lets every user read, write and remove `top` and everything in it. A symbolic link below `top` and its target are
/// left alone. Whatever cannot be changed, or lies more than 64 folders deep, stays as it is; the rest is still
/// changed. Never throws.
void open_to_everybody(const std::filesystem::path& top);

}  // namespace smlt
