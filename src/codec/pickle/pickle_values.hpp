// The contents of lists and numpy arrays in a pickle, as plain values, whichever of the two it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "codec/pickle/pickle.hpp"

namespace smlt::codec {

/// An element of an array of integers, of 1, 2, 4 or 8 bytes, with or without a sign. Returns nullopt for an array of
/// another type, for an index past its end, and for a number above 2^63 - 1.
std::optional<int64_t> integer_at(const PickleValue& array, size_t index);

/// An element of an array of texts or bytes ("U10", "S10"), in UTF-8; nullopt for any other.
std::optional<std::string> text_at(const PickleValue& array, size_t index);

/// The integers of a list, of a tuple or of an array of any shape, one by one, nullopt for an element that is not an
/// integer. The items of a list may be Python's, numpy's, or arrays with one element.
std::vector<std::optional<int64_t>> integers_of(const PickleValue& sequence);

/// Likewise the texts; "" for an element that is not one.
std::vector<std::string> texts_of(const PickleValue& sequence);

/// For an error sentence: "a numpy array of type 'f4'", "a list".
std::string described(const PickleValue& value);

}  // namespace smlt::codec
