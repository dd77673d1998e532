const root = document.documentElement;
const search = document.getElementById('search');
const found = document.getElementById('found');
const time = document.querySelector('time');
const items = [...document.querySelectorAll('[data-search]')].map((element) => ({
  element,
  text: `${element.dataset.search} ${element.textContent}`.toLowerCase(),
}));

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { element, text } of items) {
    const fits = words.every((word) => text.includes(word));
    element.classList.toggle('away', !fits);
    for (const tile of element.querySelectorAll('.boards > li')) {
      const own = tile.textContent.toLowerCase();
      const isMeant = words.some((word) => own.includes(word));
      tile.classList.toggle('meant', words.length > 0 && isMeant);
    }
    if (fits && element.matches('.card, .finding, tr')) shown += 1;
  }
  for (const part of document.querySelectorAll('main details')) {
    if (words.length > 0 && part.querySelector('[data-search]:not(.away)')) part.open = true;
  }
  found.textContent = words.length === 0 ? '' : `${shown} found`;
}

function tellAge() {
  const minutes = Math.max(0, Math.round((Date.now() - Date.parse(time.dateTime)) / 60000));
  const hours = Math.round(minutes / 60);
  const days = Math.round(hours / 24);
  const long = hours < 48 ? `${hours} h ago` : `${days} days ago`;
  const age = minutes < 1 ? 'just now' : minutes < 120 ? `${minutes} min ago` : long;
  time.textContent = `${age}, ${new Date(time.dateTime).toLocaleString()}`;
  time.classList.toggle('old', minutes > 60);
}

function kept(value) {
  try {
    if (value !== undefined) localStorage.setItem('lava-play-theme', value);
    return localStorage.getItem('lava-play-theme');
  } catch {
    return value ?? null;
  }
}

function isDark() {
  return root.dataset.theme
    ? root.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches;
}

search.addEventListener('input', filter);
document.addEventListener('keydown', (event) => {
  if (event.key === '/' && document.activeElement !== search) {
    event.preventDefault();
    search.focus();
  }
  if (event.key === 'Escape' && document.activeElement === search) {
    search.value = '';
    filter();
  }
});
document.getElementById('theme').addEventListener('click', () => {
  root.dataset.theme = isDark() ? 'light' : 'dark';
  kept(root.dataset.theme);
});
root.dataset.script = 'on';
const theme = kept();
if (theme) root.dataset.theme = theme;
tellAge();
setInterval(tellAge, 30000);
