// The grid as it is seen, as a PNG: all of it where it is not too large, else
// what is in sight.
import {visible} from '/page/viewer/text.js';

const MOST_CELLS = 600;
const MOST_PX = 48_000_000;
const MOST_SIDE_PX = 12_000;
const TITLE_PX = 34;

async function pictureOf(url) {
  if (!url) return null;
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
    return image;
  } catch {
    return null;  // Its cell stays empty.
  }
}

// Which rows and columns: [first, one after the last) of each.
function partOf(grid) {
  const {placing} = grid;
  const isSmall = placing.rows * placing.columns <= MOST_CELLS &&
      grid.across.length <= MOST_SIDE_PX && grid.down.length <= MOST_SIDE_PX && grid.across.length * grid.down.length <= MOST_PX;
  return isSmall ? {rows: [0, placing.rows], columns: [0, placing.columns]} : grid.inSight();
}

// `lookOf(index)`: looks.js; `ensure(indices)` resolves once tasks are known.
// Returns the canvas.
export async function drawGrid({grid, lookOf, ensure, title}) {
  const {placing, left, top} = grid;
  const {rows, columns} = partOf(grid);
  const cells = [];
  for (let row = rows[0]; row < rows[1]; ++row) {
    for (let column = columns[0]; column < columns[1]; ++column) {
      const index = placing.indexAt(row, column);
      if (index >= 0) cells.push({row, column, index});
    }
  }
  await ensure(cells.map((cell) => cell.index));
  const x0 = grid.across.offset(columns[0]);
  const y0 = grid.down.offset(rows[0]);
  const canvas = document.createElement('canvas');
  canvas.width = left + grid.across.offset(columns[1] - 1) + grid.width - x0;
  canvas.height = TITLE_PX + top + grid.down.offset(rows[1] - 1) + grid.height - y0;
  const ink = canvas.getContext('2d');
  const style = getComputedStyle(grid.element);
  const color = (name) => style.getPropertyValue(name);
  ink.fillStyle = color('--raised');
  ink.fillRect(0, 0, canvas.width, canvas.height);
  ink.textBaseline = 'middle';
  text(ink, title, 10, TITLE_PX / 2, canvas.width - 20, color('--text'), 'bold 15px');
  ink.translate(0, TITLE_PX);
  for (const [levels, line, [first, last], steps, isRow] of [
    [placing.columnLevels, grid.across, columns, grid.steps.column, false], [placing.rowLevels, grid.down, rows, grid.steps.row, true]]) {
    let before = 0;
    for (const [depth, level] of levels.entries()) {
      for (let k = Math.floor(first / level.span); k * level.span < last; ++k) {
        const from = line.offset(Math.max(first, k * level.span)) - (isRow ? y0 : x0);
        const to = line.offset(Math.min(last, (k + 1) * level.span) - 1) + line.size - (isRow ? y0 : x0);
        const says = grid.headOf(level, level.values[k % level.values.length], isRow ? 'row' : 'column').text;
        if (isRow) text(ink, says, before + 6, top + (from + to) / 2, steps[depth] - 8, color('--quiet'), '12px');
        else text(ink, says, left + (from + to) / 2, before + steps[depth] / 2, to - from - 4, color('--quiet'), '12px', 'center');
      }
      before += steps[depth];
    }
  }
  const looks = cells.map((cell) => ({...cell, look: lookOf(cell.index)}));
  const pictures = await Promise.all(looks.map(({look}) => pictureOf(look.source)));
  looks.forEach(({row, column, look}, i) => drawCell(ink, look, pictures[i], {
    x: left + grid.across.offset(column) - x0, y: top + grid.down.offset(row) - y0,
    width: grid.width - 6, height: grid.height - 6, caption: grid.captionPx, color,
  }));
  return canvas;
}

function drawCell(ink, look, picture, {x, y, width, height, caption, color}) {
  const room = height - caption;
  ink.globalAlpha = look.isWanted ? 1 : 0.25;
  ink.fillStyle = color('--empty');
  ink.fillRect(x, y, width, room);
  if (picture) {
    const scale = Math.min(width / picture.naturalWidth, room / picture.naturalHeight);
    const [w, h] = [picture.naturalWidth * scale, picture.naturalHeight * scale];
    ink.drawImage(picture, x + (width - w) / 2, y + (room - h) / 2, w, h);
  } else {
    text(ink, look.says, x + width / 2, y + room / 2, width - 8, color('--quiet'), '12px', 'center');
  }
  if (caption > 0) {
    if (look.tint) { ink.fillStyle = look.tint; ink.fillRect(x, y + room, width, caption); }
    const shade = look.ink ?? color('--text');
    text(ink, look.value, x + width - 5, y + room + caption * (look.caption ? 0.75 : 0.5), width - 10, shade, 'bold 12px', 'right');
    const isTall = look.value && look.caption;
    text(ink, look.caption, x + 5, y + room + caption / (isTall ? 4 : 2), width - 10, shade, '12px');
  }
  ink.globalAlpha = 1;
}

function text(ink, says, x, y, most, color, font, align = 'left') {
  let shown = visible(says);
  ink.font = `${font} system-ui, sans-serif`;
  if (most <= 0 || shown === '') return;
  if (ink.measureText(shown).width > most) {
    while (shown && ink.measureText(`${shown}…`).width > most) shown = shown.slice(0, -1);
    shown += '…';
  }
  ink.fillStyle = color;
  ink.textAlign = align;
  ink.fillText(shown, x, y);
}

// Gives a canvas to whoever looks as a file.
export async function saveCanvas(canvas, name) {
  const blob = await new Promise((done) => canvas.toBlob(done, 'image/png'));
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  Object.assign(link, {href: url, download: `${name}.png`});
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
