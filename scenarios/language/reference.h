#pragma once

#include <span>
#include <string>

#include "scenarios/language/check_declaration.h"

namespace scenarios::language {

/// The reference page of the language in Markdown, rendered from the field tables that the parser uses.
/// `checks` adds a section on them when it is not empty.
std::string render_reference(std::span<const CheckDeclaration> checks = {});

}  // namespace scenarios::language
