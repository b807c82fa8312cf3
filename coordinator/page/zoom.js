// How far into pictures one looks, alike for all that are side by side: `scale`
// 1 shows all; `x` and `y` are the middle of what is seen, in shares of the
// picture. Pure: elements follow what this says.

export const WHOLE = {scale: 1, x: 0.5, y: 0.5};
export const MOST_SCALE = 32;

const clamped = (value, least, most) => Math.max(least, Math.min(most, value));

// No further out than all of it, and nothing beside it.
function kept({scale, x, y}) {
  scale = clamped(scale, 1, MOST_SCALE);
  const half = 0.5 / scale;
  return {scale, x: clamped(x, half, 1 - half), y: clamped(y, half, 1 - half)};
}

// Closer by `factor`, while what is at a place of the frame (shares of it, from
// its top left) stays where it is.
export function zoomed(zoom, factor, atX = 0.5, atY = 0.5) {
  const scale = clamped(zoom.scale * factor, 1, MOST_SCALE);
  const seenX = zoom.x + (atX - 0.5) / zoom.scale;
  const seenY = zoom.y + (atY - 0.5) / zoom.scale;
  return kept({scale, x: seenX - (atX - 0.5) / scale, y: seenY - (atY - 0.5) / scale});
}

// Moved by shares of the frame, as a hand moves a sheet.
export function panned(zoom, byX, byY) {
  return kept({...zoom, x: zoom.x - byX / zoom.scale, y: zoom.y - byY / zoom.scale});
}

// As a CSS transform whose origin is the top left of the frame, for a frame of
// this size.
export function transformOf({scale, x, y}, width, height) {
  const left = width * (0.5 - x * scale);
  const top = height * (0.5 - y * scale);
  return `translate(${left.toFixed(2)}px, ${top.toFixed(2)}px) scale(${scale.toFixed(4)})`;
}
