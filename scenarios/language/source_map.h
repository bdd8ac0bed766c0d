#pragma once

#include "scenarios/language/located.h"
#include "scenarios/language/yaml_document.h"

namespace scenarios::language {

/// A scalar as text that knows where each of its bytes stands in the file: plain, quoted, literal (`|`) and
/// folded (`>`) scalars, over one or many lines. Where the source cannot be followed (an alias, an unusual
/// escape) the rest of the text counts as standing at the last place known.
Text text_of(const Document& document, const Node& node);

/// A key as text.
Text text_of(const Document& document, const Member& member);

}  // namespace scenarios::language
