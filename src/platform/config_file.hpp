#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "platform/tree.hpp"

namespace smlt::platform {

/// One of the files under input/config as text, without a byte-order mark: "" if it is absent. At most 16 MiB
/// (hyperparameters are limited to 100 entries of 2,756 bytes by the API). Throws UserError naming the file if it is
/// larger, in UTF-16 or not a regular file, and PlatformError if it cannot be read.
std::string read_config_file(const Tree& tree, const std::string& name);

/// The full path of a file under input/config, as error sentences show it.
std::string config_path(const Tree& tree, const std::string& name);

/// A file under input/config as a JSON object; nullopt if it is absent or blank. Throws UserError as above.
std::optional<boost::json::object> read_object(const Tree& tree, const std::string& name);

}  // namespace smlt::platform
