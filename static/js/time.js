// Relative times: the exact moment in the reader's own zone on hover, and the
// words kept current while the page stays open.

// The zone of the account where one is chosen, else the browser's, which the server
// learns for its own texts.
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
const timeZone = known(document.documentElement.dataset.zone) ?? here;
if (here) document.cookie = `gatehouse_zone=${here}; path=/; max-age=31536000; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`;

function known(zone) {
  try {
    return zone ? new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone : undefined;
  } catch {
    return undefined; // a name that this browser does not have
  }
}

// What is said of the present stands on the page, in its language.
const page = document.documentElement.dataset;
const exact = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'full', timeStyle: 'long', timeZone });
const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: 'auto', style: 'long' });
const day = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium', timeZone });
const clock = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short', timeZone });
const steps = [['minute', 60], ['hour', 3600], ['day', 86400]];

function relative(then) {
  const seconds = (then - Date.now()) / 1000;
  const span = Math.abs(seconds);
  if (span < 45) return seconds > 0 ? page.soon : page.now;
  if (span >= 30 * 86400) return day.format(then);
  let [unit, size] = steps[0];
  for (const step of steps) if (span >= step[1] * 0.95) [unit, size] = step;
  return words.format(Math.round(seconds / size), unit);
}

function refresh() {
  for (const element of document.querySelectorAll('time[datetime]')) {
    const then = new Date(element.dateTime);
    if (Number.isNaN(then.getTime())) continue;
    element.title = exact.format(then);
    if (element.dataset.form === 'relative') element.textContent = relative(then);
    if (element.dataset.form === 'exact') element.textContent = clock.format(then);
  }
}

refresh();
setInterval(refresh, 30_000);
document.addEventListener('htmx:after:swap', refresh);
