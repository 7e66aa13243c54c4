#pragma once

#include "codec/pickle.hpp"

namespace smlt::codec {

/// A dictionary of plain data and of numpy arrays of unsigned bytes (u1) or little-endian integers (i4, i8), by all
/// versions of numpy. The only names are those that numpy writes for an array; every other is refused.
extern const PickleForm kNumpyPickle;

}  // namespace smlt::codec
