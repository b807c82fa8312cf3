import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {test} from 'node:test';
import {bytesText, isPicture} from '/page/new_picture.js';
import {fillingOf, KEEPS_NOTHING, nameOf, specOf} from '/page/new_spec.js';
import {byWireName} from '/page/parameter_table.js';
import {givenIn, parseValues} from '/page/parameter_values.js';
import {rerunSpec} from '/page/rerun.js';
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

const ROWS = byWireName({parameters: [
  {name: 'preset', wire_name: 'preset', kind: 'choice', choices: ['published', 'fast'].map((name) => ({name, wire_name: `PRESET_${name.toUpperCase()}`}))},
  {name: 'size', wire_name: 'size_px', kind: 'integer', least: 0, most: 16384, step: 1},
  {name: 'style_weight', wire_name: 'style_weight', kind: 'number', least: 0, step: 1},
  {name: 'seed', wire_name: 'seed', kind: 'integer', least: 0, step: 1},
  {name: 'style_layers', wire_name: 'style_layers', kind: 'layers'},
  {name: 'style', wire_name: 'style_digests', kind: 'files'},
]});
const EMPTY = {style_digests: [], style_mask_digests: []};  // As answers have what nobody gave.
const NETWORK = {weights_digest: 'n'.repeat(64), name: 'own'};
const image = (digest, name) => ({digest, name, width_px: 8, height_px: 6});

// What a form makes of a spec where nobody changes anything.
function unchanged(spec) {
  const {texts, axes, content, styles, ...filling} = fillingOf(spec, ROWS, NETWORK);
  const picture = ({digest, name, width_px: width, height_px: height, label}) => ({digest, name, width, height, label});
  const given = Object.fromEntries(Object.entries(texts).map(([field, text]) => [field, parseValues(text, ROWS.get(field))[0].value]));
  const written = axes.map(({axis, row, text}) => axis ?? {name: row.name, values: parseValues(text, row).map(({label, value}) => ({label, set: {[row.wire_name]: value}}))});
  return specOf({...filling, given, axes: written, content: picture(content), styles: styles.map(picture)}, NETWORK).spec;
}

// Without what nobody gave.
const plain = (spec) => JSON.parse(JSON.stringify(spec, (_, value) => (value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.fromEntries(givenIn(value)) : value)));

test('a job that begins as another and is not changed is the same', () => {
  const spec = {
    name: 'j', mode: 'SWEEP_MODE_GRID', user: 'anna', study: 's', exclude: [{labels: [{axis: 'seed', label: '1'}]}], measure: {size_px: 64}, base_input_names: [],
    base: {...EMPTY, content_digest: 'c', style_mask_digests: ['m'], style_layers: {layers: [{tap: 'relu1_1', weight: 1}, {tap: 'relu2_1', weight: 0.5}]}, weights_digest: 'w', preset: 'PRESET_FAST', unknown: 3},
    axes: [
      {name: 'seed', values: [{label: '1', set: {...EMPTY, seed: '1'}}, {label: 'big', set: {...EMPTY, seed: '18446744073709551615'}}]},
      {name: 'style', values: [{label: 'one', set: {style_digests: ['s1'], style_mask_digests: []}}, {label: 'two', set: {style_digests: ['s2'], style_mask_digests: []}}]},
      {name: 'both', values: [{label: 'a', set: {...EMPTY, seed: '1', size_px: 64}}]},
    ],
    images: [image('c', 'c.png'), image('s1', 's1.png'), image('s2', 's2.png'), image('m', 'm.png')], networks: [{weights_digest: 'w', name: 'theirs'}],
  };
  const again = plain(unchanged(spec));
  const sorted = ({images, ...rest}) => ({...rest, images: images.map((one) => JSON.stringify(one)).sort()});
  const wanted = plain(spec);
  delete wanted.base.style_layers.layers[0].weight;  // 1 where none is said.
  wanted.axes[0].values.forEach(({set}) => { set.seed = set.seed === '1' ? 1 : set.seed; });
  assert.deepEqual(sorted(again), sorted(wanted));
  const {notes, axes} = fillingOf(spec, ROWS, NETWORK);
  assert.deepEqual(axes.map(({text, axis}) => text ?? axis.name), ['1, big=18446744073709551615', 'both']);
  assert.deepEqual(notes, ['masks of its styles', 'its network theirs', 'points that are left out', 'how results are measured', 'its study s']);
});

