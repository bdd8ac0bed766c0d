#include "scenarios/language/yaml_document.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>

#include "scenarios/language/text_encoding.h"

namespace scenarios::language {
namespace {

/// Thrown out of yaml-cpp's parser when a limit or a rule of ours is broken; caught in load_documents.
struct Refused {
  YAML::Mark mark;
  std::string problem;
  std::string hint;
};

/// Counts the values below and including `node`.
std::size_t count_nodes(const Node& node) {
  std::size_t count = 1;
  for (const Node& item : node.items) count += count_nodes(item);
  for (const Member& member : node.members) count += count_nodes(member.value);
  return count;
}

/// Builds our tree from yaml-cpp's events. yaml-cpp's own tree loses duplicate keys and quoting, and expands
/// aliases to shared nodes whose walk is what a YAML bomb explodes.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const LoadLimits& limits, std::size_t nodes_before) : limits_(limits), nodes_(nodes_before) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    root_ = Node{};
    root_.line = mark.line + 1;
    root_.column = mark.column + 1;
    stack_.clear();
    anchors_.clear();
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    place(new_node(Node::Kind::null, mark), mark, anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node = new_node(Node::Kind::scalar, mark);
    node.text = value;
    node.quoted = tag != "?";
    if (node.quoted) last_quoted_ = {node.line, node.column};
    if (tag != "?" && tag != "!" && !tag.empty() && tag != "tag:yaml.org,2002:str") refuse_tag(mark, tag);
    place(std::move(node), mark, anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::sequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::mapping, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refused{mark, "an alias refers to a value that contains it", ""};
    count(found->second.nodes, mark);
    place_counted(Node{found->second.value}, mark);
  }

  Node take() { return std::move(root_); }
  std::size_t nodes() const { return nodes_; }
  /// Where the last scalar in quotes begins; line 0 when there is none.
  LineColumn last_quoted() const { return last_quoted_; }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    Member pending;
  };
  struct Anchored {
    Node value;
    std::size_t nodes = 0;
  };

  static Node new_node(Node::Kind kind, const YAML::Mark& mark) {
    Node node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }

  [[noreturn]] static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    throw Refused{mark, fmt::format("the YAML tag {} is not known here", tag), "remove the tag"};
  }

  void count(std::size_t added, const YAML::Mark& mark) {
    nodes_ += added;
    if (nodes_ > limits_.nodes_max) {
      throw Refused{mark,
                    fmt::format("the file holds more than {} values, aliases expanded", limits_.nodes_max),
                    "split the file, or write fewer aliases"};
    }
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (tag != "?" && tag != "!" && !tag.empty()) refuse_tag(mark, tag);
    if (static_cast<int>(stack_.size()) >= limits_.depth_max) {
      throw Refused{
          mark, fmt::format("lists and mappings are nested deeper than {} levels", limits_.depth_max), ""};
    }
    if (!stack_.empty() && stack_.back().node.is_mapping() && !stack_.back().has_key) refuse_key(mark);
    stack_.push_back({new_node(kind, mark), anchor, false, {}});
  }

  void close() {
    Open done = std::move(stack_.back());
    stack_.pop_back();
    const YAML::Mark none;
    place(std::move(done.node), none, done.anchor);
  }

  [[noreturn]] static void refuse_key(const YAML::Mark& mark) {
    throw Refused{mark, "a key must be plain text, not a list or a mapping",
                  "put quotes around a text that begins with [ or {; or is a bracket not closed?"};
  }

  void place(Node node, const YAML::Mark& mark, YAML::anchor_t anchor) {
    count(1, mark);
    if (anchor != 0) {
      const std::size_t held = count_nodes(node);
      count(held, mark);  // The kept copy costs memory too.
      anchors_[anchor] = {node, held};
    }
    place_counted(std::move(node), mark);
  }

