#pragma once

#include <string_view>

#include "http/media_type.hpp"
#include "http/message.hpp"
#include "serve/body_type.hpp"
#include "settings/endpoint.hpp"

namespace smlt::serve {

/// The types of an answer.
inline constexpr const char* kJson = "application/json";
inline constexpr const char* kLines = "application/jsonlines";
inline constexpr const char* kCsv = "text/csv";
inline constexpr const char* kNpy = "application/x-npy";

/// What the answer to a request looks like.
struct Form {
  http::MediaType type;
  bool by_lines = false;   // each record has a line of its own, also if it fails
  bool ends_line = false;  // the last line ends with a line feed
};

/// The form of the answer to a request whose body is of this type. Throws Refusal (406) if it cannot be what the
/// client's header Accept wants.
///
/// If that is missing, empty or any type, the type is `default_accept`, with three exceptions: JSON Lines are answered
/// with JSON Lines if the default is JSON, CSV in a batch transform then with CSV, and a model that
/// `returns_structures` answers JSON if the default cannot carry them: npy and CSV carry one tensor.
///
/// An answer by lines is the one to JSON Lines in JSON Lines, and in a batch transform the one to JSON Lines or CSV in
/// any of JSON, JSON Lines and CSV: a line of JSON for each record then. A transform job glues answers
/// together as they are, unless AssembleWith=Line adds a line feed to each: the settings decide whether the last line
/// ends with one (platform 14.8).
Form form_of(const http::Request& request, BodyType body, const settings::Endpoint& settings,
             bool returns_structures = false);

/// Whether a body whose head this is can be answered in parts: in a batch transform, if by its header Content-Type it
/// is lines, and so is the answer.
bool takes_parts(const http::Request& head, const settings::Endpoint& settings, bool returns_structures);

}  // namespace smlt::serve
