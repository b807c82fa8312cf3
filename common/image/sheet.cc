#include "common/image/sheet.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "common/image/canvas.h"
#include "common/render/size.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr Colour kPaper = {0.98f, 0.98f, 0.975f};
constexpr Colour kInk = {0.11f, 0.12f, 0.14f};
constexpr Colour kFaintInk = {0.36f, 0.38f, 0.41f};
constexpr Colour kRule = {0.82f, 0.83f, 0.84f};
constexpr Colour kGap = {0.93f, 0.93f, 0.925f};
constexpr int kMinCellPx = 16;
constexpr int kMaxCellPx = 4096;
constexpr int64_t kMaxPixels = 200'000'000;

// Every distance on the sheet, in pixels.
struct Layout {
  int text = 0;  // Size of the labels' letters.
  int title = 0;
  int line = 0;  // A label's height with the air around it.
  int margin = 0;
  int gutter = 0;  // Between pictures.
  int row_label_width = 0;
  int slot_width = 0;
  int top = 0;  // Of the first row.
  std::vector<int> slot_heights;
  int width = 0;
  int height = 0;
};

int WidestRow(const Sheet& sheet) {
  size_t most = 0;
  for (const Sheet::Row& row : sheet.rows) {
    most = std::max(most, row.cells.size());
  }
  return most;
}

bool IsGap(const SheetCell& cell) { return cell.image.rgb.empty(); }

std::pair<int, int> SizeOn(const Sheet& sheet, const SheetCell& cell) {
  return FitSize(cell.image.width_px, cell.image.height_px, sheet.cell_px);
}

// What a gap is drawn as: the size of the pictures it stands among.
Box LargestPicture(const Sheet& sheet) {
  Box largest;
  for (const Sheet::Row& row : sheet.rows) {
    for (const SheetCell& cell : row.cells) {
      if (IsGap(cell)) continue;
      const auto [width, height] = SizeOn(sheet, cell);
      largest.width = std::max(largest.width, width);
      largest.height = std::max(largest.height, height);
    }
  }
  if (largest.width == 0) largest.width = largest.height = sheet.cell_px;
  return largest;
}

int SlotHeight(const Sheet& sheet, const Sheet::Row& row, const Box& largest) {
  int height = 0;
  for (const SheetCell& cell : row.cells) {
    height = std::max(
        height, IsGap(cell) ? largest.height : SizeOn(sheet, cell).second);
  }
  return height;
}

absl::StatusOr<int> RowLabelWidth(const Sheet& sheet, int text_px) {
  const int most = std::max(sheet.cell_px * 4 / 5, text_px * 12);
  int width = 0;
  for (const Sheet::Row& row : sheet.rows) {
    ASSIGN_OR_RETURN(const TextMask mask,
                     DrawText(row.label, {text_px, true}, most));
    width = std::max(width, mask.width_px);
  }
  return width;
}

absl::StatusOr<Layout> LayOut(const Sheet& sheet) {
  Layout layout;
  layout.text = std::clamp(sheet.cell_px / 17, 11, 48);
  layout.title = layout.text * 8 / 5;
  layout.line = layout.text * 2;
  layout.margin = layout.text * 2;
  layout.gutter = layout.text;
  ASSIGN_OR_RETURN(layout.row_label_width, RowLabelWidth(sheet, layout.text));
  if (layout.row_label_width > 0)
    layout.row_label_width += layout.gutter * 3 / 2;
  layout.top = layout.margin;
  if (!sheet.title.empty()) layout.top += layout.title * 2 + layout.gutter;
  const Box largest = LargestPicture(sheet);
  // Narrow pictures still leave room for a readable label.
  layout.slot_width = std::max(largest.width, layout.text * 6);
  const int64_t columns = WidestRow(sheet);
  const int64_t width = 2 * layout.margin + layout.row_label_width +
                        columns * (layout.slot_width + layout.gutter) -
                        layout.gutter;
  int64_t height = layout.top + layout.margin - layout.gutter;
  for (const Sheet::Row& row : sheet.rows) {
    layout.slot_heights.push_back(SlotHeight(sheet, row, largest));
    height += layout.slot_heights.back() + layout.line + layout.gutter;
  }
  if (width * height > kMaxPixels) {
    return InvalidArgument("sheet would be ", width, "x", height,
                           " pixels; at most ", kMaxPixels,
                           " pixels are drawn: use fewer or smaller cells");
  }
  layout.width = width;
  layout.height = height;
  return layout;
}

