#include "common/image/jpeg_check.h"

#include <csetjmp>
#include <cstdio>
// After <cstdio>, which it needs and does not include.
#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// Fill bytes that some cameras leave before a marker.
constexpr int kMostFillBytes = 64;
// Of the rows of blocks: more may not be missing.
constexpr double kMostMissing = 0.05;
constexpr int kMostScans = 100;

// What libjpeg reports, by its own error manager. An error leaves by longjmp,
// so nothing that has a destructor is made between setjmp and the end.
struct Findings {
  jpeg_error_mgr manager;  // First: libjpeg knows this alone.
  jpeg_progress_mgr progress;
  std::jmp_buf leave;
  bool ended_early = false;   // The file ends before the end marker.
  bool is_damaged = false;    // Before that.
  int64_t missing_from = -1;  // Rows of blocks are missing from this one on.
  char complaint[JMSG_LENGTH_MAX] = "";
};

Findings& Of(j_common_ptr jpeg) {
  return *reinterpret_cast<Findings*>(jpeg->err);
}

// Of several scans, each refines all rows: only in the last one does the row
// tell what is missing.
bool IsInLastScan(const jpeg_decompress_struct& jpeg) {
  if (jpeg.coef_bits == nullptr) {
    return jpeg.comps_in_scan == jpeg.num_components;
  }
  for (int c = 0; c < jpeg.num_components; ++c) {
    for (int k = 0; k < DCTSIZE2; ++k) {
      if (jpeg.coef_bits[c][k] != 0) return false;
    }
  }
  return true;
}

void OnWarning(j_common_ptr common) {
  Findings& found = Of(common);
  const auto& jpeg = *reinterpret_cast<jpeg_decompress_struct*>(common);
  switch (found.manager.msg_code) {
    case JWRN_JPEG_EOF:
      found.ended_early = true;
      return;
    case JWRN_EXTRANEOUS_DATA:
      if (found.manager.msg_parm.i[0] <= kMostFillBytes) return;
      break;
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
      return;
    case JWRN_HIT_MARKER:
      if (found.ended_early && IsInLastScan(jpeg)) {
        found.missing_from = jpeg.input_iMCU_row;
        return;
      }
      break;
    default:
      break;
  }
  if (std::exchange(found.is_damaged, true)) return;
  found.manager.format_message(common, found.complaint);
}

void OnMessage(j_common_ptr common, int level) {
  if (level < 0) OnWarning(common);
}

void OnError(j_common_ptr common) {
  Findings& found = Of(common);
  found.is_damaged = true;
  found.manager.format_message(common, found.complaint);
  std::longjmp(found.leave, 1);
}

void DropMessage(j_common_ptr) {}

// A few bytes can ask for a scan of all rows, again and again.
void CountScans(j_common_ptr common) {
  const auto& jpeg = *reinterpret_cast<jpeg_decompress_struct*>(common);
  if (jpeg.is_decompressor && jpeg.input_scan_number > kMostScans) {
    Findings& found = Of(common);
    found.is_damaged = true;
    std::snprintf(found.complaint, sizeof(found.complaint),
                  "it has more than %d scans", kMostScans);
    std::longjmp(found.leave, 1);
  }
}

void Prepare(absl::string_view bytes, jpeg_decompress_struct& jpeg,
             Findings& found) {
  jpeg_create_decompress(&jpeg);
  found.progress.progress_monitor = &CountScans;
  jpeg.progress = &found.progress;
  jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char*>(bytes.data()),
               bytes.size());
  jpeg_read_header(&jpeg, TRUE);
}

void SetManager(jpeg_decompress_struct& jpeg, Findings& found) {
  jpeg.err = jpeg_std_error(&found.manager);
  found.manager.error_exit = &OnError;
  found.manager.emit_message = &OnMessage;
  found.manager.output_message = &DropMessage;
}

// Runs libjpeg over all rows. Returns the rows of blocks that there should be.
int64_t ReadAll(absl::string_view bytes, jpeg_decompress_struct& jpeg,
                Findings& found, std::vector<JSAMPLE>& row) {
  SetManager(jpeg, found);
  if (setjmp(found.leave) != 0) return 0;
  Prepare(bytes, jpeg, found);
  // Only whether it can be read matters: no colours, no smoothing.
  jpeg.out_color_space = jpeg.jpeg_color_space;
  jpeg.do_fancy_upsampling = FALSE;
  jpeg.dct_method = JDCT_IFAST;
  jpeg_start_decompress(&jpeg);
  row.resize(size_t{jpeg.output_width} * jpeg.output_components);
  JSAMPROW at = row.data();
  while (jpeg.output_scanline < jpeg.output_height && !found.is_damaged) {
    jpeg_read_scanlines(&jpeg, &at, 1);
  }
  if (!found.is_damaged) jpeg_finish_decompress(&jpeg);
  return jpeg.total_iMCU_rows;
}

// Each component's blocks of 64 coefficients.
int64_t CoefficientBytes(absl::string_view bytes, jpeg_decompress_struct& jpeg,
                         Findings& found) {
  SetManager(jpeg, found);
  if (setjmp(found.leave) != 0) return 0;
  Prepare(bytes, jpeg, found);
  if (jpeg_has_multiple_scans(&jpeg) == FALSE) return 0;
  int64_t sum = 0;
  for (int c = 0; c < jpeg.num_components; ++c) {
    const jpeg_component_info& component = jpeg.comp_info[c];
    sum += int64_t{component.width_in_blocks} * component.height_in_blocks *
           DCTSIZE2 * static_cast<int64_t>(sizeof(JCOEF));
  }
  return sum;
}

}  // namespace

int64_t JpegBytes(absl::string_view bytes) {
  jpeg_decompress_struct jpeg = {};
  Findings found = {};
  const int64_t sum = CoefficientBytes(bytes, jpeg, found);
  jpeg_destroy_decompress(&jpeg);
  return sum;
}

absl::StatusOr<std::string> CheckJpeg(absl::string_view bytes) {
  jpeg_decompress_struct jpeg = {};
  Findings found = {};
  std::vector<JSAMPLE> row;
  const int64_t all = ReadAll(bytes, jpeg, found, row);
  const int64_t block_px = all == 0 ? 0 : (jpeg.image_height + all - 1) / all;
  const int64_t height_px = jpeg.image_height;
  const int64_t at_px = jpeg.output_scanline;
  jpeg_destroy_decompress(&jpeg);
  if (found.is_damaged) {
    return InvalidArgument("picture is damaged at row ", at_px, " of ",
                           height_px, ": ", found.complaint);
  }
  if (!found.ended_early) return std::string();
  if (found.missing_from < 0) return std::string("its end marker is missing");
  const int64_t first_px = std::min(height_px, found.missing_from * block_px);
  const auto missing = static_cast<double>(all - found.missing_from);
  if (missing <= std::max(1.0, kMostMissing * static_cast<double>(all))) {
    return absl::StrCat("its end is missing: grey from row ", first_px, " of ",
                        height_px, " on");
  }
  return InvalidArgument("picture is cut short: it ends at row ", first_px,
                         " of ", height_px);
}

}  // namespace atelier
