#pragma once
// How a script is read by characters: blanks, quotes, what begins with $, redirections. The grammar above it
// is script.cpp.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/runbook/script.h"

namespace scenarios::runbook {

inline bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
inline bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
inline bool is_name(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }

/// Reads on from a place in a script, up to the first problem.
class TextReader {
 public:
  explicit TextReader(std::string_view text) : text_of_script_(text), text_(text_of_script_) {}
  TextReader(const TextReader&) = delete;
  TextReader& operator=(const TextReader&) = delete;
  TextReader(TextReader&&) = delete;
  TextReader& operator=(TextReader&&) = delete;

 protected:
  virtual ~TextReader() = default;
  /// The commands of a `$(`, up to its `)`.
  virtual Node read_substituted_list() = 0;

  /// Nested deeper than anybody writes, a text is refused before it exhausts the stack.
  static constexpr std::size_t kDepthMax = 100;
  class Deeper {
   public:
    explicit Deeper(TextReader& reader) : reader_(reader) {
      if (++reader_.depth_ > kDepthMax) {
        reader_.refuse("this is nested too deep", "write parts of it in lines of their own", reader_.at_);
      }
    }
    ~Deeper() { --reader_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;
    Deeper(Deeper&&) = delete;
    Deeper& operator=(Deeper&&) = delete;

   private:
    TextReader& reader_;
  };

  bool good() const { return problems_.empty(); }
  bool ended() const { return at_ >= text_.size(); }
  char here() const { return ended() ? '\0' : text_[at_]; }
  bool sees(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  /// Only the first problem is kept.
  void refuse(std::string text, std::string_view hint, std::size_t at);
  void skip_blanks();
  /// The word that begins here, as far as it is plain.
  std::string_view peek_word() const;
  bool assignment_begins() const;
  /// The text of a command up to its end, or one word of it.
  void read_text(Node& node, bool one_word);

  std::string text_of_script_;  ///< with blanks where here-documents were
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t substitutions_ = 0;
  char closing_ = ')';    ///< what ends the commands that are put into a text: `)` or a backtick
  std::string function_;  ///< the one whose body is being read; empty: none
  std::size_t depth_ = 0;
  std::size_t document_end_ = 0;  ///< one past the last here-document that was read
  std::vector<commands::CommandProblem> problems_;

 private:
  void copy(Node& node, std::size_t count);
  void add(Node& node, std::string_view text, std::size_t origin);
  void read_character(Node& node);
  void read_single_quotes(Node& node);
  void read_double_quotes(Node& node);
  void read_dollar(Node& node);
  void read_commands(Node& node);
  void read_arithmetic(Node& node);
  void read_backticks(Node& node);
  void read_parameter(Node& node);
  bool read_braces(Node& node);
  void read_default(Node& content, std::size_t begin);
  void read_redirection(Node& node);
  void read_document(Node& node);
  /// Puts a reference to the hidden variable of what is worked out into the text.
  void substitute(Node& node, Substitution substitution, std::size_t begin);
  std::string next_variable();
};

}  // namespace scenarios::runbook