  void place_counted(Node node, const YAML::Mark& mark) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = stack_.back();
    if (parent.node.is_sequence()) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.has_key) {
      parent.pending.value = std::move(node);
      if (parent.pending.value.is_null()) {
        // yaml-cpp places what is not there at whatever comes next.
        parent.pending.value.line = parent.pending.line;
        parent.pending.value.column = parent.pending.column;
      }
      parent.node.members.push_back(std::move(parent.pending));
      parent.pending = Member{};
      parent.has_key = false;
    } else {
      if (!node.is_scalar()) refuse_key(mark);
      if (node.text == "<<" && !node.quoted) {
        throw Refused{mark, "merge keys (<<) are not known here", "write the keys out"};
      }
      parent.pending.key = std::move(node.text);
      parent.pending.line = node.line;
      parent.pending.column = node.column;
      parent.has_key = true;
    }
  }

  const LoadLimits& limits_;
  std::size_t nodes_;
  Node root_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  LineColumn last_quoted_{0, 0};
};

/// yaml-cpp's place, 1-based and kept inside the text: at the end of a truncated file it points past it.
LineColumn place_of(std::string_view text, const YAML::Mark& mark) {
  const LineColumn last = line_column(text, text.size());
  if (mark.is_null() || mark.line < 0) return last;
  LineColumn at{mark.line + 1, mark.column + 1};
  if (at.line > last.line || (at.line == last.line && at.column > last.column)) return last;
  return at;
}

/// What to do about an error that yaml-cpp names in its own words.
std::string hint_for(const std::string& message, bool at_end) {
  if (message.find("tab") != std::string::npos) return "indent with blanks, not with tabs";
  if (message.find("anchor") != std::string::npos) return "quote a text that begins with *";
  if (message.find("EOF in scalar") != std::string::npos)
    return "the file ends inside a quoted text: is it cut off, or a quote not closed?";
  if (at_end) return "the file ends in the middle of a value: is it cut off, or a bracket not closed?";
  if (message.find("not found") != std::string::npos)
    return "is a line indented differently from those above, or a bracket not closed?";
  return "quote a text that contains ': ' or ' #' or begins with one of [ ] { } & * ! | > % @ `";
}

void report_malformed(const Source& source, const YAML::Exception& exception, Diagnostics& diagnostics) {
  LineColumn at = place_of(source.text, exception.mark);
  const LineColumn last = line_column(source.text, source.text.size());
  // yaml-cpp loses the place when the text ends before a bracket is closed.
  const bool lost = exception.mark.line == 0 && exception.mark.column == 0;
  if (lost && exception.msg.find("flow not found") != std::string::npos) at = last;
  const bool at_end = at.line == last.line && at.column == last.column;
  diagnostics.error({source.file, at.line, at.column}, "",
                    fmt::format("this is not well-formed YAML: {}", exception.msg),
                    hint_for(exception.msg, at_end));
}

/// yaml-cpp takes a quoted scalar that the end of the file cuts off for a whole one. Only the last quoted
/// scalar can be cut off, so only that is looked at. True when it was reported.
bool report_open_quote(const Source& source, const LineColumn& at, Diagnostics& diagnostics) {
  std::size_t i = 0;
  for (int line = 1; line < at.line; ++line) i = source.text.find('\n', i) + 1;
  i += static_cast<std::size_t>(at.column - 1);
  if (i >= source.text.size()) return false;
  const char quote = source.text[i];
  if (quote != '"' && quote != '\'') return false;  // A block scalar, or a tag before the scalar.
  for (++i; i < source.text.size(); ++i) {
    if (quote == '"' && source.text[i] == '\\') {
      ++i;
    } else if (source.text[i] == quote) {
      const bool doubled = quote == '\'' && i + 1 < source.text.size() && source.text[i + 1] == quote;
      if (!doubled) return false;
      ++i;
    }
  }
  diagnostics.error({source.file, at.line, at.column}, "", "the quote that opens here is not closed",
                    "is the file cut off?");
  return true;
}

