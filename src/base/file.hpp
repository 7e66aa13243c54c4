#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace smlt {

/// The whole file, at most `limit` bytes. Throws UserError if it is larger or not a regular file, PlatformError if it
/// cannot be read.
std::string read_file(const std::filesystem::path& path, size_t limit);

/// The first bytes of the file, at most `size`; otherwise as read_file.
std::string read_start(const std::filesystem::path& path, size_t size);

/// Replaces `path` by `content` so that a reader, or a crash at any instant, sees the old file or the new one: a
/// dot-named temporary in the same directory, fsync, rename. The file is readable by everybody, whatever the umask
/// (platform 13.3). Throws PlatformError naming path and cause, after removing the temporary.
void write_file(const std::filesystem::path& path, std::string_view content);

/// Throws UserError for a path with a NUL byte: the system would cut it there and open a different file.
void check_path(const std::filesystem::path& path);

/// Throws PlatformError "Cannot VERB 'PATH': CAUSE."
[[noreturn]] void throw_cannot(std::string_view verb, const std::filesystem::path& path, const std::error_code& cause);

/// Removes the temporaries of `path` that a process killed inside `write_file` left behind. Throws nothing.
void remove_leftovers(const std::filesystem::path& path);

}  // namespace smlt
