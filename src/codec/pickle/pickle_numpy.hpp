#pragma once

#include "codec/pickle/pickle.hpp"

namespace smlt::codec {

/// A dictionary of plain data and of numpy's arrays and scalars, as all versions of numpy pickle them, in any order of
/// rows and columns and either byte order. The content of arrays of objects is a list, that of dates and records is
/// left out. The only names are those that numpy writes for these; every other is refused.
extern const PickleForm kNumpyPickle;

}  // namespace smlt::codec
