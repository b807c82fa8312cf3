// Colours for values and for curves, told apart by people who see few.
import {goodness} from './measures.js';

// From the worst to the best: dark violet to yellow, ever lighter (viridis).
const ramp = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98],
  [253, 231, 37]];

function onRamp(share) {
  const place = share * (ramp.length - 1);
  const from = Math.min(Math.floor(place), ramp.length - 2);
  return ramp[from].map(
      (start, i) => Math.round(start + (ramp[from + 1][i] - start) *
                                   (place - from)));
}

// A CSS colour; null for a value that is absent, or where all are the same.
export function colorOf(measure, value) {
  const share = goodness(measure, value);
  return share === null ? null : `rgb(${onRamp(share).join(' ')})`;
}

// Black or white, whichever is easier to read on a colour of the ramp: by the
// contrast of WCAG 2, which is the same for both at this luminance.
export function inkOn(color) {
  const [red, green, blue] = color.match(/\d+/g).map((value) => {
    const share = Number(value) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000' : '#fff';
}

// The ramp as a gradient, the worst first.
export function rampGradient() {
  const stops = ramp.map((color) => `rgb(${color.join(' ')})`);
  return `linear-gradient(90deg, ${stops.join(', ')})`;
}

const hues = ['#3b7dd8', '#d9822b', '#2f9e6e', '#c2415a', '#8a63c9', '#8c7a1f',
  '#1b98a8', '#b05aa5'];
const dashes = ['none', '6 3', '2 3', '8 3 2 3'];

// The look of curve `i`: 32 differ.
export function strokeOf(i) {
  return {
    color: hues[i % hues.length],
    dash: dashes[Math.floor(i / hues.length) % dashes.length],
  };
}
