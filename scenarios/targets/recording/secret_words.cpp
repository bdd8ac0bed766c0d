// The words by which secrets are known: of keys, of flags, of programs.

#include <algorithm>
#include <array>
#include <cctype>

#include "scenarios/targets/recording/redact_text.h"

namespace scenarios::targets {
namespace {

/// Lower case without separators: `OS_PASSWORD`, `os-password` and `osPassword` become one word.
std::string plain(std::string_view key) {
  std::string word;
  word.reserve(key.size());
  for (const char c : key) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      word.push_back(c);
    } else if (c >= 'A' && c <= 'Z') {
      word.push_back(static_cast<char>(c - 'A' + 'a'));
    }
  }
  return word;
}

template <std::size_t n>
bool contains_any(std::string_view word, const std::array<std::string_view, n>& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return word.find(part) != std::string_view::npos; });
}

template <std::size_t n>
bool ends_with_any(std::string_view word, const std::array<std::string_view, n>& ends) {
  return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return word.ends_with(end); });
}

template <std::size_t n>
bool is_any(std::string_view word, const std::array<std::string_view, n>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::array<std::string_view, 13> kSecretParts = {"password",
                                                           "passwd",
                                                           "passphrase",
                                                           "secret",
                                                           "token",
                                                           "apikey",
                                                           "credential",
                                                           "accesskey",
                                                           "privatekey",
                                                           "clientkeydata",
                                                           "clientcertificatedata",
                                                           "certificateauthoritydata",
                                                           "curvecert"};

/// Words that say that a key only tells about a secret: where it lies, how long it holds, what kind it is of.
constexpr std::array<std::string_view, 18> kAboutSecret = {
    "name", "names",  "ref",   "refs", "namespace", "seconds", "path",     "file",     "type",
    "kind", "policy", "stdin", "ttl",  "version",   "count",   "lifetime", "provider", "mount"};

/// Fields of Kubernetes and of Flux whose text is the name of a Secret.
constexpr std::array<std::string_view, 2> kNamesOfSecrets = {"imagepullsecret", "curvecertsecret"};

/// `pass` as a word of its own or at the end of one: `OS_PASS`, `adminPass`, but not `bypass`.
bool ends_in_pass(std::string_view key) {
  constexpr std::size_t kPass = 4;
  if (key.size() < kPass || plain(key.substr(key.size() - kPass)) != "pass") {
    return false;
  }
  if (key.size() == kPass) {
    return true;
  }
  const char before = key[key.size() - kPass - 1];
  const bool new_word =
      key[key.size() - kPass] == 'P' && std::islower(static_cast<unsigned char>(before)) != 0;
  return new_word || before == '_' || before == '-' || before == '.';
}

}  // namespace

bool names_secret(std::string_view key) {
  if (key.size() < 4) {
    return false;
  }
  if (ends_in_pass(key)) {
    return true;
  }
  const std::string word = plain(key);
  return contains_any(word, kSecretParts) && !ends_with_any(word, kAboutSecret) &&
         !is_any(word, kNamesOfSecrets);
}

bool names_secrets_below(std::string_view key) {
  static constexpr std::array<std::string_view, 3> kParts = {"credential", "password", "passwd"};
  return names_secret(key) && contains_any(plain(key), kParts);
}

bool is_secret_flag(std::string_view flag) {
  return flag.starts_with("--") && flag.find('=') == std::string_view::npos &&
         (names_secret(flag.substr(2)) || flag == "--pass");
}

bool is_secret_pair_flag(std::string_view flag) {
  static constexpr std::array<std::string_view, 2> kFlags = {"--from-literal", "--env"};
  return is_any(flag, kFlags);
}

bool takes_short_password(std::string_view program) {
  static constexpr std::array<std::string_view, 7> kPrograms = {
      "openstack", "mysql", "mysqladmin", "mysqldump", "mysqlcheck", "mariadb", "mariadb-admin"};
  return is_any(program.substr(program.rfind('/') + 1), kPrograms);
}

bool means_secrets(std::string_view word) {
  while (!word.empty()) {
    const std::string_view resource = word.substr(0, word.find(','));
    const std::string_view kind = resource.substr(0, resource.find_first_of("/."));
    if (kind == "secret" || kind == "secrets" || kind == "Secret" || kind == "Secrets") {
      return true;
    }
    word.remove_prefix(std::min(word.size(), resource.size() + 1));
  }
  return false;
}

}  // namespace scenarios::targets
