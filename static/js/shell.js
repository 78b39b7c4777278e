// The frame of every page: marks that scripts run, theme, toasts, shortcuts and
// the palette. Each part is an improvement of something that works without it.

const root = document.documentElement;
root.classList.add('scripted');

// Theme: switch at once and tell the server in the background.
document.addEventListener('submit', async (event) => {
  const form = event.target.closest('form[data-theme-switch]');
  if (!form) return;
  event.preventDefault();
  const choice = event.submitter?.value ?? 'system';
  if (choice === 'system') delete root.dataset.theme;
  else root.dataset.theme = choice;
  for (const button of document.querySelectorAll('form[data-theme-switch] button')) {
    button.setAttribute('aria-pressed', String(button.value === choice));
  }
  const body = new URLSearchParams(new FormData(form, event.submitter));
  try {
    await fetch(form.action, { method: 'POST', body, redirect: 'manual' });
  } catch {
    // Offline: the choice holds for this page.
  }
});

// Tabs that do not fit show the current one.
function showTab() {
  for (const strip of document.querySelectorAll('.tabs')) {
    const tab = strip.querySelector('[aria-current]');
    if (!tab || strip.scrollWidth <= strip.clientWidth) continue;
    const [a, b] = [tab.getBoundingClientRect(), strip.getBoundingClientRect()];
    strip.scrollLeft += (a.left + a.right - b.left - b.right) / 2;
  }
}

showTab();
addEventListener('resize', showTab);

// Toasts: leave after a while unless the reader is on them, later with a way back;
// errors stay.
for (const toast of document.querySelectorAll('.toast')) {
  toast.querySelector('.copy')?.addEventListener('click', () => toast.remove()); // not the button that undoes
  if (toast.dataset.stay !== undefined) continue;
  const leave = () => {
    if (toast.matches(':hover, :focus-within')) setTimeout(leave, 1500);
    else toast.remove();
  };
  setTimeout(leave, toast.querySelector('form') ? 12000 : 5000);
}

// Narrow screens: a click beside the drawer, or Escape, closes it. Escape leads the
// keyboard back to the button that opened it.
const drawer = document.querySelector('details.drawer');
document.addEventListener('click', (event) => {
  if (drawer?.open && !event.target.closest('.drawer nav') && !event.target.closest('.drawer summary')) drawer.open = false;
});

// Palette: every place of the navigation, found by typing, and below it what the server
// finds while somebody types.
const palette = document.getElementById('palette');
const field = palette?.querySelector('input');
const places = () => [...palette.querySelectorAll('.palette-list li')];

function activate(place) {
  for (const other of places()) delete other.dataset.active;
  if (place) place.dataset.active = '';
}

function show(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  for (const place of palette.querySelectorAll('.palette-list > ul > li')) {
    const text = place.textContent.toLowerCase();
    place.hidden = !words.every((word) => text.includes(word));
  }
  const first = places().find((place) => !place.hidden);
  activate(first);
  const none = palette.querySelector('[data-none]');
  if (none) none.hidden = Boolean(first);
}

function move(step) {
  const seen = places().filter((place) => !place.hidden);
  if (seen.length === 0) return;
  const at = seen.findIndex((place) => 'active' in place.dataset);
  const next = seen[(at + step + seen.length) % seen.length];
  activate(next);
  next.scrollIntoView({ block: 'nearest' });
}

function openPalette() {
  if (!palette || palette.open) return;
  field.value = '';
  palette.querySelector('#palette-found').replaceChildren();
  show('');
  palette.showModal();
}

field?.addEventListener('input', () => show(field.value));
field?.addEventListener('keydown', (event) => {
  if (event.key === 'ArrowDown') move(1);
  else if (event.key === 'ArrowUp') move(-1);
  else if (event.key === 'Enter') palette.querySelector('[data-active] a')?.click();
  else return;
  event.preventDefault();
});
document.addEventListener('htmx:after:swap', () => {
  if (palette?.open && !palette.querySelector('[data-active]')) activate(places().find((place) => !place.hidden));
});
document.querySelector('[data-palette]')?.addEventListener('click', openPalette);

// Shortcuts: / focuses the search of the page, Ctrl or Cmd with K opens the palette, ?
// lists them all, and g with a letter goes to a page of the navigation.
let going = 0;

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && drawer?.open) {
    drawer.open = false;
    drawer.querySelector('summary').focus();
  }
  if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && palette) {
    event.preventDefault();
    openPalette();
    return;
  }
  const typing = event.target.closest?.('input, textarea, select, [contenteditable]');
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  if (Date.now() - going < 1500) {
    going = 0;
    const link = [...document.querySelectorAll('a[data-go]')].find((a) => a.dataset.go === event.key);
    if (link) {
      event.preventDefault();
      link.click();
      return;
    }
  }
  if (event.key === 'g') going = Date.now();
  if (event.key === '?') document.getElementById('shortcuts')?.showModal();
  if (event.key !== '/') return;
  const search = document.querySelector('main input[type=search]');
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
});
