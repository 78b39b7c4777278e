// Pictures: what was chosen is shown before it is sent, and a file that is too long is
// told at once. A picture may also be dropped onto its form.

for (const input of document.querySelectorAll('input[data-picture]')) {
  const avatar = document.querySelector(`#${input.dataset.picture} .avatar`);
  const former = avatar && [...avatar.childNodes];
  const note = input.form.querySelector('[data-too-long]');

  input.addEventListener('change', () => {
    const file = input.files[0];
    const long = file && file.size > Number(input.dataset.most);
    input.setCustomValidity(long ? note?.textContent ?? ' ' : '');
    if (long) input.reportValidity();
    if (!avatar) return;
    if (!file || long) {
      avatar.replaceChildren(...former);
      return;
    }
    const reader = new FileReader();
    reader.addEventListener('load', () => {
      const image = new Image();
      image.alt = '';
      image.addEventListener('error', () => avatar.replaceChildren(...former));
      image.src = reader.result;
      avatar.replaceChildren(image);
    });
    reader.readAsDataURL(file);
  });

  input.form.addEventListener('dragover', (event) => {
    if (event.dataTransfer.types.includes('Files')) event.preventDefault();
  });
  input.form.addEventListener('drop', (event) => {
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });
}