absl::Status DrawCentred(Canvas& canvas, const std::string& text,
                         const TextStyle& style, const Box& box,
                         const Colour& colour) {
  ASSIGN_OR_RETURN(const TextMask mask, DrawText(text, style, box.width));
  // Letters with their descenders take some six fifths of their size.
  const int line = style.size_px * 6 / 5;
  canvas.Write(mask, box.x + (box.width - mask.width_px) / 2,
               box.y + (box.height - line) / 2, colour);
  return absl::OkStatus();
}

absl::Status DrawCell(Canvas& canvas, const Sheet& sheet, const Layout& layout,
                      const SheetCell& cell, const Box& slot) {
  if (IsGap(cell)) {
    canvas.Fill(slot, kGap);
    canvas.Frame(slot, 1, kRule);
    RETURN_IF_ERROR(
        DrawCentred(canvas, cell.gap, {layout.text, false}, slot, kFaintInk));
  } else {
    const auto [width, height] = SizeOn(sheet, cell);
    ASSIGN_OR_RETURN(const Image picture, Resize(cell.image, width, height));
    const Box at{slot.x + (slot.width - width) / 2,
                 slot.y + (slot.height - height) / 2, width, height};
    canvas.Frame(at, 1, kRule);
    canvas.Place(picture, at.x, at.y);
  }
  return DrawCentred(canvas, cell.label, {layout.text, false},
                     {slot.x, slot.y + slot.height, slot.width, layout.line},
                     kInk);
}

absl::Status DrawTitle(Canvas& canvas, const Sheet& sheet,
                       const Layout& layout) {
  if (sheet.title.empty()) return absl::OkStatus();
  const int width = layout.width - 2 * layout.margin;
  ASSIGN_OR_RETURN(const TextMask mask,
                   DrawText(sheet.title, {layout.title, true}, width));
  canvas.Write(mask, layout.margin, layout.margin - layout.title / 4, kInk);
  canvas.Fill({layout.margin, layout.margin + layout.title * 3 / 2, width, 1},
              kRule);
  return absl::OkStatus();
}

absl::Status DrawRow(Canvas& canvas, const Sheet& sheet, const Layout& layout,
                     size_t row_index, int y) {
  const Sheet::Row& row = sheet.rows[row_index];
  const int height = layout.slot_heights[row_index];
  ASSIGN_OR_RETURN(
      const TextMask label,
      DrawText(row.label, {layout.text, true}, layout.row_label_width));
  canvas.Write(label, layout.margin, y + height / 2 - layout.text * 3 / 5,
               kInk);
  Box slot{layout.margin + layout.row_label_width, y, layout.slot_width,
           height};
  for (const SheetCell& cell : row.cells) {
    RETURN_IF_ERROR(DrawCell(canvas, sheet, layout, cell, slot));
    slot.x += layout.slot_width + layout.gutter;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Image> DrawSheet(const Sheet& sheet) {
  if (WidestRow(sheet) == 0) {
    return absl::InvalidArgumentError("sheet has no cells");
  }
  if (sheet.cell_px < kMinCellPx || sheet.cell_px > kMaxCellPx) {
    return InvalidArgument("cell_px is ", sheet.cell_px, "; ", kMinCellPx,
                           " to ", kMaxCellPx, " are allowed");
  }
  ASSIGN_OR_RETURN(const Layout layout, LayOut(sheet));
  Canvas canvas(layout.width, layout.height, kPaper);
  RETURN_IF_ERROR(DrawTitle(canvas, sheet, layout));
  int y = layout.top;
  for (size_t i = 0; i < sheet.rows.size(); ++i) {
    RETURN_IF_ERROR(DrawRow(canvas, sheet, layout, i, y));
    y += layout.slot_heights[i] + layout.line + layout.gutter;
  }
  return std::move(canvas).Take();
}

}  // namespace atelier