test('what no text says comes along as it is', () => {
  const values = (...labels) => labels.map((label) => ({label, set: {seed: '1'}}));
  for (const axis of [
    {name: 'other', values: values('1')}, {name: 'seed', values: values('a=b')}, {name: 'seed', values: values('a, b')},
    {name: 'seed', values: [...values('1'), {label: '2', set: {size_px: 2}}]}, {name: 'seed', values: [{label: '1', set: {seed: '1', size_px: 1}}]}, {name: 'weights', values: [{label: '1', set: {weights_digest: 'w'}}]},
    {name: 'content', values: [{label: '1', set: {content_digest: 'd'}}]},
  ]) assert.deepEqual(fillingOf({name: 'j', base: {content_digest: 'c'}, axes: [axis]}, ROWS, NETWORK).axes, [{axis}]);
});

test('the coordinator’s network is named where no other is', () => {
  const [content, style] = [{digest: 'c', name: 'c.png', width: 8, height: 6}, {digest: 's', name: 's.png', width: 8, height: 6}];
  const form = {name: 'j', content, styles: [style], styleAxis: null, given: {preset: 'PRESET_FAST'}, axes: [], kept: KEEPS_NOTHING};
  assert.deepEqual(specOf(form, NETWORK).spec, {
    name: 'j', base: {preset: 'PRESET_FAST', content_digest: 'c', style_digests: ['s'], weights_digest: NETWORK.weights_digest}, axes: [],
    images: [image('c', 'c.png'), image('s', 's.png')], networks: [NETWORK],
  });
  const {spec, placeOf} = specOf({...form, styles: [style, {...style, digest: 't'}], styleAxis: 0, axes: [{name: 'seed', values: []}]}, NETWORK);
  assert.deepEqual(spec.axes.map(({name, values}) => [name, values.map(({label}) => label)]), [['style', ['s.png', 's.png 2']], ['seed', []]]);
  assert.deepEqual([0, 1].map(placeOf), [-1, 0]);
  assert.equal(nameOf(content, [style, {...style, name: 'w\u202e.jpeg'}]), 'c, s + w\\u202e');
});

test('a task once more is its render, without what a render of it may not say', () => {
  const render = {...EMPTY, content_digest: 'c', style_digests: ['s'], weights_digest: 'w', seed: '3', resample_every: 0, least_progress: 0};
  const spec = {name: 'é'.repeat(128), axes: [{}], images: ['c', 's', 'm'].map((digest) => image(digest, digest)), networks: ['w', 'v'].map((digest) => ({weights_digest: digest})), priority: 3, exclude: [{}]};
  const {name, base, images, networks, ...rest} = rerunSpec(spec, {index: '12', render});
  assert.equal([...name].length, 128);
  assert.ok(name.endsWith('é…, task 12 again'), name);
  assert.deepEqual(base, {content_digest: 'c', style_digests: ['s'], weights_digest: 'w', seed: '3', least_progress: 0});
  assert.deepEqual([images.length, networks.length, rest], [2, 1, {no_cache: true}]);
});

test('pictures are known by their first bytes', () => {
  const bytes = (text) => Uint8Array.from(text, (one) => one.charCodeAt(0));
  for (const text of ['\x89PNG\r\n\x1a\n....', '\xff\xd8\xff\xe0....', 'RIFF\x01\x02\x03\x04WEBP']) assert.ok(isPicture(bytes(text)));
  for (const text of ['', 'GIF89a', '<svg xmlns=', 'RIFF\x01\x02\x03\x04WAVE', 'II*\0........']) assert.ok(!isPicture(bytes(text)));
  assert.deepEqual([0, 999, 1000, 12_345_678, 5e12].map(bytesText), ['0 bytes', '999 bytes', '1.0 kB', '12 MB', '5000 GB']);
});
