// Previews: a form with data-preview shows what stands in it as it is typed, by its own
// preview button, which works without this as well.

for (const form of document.querySelectorAll('form[data-preview]')) {
  const button = form.querySelector('[data-preview-button]');
  if (!button) continue;
  let timer;
  form.addEventListener('input', (event) => {
    // A picked colour is the chosen one.
    if (event.target.type === 'color') event.target.closest('label').querySelector('[type=radio]').checked = true;
    clearTimeout(timer);
    timer = setTimeout(() => form.requestSubmit(button), 350);
  });
}
