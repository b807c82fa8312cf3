#include "common/image/sheet.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "common/image/canvas.h"
#include "common/image/sheet_plan.h"
#include "common/image/text_lines.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr Colour kPaper = {0.98f, 0.98f, 0.975f};
constexpr Colour kInk = {0.11f, 0.12f, 0.14f};
constexpr Colour kFaintInk = {0.36f, 0.38f, 0.41f};
constexpr Colour kRule = {0.82f, 0.83f, 0.84f};
constexpr Colour kGap = {0.93f, 0.93f, 0.925f};
constexpr Colour kMark = {0.80f, 0.20f, 0.08f};
constexpr Colour kOnMark = {1.0f, 1.0f, 1.0f};
constexpr int kMinCellPx = 16;
constexpr int kMaxCellPx = 4096;

enum class Align { kLeft, kCentre };

struct Writing {
  TextStyle style;
  int max_lines = 1;
  Align align = Align::kCentre;
  Colour colour = kInk;
};

// Draws what a plan has a place for.
class SheetDrawer {
 public:
  SheetDrawer(const Sheet& sheet, const SheetPlan& plan, TextBreaker& breaker)
      : sheet_(sheet),
        plan_(plan),
        breaker_(breaker),
        canvas_(plan.width, plan.height, kPaper) {}

  absl::StatusOr<Image> Draw() {
    RETURN_IF_ERROR(DrawTitle());
    RETURN_IF_ERROR(DrawInputs());
    for (size_t i = 0; i < sheet_.blocks.size(); ++i) {
      RETURN_IF_ERROR(DrawBlock(sheet_.blocks[i], plan_.blocks[i]));
    }
    return std::move(canvas_).Take();
  }

 private:
  // Lines one below the other, from (at.x, at.y) on. Returns their height.
  absl::StatusOr<int> Write(const std::string& text, const Writing& writing,
                            const Box& at) {
    if (writing.max_lines == 0) return 0;
    ASSIGN_OR_RETURN(
        const absl::Span<const std::string> lines,
        breaker_.Break(text, writing.style, at.width, writing.max_lines));
    const int step = SheetPlan::LineOf(writing.style);
    int y = at.y;
    for (const std::string& line : lines) {
      ASSIGN_OR_RETURN(const TextMask mask,
                       DrawText(line, writing.style, at.width));
      const int room = at.width - mask.width_px;
      canvas_.Write(mask,
                    at.x + (writing.align == Align::kCentre ? room / 2 : 0), y,
                    writing.colour);
      y += step;
    }
    return y - at.y;
  }

  // In the middle of the box's height.
  absl::Status WriteInMiddle(const std::string& text, const Writing& writing,
                             Box at) {
    ASSIGN_OR_RETURN(
        const absl::Span<const std::string> lines,
        breaker_.Break(text, writing.style, at.width, writing.max_lines));
    at.y += (at.height - static_cast<int>(lines.size()) *
                             SheetPlan::LineOf(writing.style)) /
            2;
    return Write(text, writing, at).status();
  }

  absl::Status DrawTitle() {
    if (sheet_.title.empty() && sheet_.subtitle.empty()) {
      return absl::OkStatus();
    }
    Box at{plan_.margin, plan_.margin - plan_.title_text / 4,
           plan_.width - 2 * plan_.margin, 0};
    ASSIGN_OR_RETURN(
        const int title,
        Write(sheet_.title, {plan_.Title(), kTitleLines, Align::kLeft}, at));
    at.y += title + plan_.text / 4;
    RETURN_IF_ERROR(
        Write(sheet_.subtitle,
              {plan_.Label(), kSubtitleLines, Align::kLeft, kFaintInk}, at)
            .status());
    canvas_.Fill({at.x, plan_.top - plan_.text * 3 / 2, at.width, 1}, kRule);
    return absl::OkStatus();
  }

  absl::Status DrawGap(const SheetCell& cell, const Box& at) {
    canvas_.Fill(at, kGap);
    canvas_.Frame(at, 1, kRule);
    return WriteInMiddle(cell.gap,
                         {plan_.Label(), 2, Align::kCentre, kFaintInk}, at);
  }

  absl::Status DrawPicture(const SheetCell& cell, const Box& at) {
    ASSIGN_OR_RETURN(const Image picture,
                     Resize(cell.image, at.width, at.height));
    canvas_.Frame(at, 1, kRule);
    canvas_.Place(picture, at.x, at.y);
    return absl::OkStatus();
  }

