// Loss curves as a small SVG: iterations across, losses up on a log axis.

const CURVE = {width: 420, height: 220, left: 52, right: 12, top: 10, bottom: 28};

// `curve` as readCurve returns it; `other`, where given, is drawn dashed: the
// picture that is compared. Returns an element; says so where there is no curve.
function curveChart(curve, other = null) {
  const lines = [
    ...styledLines(curve, false), ...(other ? styledLines(other, true) : []),
  ];
  if (lines.length === 0) return element('p', {class: 'absent'}, 'absent');
  const scale = curveScale(lines.flatMap((line) => line.points));
  const label = `Losses by iteration: ${lines.map((line) => line.name).join(', ')}`;
  const chart = svg('svg', {
    class: 'curve', viewBox: `0 0 ${CURVE.width} ${CURVE.height}`, role: 'img',
    'aria-label': label,
  }, axisMarks(scale), lines.map((line) => svg('path', {
    class: `line ${line.style}`, d: pathOf(line.points, scale),
  }, svg('title', {}, line.name))));
  const legend = element('ul', {class: 'legend'}, lines.map((line) => element(
      'li', {}, element('span', {class: `key ${line.style}`}), line.name)));
  return element('div', {}, chart, legend);
}

// What a log axis can show: a loss of 0 is left out.
function styledLines(curve, isOther) {
  if (!curve) return [];
  const named = curve.lines.map((line, i) => ({
    name: isOther ? `${line.name} (compared)` : line.name,
    style: `line-${line.name === 'total' ? 0 : 1 + (i + 4) % 5}${isOther ? ' other' : ''}`,
    points: line.values.map((value, at) => [curve.iterations[at], value])
        .filter(([x, y]) => isNumber(x) && isNumber(y) && y > 0),
  }));
  return named.filter((line) => line.points.length > 0);
}

function curveScale(points) {
  const x = range(points.map((point) => point[0]));
  const y = range(points.map((point) => Math.log10(point[1])));
  const width = CURVE.width - CURVE.left - CURVE.right;
  const height = CURVE.height - CURVE.top - CURVE.bottom;
  return {
    x: (value) => CURVE.left + width * (value - x.low) / (x.high - x.low),
    y: (value) => CURVE.top + height * (y.high - Math.log10(value)) / (y.high - y.low),
    xRange: x, yRange: y,
  };
}

// Without Math.min(...values): a long curve has more values than a call takes.
function range(values) {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return low === high ? {low: low - 0.5, high: high + 0.5} : {low, high};
}

function pathOf(points, scale) {
  const steps = points.map(([x, y], i) =>
    `${i ? 'L' : 'M'}${scale.x(x).toFixed(1)} ${scale.y(y).toFixed(1)}`);
  // One point is a dot, by its round cap.
  return steps.length === 1 ? `${steps[0]}h0.01` : steps.join('');
}

function axisMarks(scale) {
  const marks = [];
  for (const value of logTicks(scale.yRange)) {
    const y = scale.y(value).toFixed(1);
    marks.push(
        svg('line', {class: 'rule', x1: CURVE.left, x2: CURVE.width - CURVE.right, y1: y, y2: y}),
        svg('text', {x: CURVE.left - 6, y, class: 'tick up'}, numberText(value)));
  }
  for (const value of linearTicks(scale.xRange)) {
    marks.push(svg('text', {
      x: scale.x(value).toFixed(1), y: CURVE.height - 10, class: 'tick across',
    }, numberText(value)));
  }
  return marks;
}

// Powers of ten; 1, 2 and 5 of them where there are few.
function logTicks({low, high}) {
  const steps = high - low > 2 ? [1] : [1, 2, 5];
  const stride = Math.max(1, Math.ceil((high - low) / 6));
  const ticks = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power += stride) {
    for (const step of steps) ticks.push(Number(`${step}e${power}`));
  }
  const shown = ticks.filter((tick) => Math.log10(tick) >= low && Math.log10(tick) <= high);
  return shown.length > 1 ? shown : [10 ** low, 10 ** high].map(
      (value) => Number(value.toPrecision(3)));
}

function linearTicks({low, high}) {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => size >= rough);
  const ticks = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) {
    ticks.push(Number(tick.toPrecision(12)));
  }
  return ticks;
}
