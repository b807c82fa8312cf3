// The heads of a grid's rows and columns, nested where several axes lie along
// one side: only those in sight are elements, and each label stays in sight as
// long as any of its cells is.
import {setAttribute} from '/page/dom.js';
import {make, refill} from '/page/viewer/dom.js';
import {visible} from '/page/viewer/text.js';

const GAP_PX = 6;

// The heads of one side: {key, level, value, from, to}, from and to in px of the
// line, of those in sight.
function seenOf(levels, line, [first, last], letter) {
  const found = [];
  if (last <= first) return found;
  levels.forEach((level, depth) => {
    for (let k = Math.floor(first / level.span); k * level.span < last; ++k) {
      const end = Math.min(line.count, (k + 1) * level.span) - 1;
      found.push({
        key: `${letter}${depth} ${k}`, level, depth, value: level.values[k % level.values.length],
        from: line.offset(k * level.span), to: line.offset(end) + line.size - GAP_PX,
      });
    }
  });
  return found;
}

export function drawHeads(grid, rows, columns, position, scrollLeft) {
  const {placing, left, top, heads} = grid;
  const {clientWidth, clientHeight} = grid.element;
  const wanted = new Map();
  const before = (steps, depth) => steps.slice(0, depth).reduce((sum, px) => sum + px, 0);
  for (const head of seenOf(placing.columnLevels, grid.across, columns, 'c')) {
    const x = Math.max(left, left + head.from - scrollLeft);
    wanted.set(head.key, {...head, kind: 'column', x, y: before(grid.steps.column, head.depth),
      width: Math.min(clientWidth, left + head.to - scrollLeft) - x, height: grid.steps.column[head.depth]});
  }
  for (const head of seenOf(placing.rowLevels, grid.down, rows, 'r')) {
    const y = Math.max(top, top + head.from - position);
    wanted.set(head.key, {...head, kind: 'row', x: before(grid.steps.row, head.depth), y,
      width: grid.steps.row[head.depth] - GAP_PX, height: Math.min(clientHeight, top + head.to - position) - y});
  }
  if (grid.corner) {
    wanted.set('corner', {kind: 'corner', x: 0, y: 0, width: left - GAP_PX, height: top, texts: grid.corner});
  }
  for (const [key, head] of heads) {
    if (!wanted.has(key)) { head.remove(); heads.delete(key); }
  }
  for (const [key, look] of wanted) drawHead(grid, key, look);
}

function drawHead(grid, key, {kind, level, value, texts, x, y, width, height}) {
  let head = grid.heads.get(key);
  if (head === undefined) {
    head = make('div', {class: `head ${kind}`, 'aria-hidden': 'true'});
    grid.heads.set(key, head);
    const says = level ? grid.headOf(level, value, kind) : null;
    const shown = texts ?? [says.text];
    refill(head, says?.picture && make('img', {src: says.picture, alt: '', draggable: 'false', decoding: 'async', onerror: (event) => event.target.remove()}),
        shown.map((text) => make('span', {class: 'text'}, says?.start && text.startsWith(says.start) ?
          [make('span', {class: 'start'}, says.start), make('span', {}, text.slice(says.start.length))] : visible(text))));
    setAttribute(head, 'title', shown.join('\n'));
    if (level?.span > 1) setAttribute(head, 'data-outer', '');
    grid.box.append(head);
  }
  head.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  head.style.width = `${Math.max(0, Math.round(width))}px`;
  head.style.height = `${Math.max(0, Math.round(height))}px`;
}