  // Below the picture, so that it hides nothing of it. Returns its height.
  absl::StatusOr<int> DrawMark(const SheetCell& cell, const Box& picture,
                               const Box& slot) {
    ASSIGN_OR_RETURN(const int height, FlagHeight(plan_, cell, breaker_));
    if (height == 0) return 0;
    const int thickness = std::clamp(plan_.cell_px / 48, 2, plan_.gutter / 2);
    canvas_.Frame(picture, thickness, kMark);
    const Writing writing{plan_.RowLabel(), kFlagLines, Align::kCentre,
                          kOnMark};
    int width = 0;
    ASSIGN_OR_RETURN(const absl::Span<const std::string> lines,
                     breaker_.Break(cell.flag, writing.style, slot.width,
                                    writing.max_lines));
    for (const std::string& line : lines) {
      ASSIGN_OR_RETURN(const int line_px, breaker_.Width(line, writing.style));
      width = std::max(width, line_px);
    }
    Box flag{0, picture.y + picture.height,
             std::min(width + plan_.text, slot.width + 2 * thickness), height};
    flag.x = slot.x + (slot.width - flag.width) / 2;
    canvas_.Fill(flag, kMark);
    flag.y += plan_.text / 4;
    RETURN_IF_ERROR(Write(cell.flag, writing, flag).status());
    return height;
  }

  absl::Status DrawCell(const SheetCell& cell, const Box& slot) {
    Box picture = slot;
    int flag = 0;
    if (IsGap(cell)) {
      RETURN_IF_ERROR(DrawGap(cell, slot));
    } else {
      const Box size = PictureBox(cell, plan_.cell_px);
      // A flag hangs from its picture.
      const int above = slot.height - size.height;
      picture = {slot.x + (slot.width - size.width) / 2,
                 slot.y + (cell.flag.empty() ? above / 2 : above), size.width,
                 size.height};
      RETURN_IF_ERROR(DrawPicture(cell, picture));
      ASSIGN_OR_RETURN(flag, DrawMark(cell, picture, slot));
    }
    return Write(cell.label, {plan_.Label(), plan_.label_lines},
                 {slot.x, slot.y + slot.height + flag + plan_.text / 3,
                  slot.width, 0})
        .status();
  }

  absl::Status DrawInputs() {
    if (sheet_.inputs.empty()) return absl::OkStatus();
    const int width = plan_.inputs_width - 3 * plan_.text;
    int y = plan_.top;
    for (const SheetCell& input : sheet_.inputs) {
      Box at = PictureBox(input, plan_.input_px);
      at.x = plan_.margin + (width - at.width) / 2;
      at.y = y;
      RETURN_IF_ERROR(IsGap(input) ? DrawGap(input, at)
                                   : DrawPicture(input, at));
      y += at.height + plan_.text / 3;
      ASSIGN_OR_RETURN(const int label,
                       Write(input.label, {plan_.Label(), kInputLabelLines},
                             {plan_.margin, y, width, 0}));
      y += label + plan_.gutter + plan_.text / 2 - plan_.text / 3;
    }
    canvas_.Fill({plan_.margin + width + plan_.text * 3 / 2, plan_.top, 1,
                  plan_.height - plan_.margin - plan_.top},
                 kRule);
    return absl::OkStatus();
  }

  absl::Status DrawRow(const Sheet::Row& row, int x,
                       const SheetPlan::Row& place) {
    if (!row.label.empty()) {
      const int width = plan_.row_label_width - plan_.text * 3 / 2;
      RETURN_IF_ERROR(WriteInMiddle(
          row.label, {plan_.RowLabel(), plan_.RowLabelLines(), Align::kLeft},
          {x, place.y, width, place.slot_height}));
    }
    Box slot{x + plan_.row_label_width, place.y, plan_.slot_width,
             place.slot_height};
    for (const SheetCell& cell : row.cells) {
      RETURN_IF_ERROR(DrawCell(cell, slot));
      slot.x += plan_.slot_width + plan_.gutter;
    }
    return absl::OkStatus();
  }

  absl::Status DrawBlock(const Sheet::Block& block,
                         const SheetPlan::Block& place) {
    RETURN_IF_ERROR(
        Write(block.title,
              {plan_.BlockTitle(), plan_.BlockTitleLines(), Align::kLeft},
              {place.x, place.y, plan_.block_width, 0})
            .status());
    for (size_t i = 0; i < block.rows.size(); ++i) {
      RETURN_IF_ERROR(DrawRow(block.rows[i], place.x, place.rows[i]));
    }
    return absl::OkStatus();
  }

  const Sheet& sheet_;
  const SheetPlan& plan_;
  TextBreaker& breaker_;
  Canvas canvas_;
};

bool HasCells(const Sheet& sheet) {
  return std::any_of(
      sheet.blocks.begin(), sheet.blocks.end(), [](const Sheet::Block& block) {
        return std::any_of(
            block.rows.begin(), block.rows.end(),
            [](const Sheet::Row& row) { return !row.cells.empty(); });
      });
}

}  // namespace

absl::StatusOr<Image> DrawSheet(const Sheet& sheet) {
  if (!HasCells(sheet)) {
    return absl::InvalidArgumentError("sheet has no cells");
  }
  if (sheet.cell_px < kMinCellPx || sheet.cell_px > kMaxCellPx) {
    return InvalidArgument("cell_px is ", sheet.cell_px, "; ", kMinCellPx,
                           " to ", kMaxCellPx, " are allowed");
  }
  TextBreaker breaker;
  ASSIGN_OR_RETURN(const SheetPlan plan, PlanSheet(sheet, breaker));
  return SheetDrawer(sheet, plan, breaker).Draw();
}

}  // namespace atelier
