// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "read/linker_script.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace enfold::read {
namespace {

constexpr std::array<std::string_view, 32> kCommands = {
    "ASSERT",  "CONSTRUCTORS", "ENTRY",          "EXTERN",        "FORCE_COMMON_ALLOCATION",
    "GROUP",   "HIDDEN",       "INCLUDE",        "INHIBIT_COMMON_ALLOCATION",
    "INPUT",   "INSERT",       "LD_FEATURE",     "MAP",           "MEMORY",
    "NOCROSSREFS", "NOCROSSREFS_TO", "OUTPUT",   "OUTPUT_ARCH",   "OUTPUT_FORMAT",
    "OVERLAY", "PHDRS",        "PROVIDE",        "PROVIDE_HIDDEN", "REGION_ALIAS",
    "SEARCH_DIR", "SECTIONS",  "STARTUP",        "TARGET",        "VERSION",
    "FLOAT",   "NOFLOAT",      "FORCE_GROUP_ALLOCATION"};

struct Token {
  enum class Kind : std::uint8_t { kWord, kQuoted, kOpen, kClose, kComma, kSemicolon, kEnd, kUnterminated };
  Kind kind = Kind::kEnd;
  std::string_view text;
  std::uint64_t offset = 0;

  bool is_name() const { return kind == Kind::kWord || kind == Kind::kQuoted; }
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}
  Token next();

 private:
  bool skip_blank();  // false when a comment does not end
  Token quoted();
  Token take(Token::Kind kind, std::size_t size);

  std::string_view text_;
  std::size_t at_ = 0;
};

bool Lexer::skip_blank() {
  for (;;) {
    at_ = std::min(text_.find_first_not_of(" \t\n\v\f\r", at_), text_.size());
    if (!text_.substr(at_).starts_with("/*")) return true;
    const std::size_t end = text_.find("*/", at_ + 2);
    if (end == text_.npos) return false;
    at_ = end + 2;
  }
}

Token Lexer::take(Token::Kind kind, std::size_t size) {
  const Token token{kind, text_.substr(at_, size), at_};
  at_ += size;
  return token;
}

Token Lexer::quoted() {
  const std::size_t end = text_.find('"', at_ + 1);
  if (end == text_.npos) return {Token::Kind::kUnterminated, {}, at_};
  Token token = take(Token::Kind::kQuoted, end + 1 - at_);
  token.text = token.text.substr(1, token.text.size() - 2);
  return token;
}

Token Lexer::next() {
  if (!skip_blank()) return {Token::Kind::kUnterminated, {}, at_};
  if (at_ == text_.size()) return {Token::Kind::kEnd, {}, at_};
  switch (text_[at_]) {
    case '(': return take(Token::Kind::kOpen, 1);
    case ')': return take(Token::Kind::kClose, 1);
    case ',': return take(Token::Kind::kComma, 1);
    case ';': return take(Token::Kind::kSemicolon, 1);
    case '"': return quoted();
    default: break;
  }
  const std::size_t end = std::min(text_.find_first_of(" \t\n\v\f\r(),;\"", at_), text_.size());
  return take(Token::Kind::kWord, end - at_);
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& path) : lexer_(text), path_(path) {}
  Expected<LinkerScript> parse();

 private:
  Error error(ErrorCode code, const Token& token, std::string message) const {
    return Error(code, std::move(message), {.object = path_, .offset = token.offset});
  }
  Error malformed(const Token& token, std::string message) const {
    return error(ErrorCode::kMalformed, token, std::move(message));
  }

  Expected<void> command(const Token& name);
  Expected<void> open_list(std::string_view command);
  Expected<Token> next_argument(std::string_view command);
  Expected<void> inputs(std::string_view command, bool as_needed);
  Expected<void> input(const Token& token, bool as_needed);
  Expected<void> output_format();
  Expected<void> arguments(std::string_view command, std::vector<std::string>* names);

  Lexer lexer_;
  const std::string& path_;
  LinkerScript script_;
};

Expected<void> Parser::open_list(std::string_view command) {
  const Token token = lexer_.next();
  if (token.kind == Token::Kind::kOpen) return {};
  return std::unexpected(malformed(token, std::string(command) + " is not followed by '('"));
}

