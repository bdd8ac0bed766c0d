#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/targets/recording/redaction.h"

namespace scenarios::targets {

struct JsonSettings {
  bool secret_root = false;  ///< The command speaks of Secrets: what names no kind is part of one.
  int depth = 0;             ///< JSON in strings in JSON …
};

/// Redacts a sequence of JSON objects and arrays as they stream by, token by token; all else stays byte for
/// byte.
///
/// `data` of an object whose `kind` has not been read yet is kept back until it has (kubectl sorts `data`
/// first), so that memory is bounded by the largest object that has `data`, not by the list that it stands
/// in. Anything that is not such a sequence makes it `malformed`: it stops there and gives back the rest.
class JsonRedactor {
 public:
  explicit JsonRedactor(RedactionCounts& counts, JsonSettings settings = {});

  /// Takes bytes; gives out whole top-level values with the white space behind them, or parts of very long
  /// ones.
  std::string feed(std::string_view bytes);
  /// The bytes have ended; gives out what is left. A string that is cut in two loses its content.
  std::string finish();

  bool malformed() const { return malformed_; }
  /// Whether it stopped inside a value, so that the rest may belong to that value.
  bool malformed_inside() const { return malformed_inside_; }
  /// The bytes from where it stopped.
  std::string take_rest();

 private:
  enum class Expect : unsigned char { Value, FirstElement, FirstKey, Key, Colon, Separator };
  enum class Kind : unsigned char { Unknown, Secret, SecretList, Other };
  enum class Below : unsigned char { Nothing, Environment, Named, Data, Patch };
  struct Frame {
    bool array = false;
    std::string key;  ///< Of an object: the key being read. Of an array: the key that it stands under.
    Kind kind = Kind::Unknown;
    bool has_metadata = false;
    bool follows_secret_flag = false;  ///< Of an array of arguments: the last one was --token or alike.
    bool in_environment = false;       ///< Of an object: an element of an array named env.
    Below below = Below::Nothing;      ///< Why every scalar in it is a secret.
    std::size_t owner = 0;             ///< For Data and Patch: the frame whose kind or path decides.
    std::string patch_path;            ///< Of an operation of a JSON patch.
  };
  /// A value that is kept back until its owner's kind (or patch path) is known.
  struct Held {
    std::size_t begin;
    std::size_t end;
    std::size_t owner;
    Below why;
  };

  bool step();
  bool read_string();
  bool read_literal();
  bool literal_is_valid(std::string_view literal) const;
  void open(bool array);
  bool close(char bracket);
  void after_value();
  void key_read(std::string_view raw);
  void scalar(std::string_view token, bool is_string);
  void string_value(std::string_view raw);
  void notice(Frame& frame, std::string_view value);
  void hold(std::string_view token, std::size_t owner, Below why);
  void decide(std::size_t owner, Below why, bool secret);
  bool patches_secret(const Frame& frame) const;
  void put_redacted(std::string_view token, RedactionRule rule);
  bool stop();
  std::string release(bool all);
  const std::string& effective_key() const { return frames_.back().key; }

  RedactionCounts& counts_;
  JsonSettings settings_;
  std::vector<Frame> frames_;
  Expect expect_ = Expect::Value;
  std::string input_;  ///< Bytes not yet judged: at most one token between two calls.
  std::size_t at_ = 0;
  std::size_t searched_ = 0;  ///< How far an incomplete string has been searched for its end.
  std::string output_;
  std::size_t whole_ = 0;   ///< How much of output_ is whole top-level values.
  std::vector<Held> held_;  ///< In the order of output_.
  bool finishing_ = false;
  bool malformed_ = false;
  bool malformed_inside_ = false;
};

/// The text of a JSON string from what stands between its quotes; false when that is no JSON.
bool json_unescape(std::string_view raw, std::string& text);
/// What stands between the quotes of a JSON string with this text.
std::string json_escape(std::string_view text);

}  // namespace scenarios::targets
