#include "scenarios/language/reader.h"

#include <fmt/format.h>

namespace scenarios::language {

Reader::Below::Below(Reader& reader, const std::string& key) : reader_(reader), size_(reader.path_.size()) {
  if (!reader_.path_.empty()) reader_.path_ += '.';
  reader_.path_ += key;
}

Reader::Below::Below(Reader& reader, std::size_t index) : reader_(reader), size_(reader.path_.size()) {
  reader_.path_ += fmt::format("[{}]", index);
}

std::string describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::sequence:
      return "a list";
    case Node::Kind::mapping:
      return "a mapping";
    case Node::Kind::scalar:
      break;
  }
  constexpr std::size_t shown_max = 40;
  if (node.text.empty()) return "an empty text";
  if (node.text.size() <= shown_max) return fmt::format("\"{}\"", node.text);
  // Cut between characters: a byte of the form 10xxxxxx continues one.
  std::size_t cut = shown_max;
  while (cut > 0 && (static_cast<unsigned char>(node.text[cut]) & 0xC0U) == 0x80U) --cut;
  return fmt::format("\"{}...\"", node.text.substr(0, cut));
}

std::string_view words_for(ParameterType type) {
  switch (type) {
    case ParameterType::text:
      return "text";
    case ParameterType::integer:
      return "integer";
    case ParameterType::boolean:
      return "true or false";
    case ParameterType::duration:
      return "duration";
    case ParameterType::hostlist:
      return "hostlist";
    case ParameterType::list:
      return "list of text";
    case ParameterType::condition:
      return "condition, as in `then`";
  }
  return "";
}

}  // namespace scenarios::language
