// What is copied for the command line.

// A word as a shell takes it.
export function quoted(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll('\'', '\'\\\'\'')}'`;
}

// The command that shows a task, with all that makes it.
export function showCommand(jobId, index) {
  return `atelier show ${quoted(jobId)} ${index}`;
}

// The command that makes a folder of a job, whose report.html opens from disk.
export function folderCommand(jobId) {
  return `atelier fetch ${quoted(jobId)} --output ${quoted(`atelier-${jobId}`)}`;
}

// The command that renders a task of a job once more, once its results are here.
export function rerunCommand(jobId, index) {
  return `atelier fetch ${quoted(jobId)} --output out && atelier rerun out/results.json --task ${index}`;
}
