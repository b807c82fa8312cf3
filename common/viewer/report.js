// The page of a report: its data stands in it, as client/lib/report.h writes it.
// Not of the viewer: a page that is served asks for its data elsewhere.
(() => {
  'use strict';

  function data(id) { return JSON.parse(document.getElementById(id).textContent); }

  // Relative whatever a name says: no scheme and no way up survives.
  function link(folder, file) {
    if (typeof file !== 'string' || file === '') return undefined;
    const parts = [...folder.split('/'), ...file.split('/')]
        .filter((part) => part !== '' && part !== '.' && part !== '..');
    return './' + parts.map(encodeURIComponent).join('/');
  }

  function report(place) {
    const folder = document.getElementById(`results-${place}`).dataset.folder;
    const pictures = data(`pictures-${place}`);
    return {
      document: data(`results-${place}`),
      pictures: (task) => ({
        thumbnail: pictures.tasks[task.index], full: link(folder, task.file),
      }),
      input: (input) => ({thumbnail: pictures.inputs[input.digest]}),
    };
  }

  const root = document.getElementById('report');
  try {
    const reports = [];
    while (document.getElementById(`results-${reports.length}`)) {
      reports.push(report(reports.length));
    }
    const names = reports.map((one) => one.document.job?.name ?? 'results');
    document.title = `${names.join(', ')} · Atelier`;
    atelierViewer.showResults(root, reports);
  } catch (error) {
    // What cannot be read should not look like an empty page.
    root.textContent = `This report cannot be read: ${error.message}`;
    throw error;
  }
})();
