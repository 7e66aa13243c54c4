#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace smlt {

/// The whole file, at most `limit` bytes. Throws UserError when it is larger or not a regular file,
/// PlatformError when it cannot be read.
std::string read_file(const std::filesystem::path& path, size_t limit);

/// The first `size` bytes, fewer where the file is shorter or is no regular file (then none). Throws PlatformError when
/// it cannot be read.
std::string read_start(const std::filesystem::path& path, size_t size);

/// Replaces `path` by `content` so that a reader, or a crash at any instant, sees the old file or the new one:
/// a dot-named temporary in the same directory, fsync, rename. The file is readable by everybody whatever the
/// umask (platform 13.3). Throws PlatformError naming path and cause; the temporary is removed then.
void write_file(const std::filesystem::path& path, std::string_view content);

/// Removes the temporaries of `path` that a process killed inside `write_file` has left. Throws nothing.
void remove_leftovers(const std::filesystem::path& path);

}  // namespace smlt
