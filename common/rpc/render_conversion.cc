#include "common/rpc/render_conversion.h"

#include <algorithm>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/field_error.h"
#include "common/render/convention.h"
#include "common/render/patch.h"
#include "common/status_macros.h"
#include "google/protobuf/reflection.h"

namespace atelier {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Reflection;
using Layers = std::vector<LayerWeight>;

const Reflection& OfSpec() { return *v1::RenderSpec::GetReflection(); }

// A parameter beside its field. A test finds those that have none.
struct WireField {
  const Parameter& row;
  const FieldDescriptor* field;
};

const std::vector<WireField>& WireFields() {
  static const auto* const fields = [] {
    auto* const all = new std::vector<WireField>;
    for (const Parameter& row : AllFields()) {
      const FieldDescriptor* const field =
          v1::RenderSpec::descriptor()->FindFieldByName(
              std::string(row.wire_name));
      if (field != nullptr) all->push_back({row, field});
    }
    return all;
  }();
  return *fields;
}

int CountIn(const v1::RenderSpec& spec, const FieldDescriptor* field) {
  if (field->is_repeated()) return OfSpec().FieldSize(spec, field);
  return OfSpec().HasField(spec, field) ? 1 : 0;
}

// The wire's enums count from 1 in the order of ours; 0 is "unspecified".
absl::Status CheckEnum(absl::string_view field, int value, int count) {
  if (value >= 1 && value <= count) return absl::OkStatus();
  return FieldError(field, absl::StrCat("value ", value,
                                        " is unknown; allowed: 1 to ", count));
}

template <typename Enum>
absl::StatusOr<Enum> EnumFromProto(absl::string_view field, int value) {
  RETURN_IF_ERROR(
      CheckEnum(field, value, static_cast<int>(Names(Enum()).size())));
  return static_cast<Enum>(value - 1);
}

template <typename Enum>
int EnumToProto(Enum value) {
  return static_cast<int>(value) + 1;
}

// One field of a spec that is read.
struct Source {
  const v1::RenderSpec& spec;
  const FieldDescriptor* field;
};

const v1::LayerList& LayersIn(const Source& in) {
  return static_cast<const v1::LayerList&>(
      OfSpec().GetMessage(in.spec, in.field));
}

void Get(const Source& from, int& value) {
  value = OfSpec().GetInt32(from.spec, from.field);
}
void Get(const Source& from, uint64_t& value) {
  value = OfSpec().GetUInt64(from.spec, from.field);
}
void Get(const Source& from, double& value) {
  value = OfSpec().GetDouble(from.spec, from.field);
}
void Get(const Source& from, std::string& value) {
  value = OfSpec().GetString(from.spec, from.field);
}
void Get(const Source& from, Layers& layers) {
  for (const v1::LayerWeight& layer : LayersIn(from).layers()) {
    layers.push_back({layer.tap(), layer.has_weight() ? layer.weight() : 1.0});
  }
}
template <typename T>
void Get(const Source& from, std::vector<T>& list) {
  const auto entries = OfSpec().GetRepeatedFieldRef<T>(from.spec, from.field);
  list.assign(entries.begin(), entries.end());
}
// REQUIRES: the value is one of ours.
template <typename Enum>
void Get(const Source& from, Enum& value) {
  value = static_cast<Enum>(OfSpec().GetEnumValue(from.spec, from.field) - 1);
}

absl::Status CheckEnumIn(const Source& from) {
  if (from.field->cpp_type() != FieldDescriptor::CPPTYPE_ENUM) {
    return absl::OkStatus();
  }
  return CheckEnum(from.field->name(),
                   OfSpec().GetEnumValue(from.spec, from.field),
                   from.field->enum_type()->value_count() - 1);
}

// One field of a spec that is written.
struct Target {
  v1::RenderSpec* spec;
  const FieldDescriptor* field;
};

void Set(const Target& to, int value) {
  OfSpec().SetInt32(to.spec, to.field, value);
}
void Set(const Target& to, uint64_t value) {
  OfSpec().SetUInt64(to.spec, to.field, value);
}
void Set(const Target& to, double value) {
  OfSpec().SetDouble(to.spec, to.field, value);
}
void Set(const Target& to, const std::string& value) {
  OfSpec().SetString(to.spec, to.field, value);
}
void Set(const Target& to, const Layers& layers) {
  auto* const list =
      static_cast<v1::LayerList*>(OfSpec().MutableMessage(to.spec, to.field));
  for (const LayerWeight& layer : layers) {
    v1::LayerWeight* out = list->add_layers();
    out->set_tap(layer.tap);
    out->set_weight(layer.weight);
  }
}
template <typename T>
void Set(const Target& to, const std::vector<T>& list) {
  const auto entries =
      OfSpec().GetMutableRepeatedFieldRef<T>(to.spec, to.field);
  for (const T& entry : list) entries.Add(entry);
}
template <typename Enum>
void Set(const Target& to, const Enum& value) {
  OfSpec().SetEnumValue(to.spec, to.field, EnumToProto(value));
}

bool IsNeeded(const FileMember& member) {
  return member.value != &RenderInputs::init;
}

// What a spec says of a resolved render: all of it, but for files that it does
// not have.
template <typename T>
void Write(const Target& to, const Member<T>& member, const Render& render) {
  Set(to, render.params.*member.value);
}
template <typename T>
void Write(const Target& /*to*/, const Shorthand<T>& /*shorthand*/,
           const Render& /*render*/) {}
void Write(const Target& to, const FileMember& member, const Render& render) {
  const std::string& file = render.inputs.*member.value;
  if (IsNeeded(member) || !file.empty()) Set(to, file);
}
template <typename T>
void Write(const Target& to, const StyleMember<T>& member,
           const Render& render) {
  std::vector<T> list;
  for (const StyleInput& style : render.inputs.styles) {
    list.push_back(style.*member.value);
  }
  const bool has_any = std::any_of(list.begin(), list.end(),
                                   [](const T& entry) { return entry != T(); });
  if (has_any) Set(to, list);
}

// Takes a field of a resolved render.
absl::Status Missing(const Parameter& row) {
  return FieldError(row.wire_name,
                    "missing; a resolved render has every field");
}
template <typename T>
absl::Status TakeFrom(RenderPatch& patch, const Parameter& row,
                      const Member<T>& member, Render& render) {
  std::optional<T>& given = patch.*member.given;
  if (!given.has_value()) return Missing(row);
  if constexpr (std::is_arithmetic_v<T>) {
    if (!row.range.zero.empty() && *given == 0) return Missing(row);
  }
  render.params.*member.value = *std::move(given);
  return absl::OkStatus();
}
template <typename T>
absl::Status TakeFrom(RenderPatch& /*patch*/, const Parameter& /*row*/,
                      const Shorthand<T>& /*shorthand*/, Render& /*render*/) {
  return absl::OkStatus();
}
absl::Status TakeFrom(RenderPatch& patch, const Parameter& row,
                      const FileMember& member, Render& render) {
  std::optional<std::string>& given = patch.*member.given;
  if (!given.has_value())
    return IsNeeded(member) ? Missing(row) : absl::OkStatus();
  render.inputs.*member.value = *std::move(given);
  return absl::OkStatus();
}
template <typename T>
absl::Status TakeFrom(RenderPatch& /*patch*/, const Parameter& /*row*/,
                      const StyleMember<T>& /*member*/, Render& /*render*/) {
  return absl::OkStatus();  // StylesOf takes them all.
}

int64_t EntryBytes(const Parameter& row) {
  if (std::holds_alternative<StyleMember<double>>(row.member)) {
    return sizeof(double);
  }
  return std::holds_alternative<StyleMember<std::string>>(row.member)
             ? sizeof(std::string)
             : 0;
}

}  // namespace

