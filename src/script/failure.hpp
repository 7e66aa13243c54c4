#pragma once

#include <exception>
#include <string>

namespace smlt::script {

/// The class of an exception that a script raises ("ValueError"); "" for an operator's exception.
std::string raised_class(const std::exception& error);

/// The cause in one line, without stack traces: the end of TorchScript's own traceback.
std::string cause_of(const std::exception& error);

}  // namespace smlt::script
