#pragma once

#include "codec/array/array.hpp"

namespace smlt::codec {

/// Appends the rows at the front of `[at, end)`, which begins with a row, to `table`, whose number of columns is known,
/// and returns where the first one begins that was not read: one with a quote in it, an empty one, one with another
/// number of columns or with a field that is not a number, or one within 72 bytes of the end. Those are left to code
/// that can say more about them.
///
/// The ends of fields are found before the fields are read, so one number need not wait for the end of the one before
/// it.
const char* take_plain_rows(const char* at, const char* end, FloatTable& table);

}  // namespace smlt::codec