void report_duplicates_below(const Document& document, const Node& node, const std::string& path,
                             Diagnostics& diagnostics) {
  std::map<std::string_view, const Member*> first;
  for (const Member& member : node.members) {
    const std::string below = path.empty() ? member.key : path + "." + member.key;
    const auto [found, fresh] = first.emplace(member.key, &member);
    if (!fresh) {
      diagnostics.error(
          document.where(member), below,
          fmt::format("the key {} is given twice, first in line {}", member.key, found->second->line),
          "keep one of them");
    }
    report_duplicates_below(document, member.value, below, diagnostics);
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    report_duplicates_below(document, node.items[i], fmt::format("{}[{}]", path, i), diagnostics);
  }
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.key == key; });
  return found == members.end() ? nullptr : &found->value;
}

Node* Node::find(std::string_view key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

Location Document::where(const Node& node) const {
  return {sources[node.source]->file, node.line, node.column};
}

Location Document::where(const Member& member) const {
  return {sources[member.source]->file, member.line, member.column};
}

LoadLimits manifest_limits() {
  return {
      .bytes_max = std::size_t{64} << 20, .nodes_max = 3'000'000, .depth_max = 100, .documents_max = 100'000};
}

void report_duplicate_keys(const Document& document, Diagnostics& diagnostics) {
  report_duplicates_below(document, document.root, "", diagnostics);
}

std::vector<Document> load_documents(std::string text, std::string file, const LoadLimits& limits,
                                     Diagnostics& diagnostics) {
  std::vector<Document> documents;
  const auto source = std::make_shared<const Source>(Source{std::move(file), std::move(text)});
  if (source->text.size() > limits.bytes_max) {
    diagnostics.error({source->file, 1, 1}, "",
                      fmt::format("the file is larger than {} bytes", limits.bytes_max), "split the file");
    return documents;
  }
  if (const auto problem = find_encoding_problem(source->text)) {
    const LineColumn at = line_column(source->text, problem->offset);
    diagnostics.error({source->file, at.line, at.column}, "", problem->problem, problem->hint);
    return documents;
  }
  std::istringstream in(source->text);
  std::size_t nodes = 0;
  try {
    YAML::Parser parser(in);
    while (true) {
      TreeBuilder builder(limits, nodes);
      if (!parser.HandleNextDocument(builder)) break;
      nodes = builder.nodes();
      if (builder.last_quoted().line > 0 && report_open_quote(*source, builder.last_quoted(), diagnostics))
        break;
      documents.push_back({{source}, builder.take()});
      if (documents.size() > limits.documents_max) {
        const Document& extra = documents.back();
        diagnostics.error(extra.where(extra.root), "",
                          fmt::format("the file holds more than {} YAML document{}", limits.documents_max,
                                      limits.documents_max == 1 ? "" : "s"),
                          "one file, one scenario: is this line indented differently from those above, or "
                          "preceded by ---?");
        return documents;
      }
    }
  } catch (const Refused& refused) {
    const LineColumn at = place_of(source->text, refused.mark);
    diagnostics.error({source->file, at.line, at.column}, "", refused.problem, refused.hint);
  } catch (const YAML::Exception& exception) {
    report_malformed(*source, exception, diagnostics);
  }
  for (const Document& document : documents) report_duplicate_keys(document, diagnostics);
  return documents;
}

std::string read_text_file(const std::string& file, std::size_t bytes_max, Diagnostics& diagnostics) {
  std::ifstream in(file, std::ios::binary);
  std::string text;
  if (!in) {
    diagnostics.error({file, 0, 0}, "", "the file cannot be opened", "does it exist, and may you read it?");
    return text;
  }
  // Read in blocks and stop at the limit: the "file" may be a pipe or a device without an end.
  char block[1 << 16];
  while (text.size() <= bytes_max) {
    in.read(block, sizeof block);
    const auto got = in.gcount();
    if (got <= 0) break;
    text.append(block, static_cast<std::size_t>(got));
  }
  if (in.bad() || (text.empty() && !in.eof())) {
    diagnostics.error({file, 0, 0}, "", "the file cannot be read", "is it a directory?");
  } else if (text.size() > bytes_max) {
    diagnostics.error({file, 1, 1}, "", fmt::format("the file is larger than {} bytes", bytes_max),
                      "split the file");
    text.clear();
  }
  return text;
}

}  // namespace scenarios::language
