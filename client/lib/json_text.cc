#include "client/lib/json_text.h"

#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "common/quoted_text.h"
#include "common/unicode.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/json_util.h"
#include "nlohmann/json.hpp"

namespace atelier {

std::string FormatTimestamp(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                          absl::FromUnixSeconds(time.seconds()),
                          absl::UTCTimeZone());
}

JsonObject& JsonObject::Add(const JsonObject& other) {
  const bool both = !fields_.empty() && !other.fields_.empty();
  absl::StrAppend(&fields_, both ? "," : "", other.fields_);
  return *this;
}

std::string JsonText(double number) { return nlohmann::json(number).dump(); }

std::string JsonText(absl::string_view value) {
  const std::string plain =
      nlohmann::json(std::string(value))
          .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  std::string text;
  for (absl::string_view rest = plain; !rest.empty();) {
    const Utf8Character character = FirstCharacter(rest);
    if (!IsUnprintable(character.code)) {
      absl::StrAppend(&text, rest.substr(0, character.size));
    } else if (character.code > 0xFFFF) {
      // As JSON has it: a pair of surrogates.
      const uint32_t above = character.code - 0x10000;
      absl::StrAppendFormat(&text, "\\u%04x\\u%04x", 0xD800 + (above >> 10),
                            0xDC00 + (above & 0x3FF));
    } else {
      absl::StrAppendFormat(&text, "\\u%04x",
                            static_cast<uint32_t>(character.code));
    }
    rest.remove_prefix(character.size);
  }
  return text;
}

RawJson MessageJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  RawJson json;
  // Fails for a broken descriptor only.
  if (!google::protobuf::util::MessageToJsonString(message, &json.text, options)
           .ok()) {
    json.text = "null";
  }
  return json;
}

}  // namespace atelier
