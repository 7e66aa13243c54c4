// Room compiled: networks that the AOTInductor, PyTorch's compiler, has made into native code (.pt2). Loading one runs
// its author's program.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>

#include "base/temporary_folder.hpp"

namespace smlt::compiled {

/// A package on disk, ready to be loaded.
struct Package {
  std::string name;                             // of the archive or folder, in quotes, for sentences
  std::filesystem::path library;                // the compiled network, in a folder with whatever it opens
  std::map<std::string, std::string> metadata;  // what the compiler wrote down
  TemporaryFolder unpacked;                     // empty if the package is a folder
};

/// Opens an archive as torch._inductor.aoti_compile_and_package writes it, which is unpacked below /tmp, or the folder
/// that one was unpacked into. Nothing of it is loaded yet. Throws UserError if it is damaged, holds several networks,
/// sources alone, weights of its own, or names that are no plain file names; PlatformError if it cannot be read or
/// unpacked.
Package open_package(const std::filesystem::path& path);

}  // namespace smlt::compiled