absl::StatusOr<RenderPatch> FromProto(const v1::RenderSpec& spec) {
  RenderPatch patch;
  for (const WireField& wire : WireFields()) {
    if (CountIn(spec, wire.field) == 0) continue;
    const Source from{spec, wire.field};
    RETURN_IF_ERROR(CheckEnumIn(from));
    std::visit(
        [&](const auto& member) { Get(from, (patch.*member.given).emplace()); },
        wire.row.member);
  }
  return patch;
}

v1::RenderSpec ToProto(const RenderPatch& patch) {
  v1::RenderSpec spec;
  for (const WireField& wire : WireFields()) {
    std::visit(
        [&](const auto& member) {
          const auto& given = patch.*member.given;
          if (given.has_value()) Set({&spec, wire.field}, *given);
        },
        wire.row.member);
  }
  return spec;
}

v1::RenderSpec ToProto(const Render& render) {
  v1::RenderSpec spec;
  for (const WireField& wire : WireFields()) {
    std::visit(
        [&](const auto& member) {
          Write({&spec, wire.field}, member, render);
        },
        wire.row.member);
  }
  return spec;
}

absl::StatusOr<Render> ResolvedFromProto(const v1::RenderSpec& spec) {
  ASSIGN_OR_RETURN(RenderPatch patch, FromProto(spec));
  Render render;
  absl::StatusOr<std::vector<StyleInput>> styles = StylesOf(patch);
  if (!styles.ok()) {
    const Parameter& row = *FindParameter(FieldOf(styles.status()));
    return RenamedField(styles.status(), row.wire_name);
  }
  render.inputs.styles = *std::move(styles);
  for (const Parameter& row : AllFields()) {
    RETURN_IF_ERROR(std::visit(
        [&](const auto& member) {
          return TakeFrom(patch, row, member, render);
        },
        row.member));
  }
  return render;
}

