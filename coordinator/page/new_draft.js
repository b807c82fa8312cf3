// What was written of a new job and not submitted: the form itself while the page
// is there, and its texts while the browser's tab is.
const KEY = 'new-job';
const MOST_FORMS = 8;
const forms = new Map();  // {user, fields, submission}, by the job that it began as.

// `from`: that job's id, or null.
export function keep(from, form) {
  forms.delete(from);
  forms.set(from, form);
  if (forms.size > MOST_FORMS) forms.delete(forms.keys().next().value);
  try {
    sessionStorage.setItem(KEY, JSON.stringify({user: form.user, from, texts: form.fields.texts()}));
  } catch { /* Full, or not allowed: the form itself is there. */ }
}

export function formOf(user, from) {
  const form = forms.get(from);
  return form?.user === user ? form : null;
}

// The texts of a form that is gone, or null.
export function textsOf(user, from) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY));
    const isWhole = Array.isArray(kept?.texts?.axes) && typeof kept.texts.fields === 'object' && typeof kept.texts.name === 'string';
    return isWhole && kept.user === user && kept.from === from ? kept.texts : null;
  } catch {
    return null;
  }
}

export function forget(from) {
  forms.delete(from);
  try { sessionStorage.removeItem(KEY); } catch { /* Then there is none. */ }
}

// Whoever logs out leaves nothing behind.
export function forgetAll() {
  forms.clear();
  forget(null);
}
