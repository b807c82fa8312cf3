// The parameters and inputs of a render, each described once. Flags, specs,
// columns, JSON, merging, checking, resolving, the wire, render keys and
// descriptions of pictures all walk this table.
//
// A new parameter takes a field of RenderSpec (proto), a member of
// ParameterFields, a row in parameters.cc, and the engine's own use. What is
// left out does not compile or fails ParametersOnTheWireTest.
#ifndef ATELIER_COMMON_RENDER_PARAMETERS_H_
#define ATELIER_COMMON_RENDER_PARAMETERS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/render/params.h"

namespace atelier {

/// Bounds on what comes from outside. Flags of the coordinator set them.
struct RenderLimits {
  int max_size_px = 16384;
  int max_iterations = 1'000'000;
  int max_layers = 64;
  int max_styles = 8;
};

/// What people write for a style without a mask, in lists of masks.
inline constexpr absl::string_view kNoMask = "none";

/// Where a parameter is kept.
template <typename T>
struct Member {
  std::optional<T> RenderPatch::*given;
  T RenderParams::*value;
};

/// Where what stands for other parameters is kept: a resolved render has those.
template <typename T>
struct Shorthand {
  std::optional<T> RenderPatch::*given;
};

/// Where an input file is kept: a digest, or a path before it is read.
struct FileMember {
  std::optional<std::string> RenderPatch::*given;
  std::string RenderInputs::*value;
};

/// Where something is kept that each style has its own of. Texts are files.
template <typename T>
struct StyleMember {
  std::optional<std::vector<T>> RenderPatch::*given;
  T StyleInput::*value;
};

using AnyMember =
    std::variant<Member<int>, Member<double>, Member<uint64_t>,
                 Member<std::vector<LayerWeight>>, Member<Convention>,
                 Member<Optimizer>, Member<Initialisation>, Member<Pooling>,
                 Member<Colors>, Member<StyleLoss>, Shorthand<Preset>,
                 FileMember, StyleMember<std::string>, StyleMember<double>>;

/// What numbers are allowed.
struct Range {
  double least = 0;
  double most = 0;
  absl::string_view text = {};         ///< Empty: "from `least` to `most`".
  int RenderLimits::*limit = nullptr;  ///< Takes the place of `most`.
  int step = 1;                        ///< Of whole numbers, from `least` on.
  absl::string_view zero = {};         ///< What 0 is called; it is allowed.
};

/// How a parameter changes the render key, and so whose pictures are reused.
struct InKey {
  /// Whether it can change the picture; what cannot is not in the key.
  bool changes_picture = true;
  /// For a parameter that came after version 1 of the key: the value, as text,
  /// that all renders had before. It is not written at that value, so that old
  /// keys stay. Recorded for good: it is not the default, which may change.
  std::optional<absl::string_view> before = std::nullopt;
  /// What introduces it in the text; empty: its wire name.
  absl::string_view label = {};
};

/// What a parameter makes of several values.
enum class Takes {
  kOne,     ///< Of a flag given twice the last counts.
  kJoined,  ///< As kOne; a list in a spec is one text, joined by commas.
  kEach,    ///< Each flag, and each entry of a list, adds one.
};

/// What an input file is.
enum class FileKind {
  kPicture,
  kMask,  ///< Grey, laid over a picture. A style may have none: an empty text.
  kNetwork,
};

struct Parameter {
  absl::string_view name;       ///< In specs, columns, messages: "size".
  absl::string_view wire_name;  ///< Of RenderSpec's field: "size_px".
  int wire_number;              ///< Its number, which orders the key.
  AnyMember member;
  Range range;
  InKey key;
  absl::string_view value_name;  ///< In help: "N", "FILE". Empty: not a flag.
  absl::string_view help;
  /// The default, for people, where RenderParams does not say it.
  absl::string_view usually = {};
  /// Whether a description mentions it; null: unless it is at `key.before`.
  bool (*applies)(const Render& render) = nullptr;
  FileKind file = FileKind::kPicture;
};

Takes TakesOf(const Parameter& parameter);

/// What people can give, in the order of columns and help.
absl::Span<const Parameter> AllParameters();
/// The same, and last the fields that have no flag of their own.
absl::Span<const Parameter> AllFields();
/// In the order of their numbers on the wire.
absl::Span<const Parameter* const> FieldsByNumber();

/// The parameter with this flag. Null for an unknown name.
const Parameter* FindParameter(absl::string_view name);
/// Null for an unknown field.
const Parameter* FindWireField(absl::string_view wire_name);

bool IsFile(const Parameter& parameter);
/// Whether a resolved render has a value of it.
bool IsResolved(const Parameter& parameter);

}  // namespace atelier

#endif  // ATELIER_COMMON_RENDER_PARAMETERS_H_