int CountGiven(const v1::RenderSpec& spec, const Parameter& parameter) {
  for (const auto& [row, field] : WireFields()) {
    if (&row == &parameter) return CountIn(spec, field);
  }
  return 0;
}

int64_t ListBytes(const v1::RenderSpec& spec) {
  int64_t bytes = 0;
  for (const auto& [row, field] : WireFields()) {
    bytes += EntryBytes(row) * CountIn(spec, field);
    if (std::holds_alternative<Member<Layers>>(row.member)) {
      bytes += LayersIn({spec, field}).layers_size() *
               static_cast<int64_t>(sizeof(LayerWeight));
    }
  }
  return bytes;
}

absl::StatusOr<NetworkDescription> FromProto(
    const v1::NetworkDescription& proto) {
  NetworkDescription network;
  network.name = proto.name();
  network.weights_digest = proto.weights_digest();
  network.architecture = proto.architecture();
  network.preprocessing = proto.preprocessing();
  ASSIGN_OR_RETURN(network.padding,
                   EnumFromProto<Padding>("padding", proto.padding()));
  ASSIGN_OR_RETURN(network.pooling,
                   EnumFromProto<Pooling>("pooling", proto.pooling()));
  for (int b = 0; b < proto.blocks_size(); ++b) {
    const auto& channels = proto.blocks(b).channels();
    network.blocks.emplace_back(channels.begin(), channels.end());
    if (channels.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("blocks[", b, "]: empty; at least one convolution"));
    }
    for (int count : channels) {
      if (count < 1 || count > 65536) {
        return absl::InvalidArgumentError(
            absl::StrCat("blocks[", b, "].channels: ", count,
                         " is not allowed; from 1 to 65536"));
      }
    }
  }
  if (network.blocks.empty()) {
    return absl::InvalidArgumentError("blocks: empty; at least one block");
  }
  return network;
}

v1::NetworkDescription ToProto(const NetworkDescription& network) {
  v1::NetworkDescription proto;
  proto.set_name(network.name);
  proto.set_weights_digest(network.weights_digest);
  proto.set_architecture(network.architecture);
  proto.set_preprocessing(network.preprocessing);
  proto.set_padding(static_cast<v1::Padding>(EnumToProto(network.padding)));
  proto.set_pooling(static_cast<v1::Pooling>(EnumToProto(network.pooling)));
  for (const std::vector<int>& block : network.blocks) {
    v1::NetworkDescription::Block* out = proto.add_blocks();
    out->mutable_channels()->Add(block.begin(), block.end());
  }
  return proto;
}

Losses FromProto(const v1::Losses& proto) {
  Losses losses{{proto.terms().begin(), proto.terms().end()}, proto.total()};
  if (losses.terms.empty()) {
    losses.terms = {{"content", proto.content()},
                    {"style", proto.style()},
                    {"total_variation", proto.total_variation()}};
  }
  return losses;
}

v1::Losses ToProto(const Losses& losses) {
  v1::Losses proto;
  for (const auto& [name, value] : losses.terms) {
    (*proto.mutable_terms())[name] = value;
    if (name == "content") proto.set_content(value);
    if (name == "style") proto.set_style(value);
    if (name == "total_variation") proto.set_total_variation(value);
  }
  proto.set_total(losses.total);
  return proto;
}

}  // namespace atelier
