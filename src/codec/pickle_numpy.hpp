// What a pickle may name, and what comes of calling it: a numpy array of plain numbers, put together here.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/pickle.hpp"
#include "codec/pickle_reader.hpp"

namespace smlt::codec {

/// The number of a known function or class, for PickleValue::number; refuses every other name.
int64_t global_called(std::string_view module, std::string_view name, const PickleReader& reader);

/// What `function` gives for `arguments`: an array without content, a dtype, or the bytes of a text, which `keep` puts
/// where they stay.
PickleValue result_of(const PickleValue& function, const std::vector<const PickleValue*>& arguments,
                      const std::function<std::string_view(std::string)>& keep, const PickleReader& reader);

/// Gives an array its content, or takes note of a dtype's byte order.
void set_state(PickleValue& value, const PickleValue& state, const PickleReader& reader);

}  // namespace smlt::codec
