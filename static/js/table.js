// Tables: select all with an in-between state, ranges with Shift, the bar of
// actions for what is selected, rows that open on a click anywhere, and addresses
// of searches without what was left empty.

let last = null;

function boxes(table) {
  return [...table.querySelectorAll('tbody input[type=checkbox][data-row]')];
}

function report(table) {
  const all = boxes(table);
  const chosen = all.filter((box) => box.checked).length;
  const head = table.querySelector('input[data-all]');
  if (head) {
    head.checked = chosen > 0 && chosen === all.length;
    head.indeterminate = chosen > 0 && chosen < all.length;
  }
  const bar = document.querySelector('form.bulk');
  if (!bar) return;
  bar.hidden = chosen === 0;
  const words = bar.querySelector('[data-chosen]');
  words.textContent = words.dataset.text.replace('%d', chosen);
}

document.addEventListener('click', (event) => {
  const box = event.target.closest('input[data-row], input[data-all]');
  if (box) {
    const table = box.closest('table');
    const all = boxes(table);
    if (box.matches('[data-all]')) for (const other of all) other.checked = box.checked;
    else if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      for (const other of all.slice(from, to + 1)) other.checked = box.checked;
    }
    last = box;
    report(table);
    return;
  }
  const row = event.target.closest('tr[data-open]');
  if (!row || event.target.closest('a, button, input, label, select, [popover]') || String(getSelection())) return;
  const link = row.querySelector('a[href]');
  if (event.ctrlKey || event.metaKey) window.open(link.href, '_blank', 'noopener');
  else link.click();
});

for (const table of document.querySelectorAll('table:has(input[data-row])')) report(table);

// Filters apply when their menu closes with another choice than it opened with.
document.addEventListener('toggle', (event) => {
  const menu = event.target;
  if (!menu.matches?.('[data-apply-on-close]')) return;
  const chosen = [...menu.querySelectorAll('input:checked')].map((box) => box.value).join('\n');
  if (event.newState === 'open') menu.dataset.before = chosen;
  else if (menu.dataset.before !== chosen) menu.querySelector('input').form.requestSubmit();
}, true);

function lean(data) {
  for (const name of new Set(data.keys())) {
    const kept = data.getAll(name).filter((value) => value !== '');
    data.delete(name);
    for (const value of kept) data.append(name, value);
  }
}

document.addEventListener('formdata', (event) => {
  if (event.target.method === 'get') lean(event.formData);
});

document.addEventListener('htmx:config:request', (event) => {
  const { request } = event.detail.ctx;
  if (request.method === 'GET') lean(request.body);
});
