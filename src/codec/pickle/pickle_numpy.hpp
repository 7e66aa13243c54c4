#pragma once

#include "codec/pickle/pickle.hpp"

namespace smlt::codec {

/// A dictionary of plain data and numpy's arrays and scalars, as every version of numpy pickles them, row-major or
/// column-major and in either byte order. Arrays of objects become lists; the contents of date and record arrays are
/// left out. The only names are those that numpy writes for these; all others are refused.
extern const PickleForm kNumpyPickle;

}  // namespace smlt::codec
