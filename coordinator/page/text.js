// Numbers, times and states as people read them.

// "JOB_STATE_RUNNING" is "running".
export function wordOf(name, prefix) {
  const text = String(name ?? '');
  return (text.startsWith(prefix) ? text.slice(prefix.length) : text).toLowerCase().replaceAll('_', ' ');
}

// 64-bit numbers come as texts.
export function whole(value) {
  const number = Number(value ?? 0);
  return Number.isFinite(number) ? number : 0;
}

export function numberText(value) {
  if (!Number.isFinite(value)) return '';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

export function bytesText(bytes) {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let place = 0;
  for (; bytes >= 1024 && place < units.length - 1; ++place) bytes /= 1024;
  return `${Number(bytes.toPrecision(3))} ${units[place]}`;
}

export function durationText(seconds) {
  if (!Number.isFinite(seconds) || seconds < 0) return '';
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86400)} days`;
}

// In the viewer's time zone.
export function timeText(timestamp) {
  const time = new Date(timestamp);
  return Number.isNaN(time.getTime()) ? '' : time.toLocaleString();
}

export function ageText(timestamp, now = Date.now()) {
  const seconds = (now - new Date(timestamp).getTime()) / 1000;
  return Number.isFinite(seconds) ? durationText(Math.max(0, seconds)) : '';
}

export function counted(count, noun) {
  return `${count.toLocaleString()} ${noun}${count === 1 ? '' : 's'}`;
}
