// Dialogs: the command attribute for browsers without it, links that have a
// page of their own and open a dialog instead, and names typed to confirm.

const native = 'commandForElement' in HTMLButtonElement.prototype;

document.addEventListener('click', (event) => {
  const link = event.target.closest('a[data-dialog]');
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    const dialog = document.getElementById(link.dataset.dialog);
    if (!dialog) return;
    event.preventDefault();
    link.closest('[popover]')?.hidePopover();
    dialog.showModal();
    return;
  }
  const button = event.target.closest('button[commandfor]');
  if (button) {
    const dialog = document.getElementById(button.getAttribute('commandfor'));
    button.closest('[popover]')?.hidePopover();
    if (native || !dialog) return;
    if (button.getAttribute('command') === 'show-modal') dialog.showModal();
    if (button.getAttribute('command') === 'close') dialog.close();
    return;
  }
  if (event.target.matches('dialog.dialog') && outside(event.target, event)) event.target.close();
});

function outside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

// Enter that is held down must not answer the question that it opened.
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && event.repeat && event.target.closest?.('dialog')) event.preventDefault();
});

// A dialog that holds a refused form comes back open.
document.querySelector('dialog[data-open]')?.showModal();

// The button stays shut until the name is typed; the server asks again.
for (const field of document.querySelectorAll('input[data-expect]')) {
  const button = field.form?.querySelector('[data-confirm]');
  if (!button) continue;
  const check = () => { button.disabled = field.value.trim() !== field.dataset.expect; };
  field.addEventListener('input', check);
  check();
}
