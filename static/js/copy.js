// Copy buttons: data-copy names the element whose text is copied.

document.addEventListener('click', async (event) => {
  const button = event.target.closest('button[data-copy]');
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  if (!source) return;
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
    announce(button, document.documentElement.dataset.copied);
  } catch {
    getSelection().selectAllChildren(source); // refused: ready for Ctrl+C
    announce(button, document.documentElement.dataset.copyByHand);
  }
});

function announce(button, text) {
  const label = button.dataset.label ?? (button.dataset.label = button.getAttribute('aria-label') ?? button.textContent);
  const plain = button.hasAttribute('aria-label');
  button.dataset.done = '';
  button.title = text;
  if (plain) button.setAttribute('aria-label', text);
  else button.lastChild.textContent = text;
  clearTimeout(Number(button.dataset.timer));
  button.dataset.timer = setTimeout(() => {
    delete button.dataset.done;
    button.removeAttribute('title');
    if (plain) button.setAttribute('aria-label', label);
    else button.lastChild.textContent = label;
  }, 2000);
}
