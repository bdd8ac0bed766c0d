#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/language/check_declaration.h"
#include "scenarios/language/diagnostic.h"
#include "scenarios/language/yaml_document.h"

namespace scenarios::language {

/// What the parser carries along: the document, the path of the value that is being read, and where the
/// diagnostics go.
class Reader {
 public:
  Reader(const Document& document, const KnownWords& known, Diagnostics& diagnostics)
      : document_(document), known_(known), diagnostics_(diagnostics) {}

  const Document& document() const { return document_; }
  const KnownWords& known() const { return known_; }
  Diagnostics& diagnostics() { return diagnostics_; }

  /// `plan[0].run`.
  const std::string& path() const { return path_; }

  Location where(const Node& node) const { return document_.where(node); }
  void error(const Node& node, std::string problem, std::string hint = {}) {
    diagnostics_.error(where(node), path_, std::move(problem), std::move(hint));
  }
  void warning(const Node& node, std::string problem, std::string hint = {}) {
    diagnostics_.warning(where(node), path_, std::move(problem), std::move(hint));
  }

  /// Reads what is below a key or an item; the path is restored at the end of the scope.
  class Below {
   public:
    Below(Reader& reader, const std::string& key);
    Below(Reader& reader, std::size_t index);
    ~Below() { reader_.path_.resize(size_); }
    Below(const Below&) = delete;
    Below& operator=(const Below&) = delete;

   private:
    Reader& reader_;
    std::size_t size_;
  };

 private:
  const Document& document_;
  const KnownWords& known_;
  Diagnostics& diagnostics_;
  std::string path_;
};

/// What a node is, for messages: "a list", "a mapping", "the text worker-1", "nothing".
std::string describe(const Node& node);

}  // namespace scenarios::language
