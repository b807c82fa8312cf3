// SHA-256 of files. Browsers have it, but not for pages that came over plain
// HTTP; for these, and for what is too large for memory, it is worked out here.

const MOST_AT_ONCE_BYTES = 256 << 20;
const PIECE_BYTES = 4 << 20;
const BLOCK_BYTES = 64;

// The first 32 bits of what follows the point in roots of the first primes.
function rootsOf(count, exponent) {
  const found = [];
  for (let prime = 2; found.length < count; ++prime) {
    let isPrime = true;
    for (let divisor = 2; divisor * divisor <= prime; ++divisor) isPrime &&= prime % divisor !== 0;
    if (!isPrime) continue;
    const root = prime ** exponent;
    found.push(((root - Math.floor(root)) * 2 ** 32) | 0);
  }
  return found;
}
const CONSTANTS = new Int32Array(rootsOf(64, 1 / 3));
const START = rootsOf(8, 1 / 2);

const turned = (word, bits) => (word >>> bits) | (word << (32 - bits));

// Of bytes that come piece by piece.
export class Sha256 {
  constructor() {
    this.state = new Int32Array(START);
    this.words = new Int32Array(64);
    this.rest = new Uint8Array(BLOCK_BYTES);  // What does not fill a block yet.
    this.restLength = 0;
    this.length = 0;
  }

  update(bytes) {
    this.length += bytes.length;
    let at = 0;
    if (this.restLength > 0) {
      at = Math.min(BLOCK_BYTES - this.restLength, bytes.length);
      this.rest.set(bytes.subarray(0, at), this.restLength);
      this.restLength += at;
      if (this.restLength < BLOCK_BYTES) return this;
      this.block(this.rest, 0);
      this.restLength = 0;
    }
    for (; at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES) this.block(bytes, at);
    this.rest.set(bytes.subarray(at));
    this.restLength = bytes.length - at;
    return this;
  }

  // As 64 hex digits. No more can be added.
  hex() {
    const {length} = this;
    const end = new Uint8Array(this.restLength < 56 ? BLOCK_BYTES - this.restLength : 2 * BLOCK_BYTES - this.restLength);
    end[0] = 0x80;
    const bits = new DataView(end.buffer, end.length - 8);
    bits.setUint32(0, Math.floor(length / 2 ** 29));
    bits.setUint32(4, (length << 3) >>> 0);
    this.update(end);
    return [...this.state].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  block(bytes, at) {
    const {words, state} = this;
    for (let i = 0; i < 16; ++i, at += 4) words[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    for (let i = 16; i < 64; ++i) {
      const [early, late] = [words[i - 15], words[i - 2]];
      words[i] = (words[i - 16] + (turned(early, 7) ^ turned(early, 18) ^ (early >>> 3)) +
                  words[i - 7] + (turned(late, 17) ^ turned(late, 19) ^ (late >>> 10))) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; ++i) {
      const one = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + CONSTANTS[i] + words[i]) | 0;
      const two = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => { state[i] = (state[i] + word) | 0; });
  }
}

// Of a file, or another Blob. Throws what reading it throws.
export async function digestOf(file, subtle = globalThis.crypto?.subtle) {
  if (subtle && file.size <= MOST_AT_ONCE_BYTES) {
    const bytes = new Uint8Array(await subtle.digest('SHA-256', await file.arrayBuffer()));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  }
  const sum = new Sha256();
  for (let at = 0; at < file.size; at += PIECE_BYTES) {
    sum.update(new Uint8Array(await file.slice(at, at + PIECE_BYTES).arrayBuffer()));
  }
  return sum.hex();
}
