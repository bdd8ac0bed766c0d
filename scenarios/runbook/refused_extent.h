#pragma once

#include <cstddef>
#include <string_view>

namespace scenarios::runbook {

/// Where what begins at `begin`, and cannot be taken, ends: at the end of its line, or of the line that
/// closes what the line opens (`fi`, `done`, `esac`, `}`). Only words where a command can begin count. A
/// script that never closes it is read on in the next line.
std::size_t refused_extent(std::string_view script, std::size_t begin);

}  // namespace scenarios::runbook
