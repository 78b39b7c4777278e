// Forms: one submission at a time, a warning before unsaved changes are lost,
// passwords that can be shown, and selects that apply at once.

document.addEventListener('submit', (event) => {
  const form = event.target;
  // Into a frame of the page: the form stays as it is.
  if (event.submitter?.formTarget) return;
  if (event.defaultPrevented || form.method === 'dialog') return;
  if (form.dataset.busy !== undefined) {
    event.preventDefault();
    return;
  }
  form.dataset.busy = '';
  delete form.dataset.dirty;
  event.submitter?.setAttribute('aria-busy', 'true');
  // A download leaves the page standing: let the form go again.
  setTimeout(() => release(form), 8000);
});

function release(form) {
  delete form.dataset.busy;
  for (const button of form.querySelectorAll('button[aria-busy]')) button.removeAttribute('aria-busy');
}

// Coming back through the browser's history finds the form ready again.
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-busy]')) release(form);
});

const snapshot = (form) => new URLSearchParams([...new FormData(form)].map(([key, value]) => [key, String(value)])).toString();

for (const form of document.querySelectorAll('form[data-guard]')) {
  // A refused form comes back with changes that are not saved.
  const before = 'dirty' in form.dataset ? null : snapshot(form);
  const mark = () => { form.toggleAttribute('data-dirty', snapshot(form) !== before); };
  form.addEventListener('input', mark);
  form.addEventListener('reset', () => setTimeout(mark));
}

addEventListener('beforeunload', (event) => {
  if (document.querySelector('form[data-guard][data-dirty]')) event.preventDefault();
});

// What is folded away unfolds for the address that names it, and for a field that the
// browser wants to complain about.
function unfold(target) {
  const closed = target?.closest('details:not([open])');
  if (!closed) return;
  closed.open = true;
  unfold(closed.parentElement);
  target.scrollIntoView({ block: 'center' });
}

const named = () => unfold(document.getElementById(location.hash.slice(1)));
named();
addEventListener('hashchange', named);
document.addEventListener('invalid', (event) => unfold(event.target), true);

document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-reveal]');
  if (!button) return;
  const field = document.getElementById(button.dataset.reveal);
  const shown = field.type === 'password';
  field.type = shown ? 'text' : 'password';
  button.setAttribute('aria-pressed', String(shown));
  field.focus();
});

document.addEventListener('change', (event) => {
  if (event.target.matches('select[data-apply]')) event.target.form?.requestSubmit();
});
