// Times, counts and states as people read them, besides what the viewer has
// (viewer/text.js).
import {visible} from '/page/viewer/text.js';

// "JOB_STATE_RUNNING" is "running".
export function wordOf(name, prefix) {
  const text = String(name ?? '');
  return (text.startsWith(prefix) ? text.slice(prefix.length) : text).toLowerCase().replaceAll('_', ' ');
}

// Names of axes and measures; those of layers stay: "wasserstein relu1_1".
export function readable(name) {
  return visible(name).replace(/(?<!\d)_|_(?!\d)/g, ' ');
}

// 64-bit numbers come as texts.
export function whole(value) {
  const number = Number(value ?? 0);
  return Number.isFinite(number) ? number : 0;
}

export function durationText(seconds) {
  if (!Number.isFinite(seconds) || seconds < 0) return '';
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86400)} days`;
}

export function ageText(timestamp, now = Date.now()) {
  const seconds = (now - new Date(timestamp).getTime()) / 1000;
  return Number.isFinite(seconds) ? durationText(Math.max(0, seconds)) : '';
}

// "1.5s", as the answers have a duration, in seconds.
export function secondsOf(duration) {
  return Number.parseFloat(duration ?? '');
}

export function counted(count, noun) {
  return `${count.toLocaleString()} ${noun}${count === 1 ? '' : 's'}`;
}
