import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {test} from 'node:test';
import {digestOf, Sha256} from '/page/sha256.js';

const bytesOf = (text) => new TextEncoder().encode(text);

test('digests are SHA-256, whoever works them out', async () => {
  for (const [text, hex] of [
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ]) {
    assert.equal(new Sha256().update(bytesOf(text)).hex(), hex);
    assert.equal(await digestOf(new Blob([text]), null), hex, 'where the browser has none');
    assert.equal(await digestOf(new Blob([text])), hex);
  }
});

test('pieces of any length make the same digest', () => {
  for (const length of [1, 55, 56, 63, 64, 65, 119, 120, 128, 1000]) {
    const bytes = Uint8Array.from({length}, (_, i) => (i * 7919) & 255);
    const wanted = createHash('sha256').update(bytes).digest('hex');
    for (const step of [1, 3, 64, 97]) {
      const sum = new Sha256();
      for (let at = 0; at < length; at += step) sum.update(bytes.subarray(at, at + step));
      assert.equal(sum.hex(), wanted, `${length} bytes by ${step}`);
    }
  }
});