// The next name, or the ')' that ends the list. Names are set apart by blanks, commas or both.
Expected<Token> Parser::next_argument(std::string_view command) {
  Token token = lexer_.next();
  while (token.kind == Token::Kind::kComma) token = lexer_.next();
  if (token.is_name() || token.kind == Token::Kind::kClose) return token;
  return std::unexpected(malformed(token, "the list of " + std::string(command) + " does not end with ')'"));
}

Expected<void> Parser::input(const Token& token, bool as_needed) {
  const bool is_library = token.kind == Token::Kind::kWord && token.text.starts_with("-l");
  const std::string_view name = is_library ? token.text.substr(2) : token.text;
  if (name.empty()) return std::unexpected(malformed(token, "an input without a name"));
  script_.inputs.push_back({std::string(name), is_library, as_needed, token.offset});
  return {};
}

Expected<void> Parser::inputs(std::string_view command, bool as_needed) {
  if (auto opened = open_list(command); !opened) return opened;
  for (;;) {
    auto token = next_argument(command);
    if (!token) return std::unexpected(std::move(token.error()));
    if (token->kind == Token::Kind::kClose) return {};
    const bool nested = token->kind == Token::Kind::kWord && token->text == "AS_NEEDED";
    if (nested && as_needed) return std::unexpected(malformed(*token, "AS_NEEDED inside AS_NEEDED"));
    auto done = nested ? inputs("AS_NEEDED", true) : input(*token, as_needed);
    if (!done) return done;
  }
}

Expected<void> Parser::arguments(std::string_view command, std::vector<std::string>* names) {
  if (auto opened = open_list(command); !opened) return opened;
  for (;;) {
    auto token = next_argument(command);
    if (!token) return std::unexpected(std::move(token.error()));
    if (token->kind == Token::Kind::kClose) return {};
    if (names != nullptr) names->emplace_back(token->text);
  }
}

Expected<void> Parser::output_format() {
  std::vector<std::string> formats;
  if (auto done = arguments("OUTPUT_FORMAT", &formats); !done) return done;
  if (!formats.empty()) script_.output_format = std::move(formats.front());
  return {};
}

Expected<void> Parser::command(const Token& name) {
  if (name.text == "INPUT" || name.text == "GROUP") return inputs(name.text, false);
  if (name.text == "SEARCH_DIR") return arguments(name.text, &script_.search_directories);
  // What an output file would be: there is none, and each input is checked for what it is itself. The format tells a
  // search for libraries which machine the script is for.
  if (name.text == "OUTPUT_FORMAT") return output_format();
  if (name.text == "OUTPUT_ARCH" || name.text == "TARGET") return arguments(name.text, nullptr);
  return std::unexpected(error(ErrorCode::kUnsupported, name,
                               "linker script command '" + std::string(name.text.substr(0, 40)) + "' is not supported")
                             .with_cure("name the script's libraries on their own"));
}

Expected<LinkerScript> Parser::parse() {
  for (;;) {
    const Token token = lexer_.next();
    if (token.kind == Token::Kind::kEnd) return std::move(script_);
    if (token.kind == Token::Kind::kSemicolon) continue;
    if (token.kind == Token::Kind::kUnterminated) {
      return std::unexpected(malformed(token, "a comment or a quoted name does not end"));
    }
    if (token.kind != Token::Kind::kWord) return std::unexpected(malformed(token, "a command was expected"));
    if (auto done = command(token); !done) return std::unexpected(std::move(done.error()));
  }
}

}  // namespace

bool looks_like_linker_script(Bytes bytes) {
  constexpr std::size_t kMostBeforeCommand = std::size_t{64} << 10;  // of comments: a file may be of any size
  const Token first = Lexer(bytes.text().substr(0, kMostBeforeCommand)).next();
  return first.kind == Token::Kind::kWord && std::ranges::find(kCommands, first.text) != kCommands.end();
}

Expected<LinkerScript> parse_linker_script(Bytes bytes, const std::string& path) {
  return Parser(bytes.text(), path).parse();
}

}  // namespace enfold::read
