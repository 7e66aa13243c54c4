#pragma once

#include <cstddef>

namespace smlt::machine {

/// Raises the soft limit of open files to the hard one, since each connection is a file, and returns it.
size_t raise_file_limit();

}  // namespace smlt::machine
