#pragma once

#include "codec/array/array.hpp"

namespace smlt::codec {

/// Appends the rows at the start of `[at, end)` to `table`, whose number of columns is known, up to the first that is
/// not plain: one with a quote in it, an empty one, one with another number of columns or with a field that is not a
/// number, or one within 72 bytes of the end. Returns where that row begins; it is left to code that can say more about
/// it.
///
/// Fast, because the ends of fields are found before the fields are read: no number waits for the end of the one before
/// it.
const char* take_plain_rows(const char* at, const char* end, FloatTable& table);

}  // namespace smlt::codec
