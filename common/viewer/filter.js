// What people type to see fewer tasks: "noise", "ssim > 0.6", both by a space.

const comparison =
    /([A-Za-z_][\w.-]*)\s*(<=|>=|!=|=|<|>)\s*("[^"]*"|[^\s"]+)/g;

const operators = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

// A function from a task to whether it is wanted. Every word and comparison
// must hold. A name is one of a measure, a parameter, an axis, `state`, `index`
// or `chosen` (yes or no); a task that has nothing under a name is not wanted.
export function parseFilter(job, text) {
  const tests = [];
  const rest = text.replace(comparison, (_, name, operator, value) => {
    tests.push(comparing(job, name, operator, value.replaceAll('"', '')));
    return ' ';
  });
  for (const word of rest.toLowerCase().split(/\s+/).filter(Boolean)) {
    tests.push((task) => task.text.includes(word));
  }
  return (task) => tests.every((test) => test(task));
}

function comparing(job, name, operator, wanted) {
  const compare = operators[operator];
  const number = Number(wanted);
  return (task) => {
    const value = lookUp(job, task, name);
    if (value === undefined || value === null) return false;
    const isNumeric = wanted !== '' && Number.isFinite(number) &&
        String(value).trim() !== '' && Number.isFinite(Number(value));
    return isNumeric ? compare(Number(value), number) :
                       compare(String(value).toLowerCase(),
                               wanted.toLowerCase());
  };
}

function lookUp(job, task, name) {
  if (task.numbers.has(name)) return task.numbers.get(name);
  if (name === 'state' || name === 'index') return task[name];
  if (name === 'chosen') return task.isChosen ? 'yes' : 'no';
  const axis = job.axes.findIndex((one) => one.name === name);
  if (axis >= 0) return task.labels[axis];
  return Object.hasOwn(task.parameters, name) ? task.parameters[name] :
                                                undefined;
}
