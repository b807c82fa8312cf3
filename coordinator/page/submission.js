// A job is submitted once, however often somebody presses, and again where the
// answer was lost: the same spec goes with the same request id.
import {post} from '/page/api.js';

// Also where the page came over plain HTTP, which has no randomUUID().
export function requestId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export class Submission {
  // `kept`: {id, text} of one that was begun before.
  constructor(kept = null) {
    this.kept = kept;
    this.isBusy = false;
  }

  // What a call with this spec carries.
  request(spec) {
    const text = JSON.stringify(spec);
    if (this.kept?.text !== text) this.kept = {id: requestId(), text};
    return {request_id: this.kept.id, spec};
  }

  // The job; null while another call is on its way.
  async submit(spec) {
    if (this.isBusy) return null;
    this.isBusy = true;
    try {
      return await post('/api/v1/jobs', this.request(spec));
    } finally {
      this.isBusy = false;
    }
  }
}

// Whether whoever is logged in may make jobs, and bring what they are made of.
export function mayMakeJobs(page) {
  return ['submit-job', 'preview-job', 'upload-artifact'].every((action) => page.may(action));
}

// What a spec may say of who it is for, by whoever submits it.
export function asOwn(spec, page) {
  const own = {...spec};
  if (!page.may('name-another-user') && own.user !== page.session.user) own.user = '';
  if (!page.may('raise-priority') && own.priority > 0) own.priority = 0;
  return own;
}

// Of a refusal which field it is about, below the spec, and what is wrong.
export function refusalOf(message) {
  const [, path, rest] = /^spec\.([\w.[\]]+): ([\s\S]*)$/.exec(message) ?? [];
  return path === undefined ? {path: '', text: message} : {path, text: rest};
}
