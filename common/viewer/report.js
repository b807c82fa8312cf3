// The page of a report: its data stands in it, as client/lib/report.h writes it.
// Not of the viewer: a page that is served asks for its data elsewhere.
(() => {
  'use strict';

  function data(id) { return JSON.parse(document.getElementById(id).textContent); }

  const root = document.getElementById('report');
  try {
    const reports = [];
    for (let i = 0; document.getElementById(`results-${i}`); ++i) {
      const pictures = data(`pictures-${i}`);
      reports.push({
        document: data(`results-${i}`),
        pictures: (task) => pictures.tasks[task.index] ?? {},
        input: (input) => pictures.inputs[input.digest] ?? {},
      });
    }
    atelierViewer.showResults(root, reports);
    if (reports.length === 1) {
      document.title = `${reports[0].document.job?.name ?? 'results'} · Atelier`;
    }
  } catch (error) {
    // What cannot be read should not look like an empty page.
    root.textContent = `This report cannot be read: ${error.message}`;
    throw error;
  }
})();
