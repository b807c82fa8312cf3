// Unicode's own rules, where bytes are not enough: what two names have in
// common, where a text may be cut, what belongs to a word. The adapter of
// utf8proc.
//
//   FileSystemKey("Ärger.png") == FileSystemKey("A\u0308RGER.png")
//   CutBetweenCharacters(name, 200)
#ifndef ATELIER_COMMON_UNICODE_H_
#define ATELIER_COMMON_UNICODE_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace atelier {

/// The text as it may be stored and shown anywhere: each byte that is not UTF-8
/// and each unprintable character (IsUnprintable) becomes U+FFFD.
std::string PrintableText(absl::string_view text);

/// Code points; a byte that is not UTF-8 counts as one.
size_t CountCharacters(absl::string_view text);

/// The longest beginning of at most `most_bytes` that cuts no character as
/// readers see them: a letter keeps its accents, an emoji its parts. Where the
/// first one alone is longer, what fits of it in whole code points.
absl::string_view CutBetweenCharacters(absl::string_view text,
                                       size_t most_bytes);

/// PrintableText in at most `most` code points: a longer one is cut between
/// characters and ends in "...". REQUIRES: most >= 4.
std::string ShortenedText(absl::string_view text, size_t most);

/// In the composed form, NFC. Bytes that are not UTF-8 become U+FFFD.
std::string ComposedText(absl::string_view text);

/// Equal for any two names that a common file system may take for one: by case
/// (full folding and upper case), by composition (NFC, NFD, compatibility
/// forms), or because it ignores invisible characters.
std::string FileSystemKey(absl::string_view name);

/// Whether the code point is part of words in some script, or a symbol that
/// stands for one: a letter, a mark, a number, an emoji, a joiner.
bool IsInWords(char32_t code);

}  // namespace atelier

#endif  // ATELIER_COMMON_UNICODE_H_
