/** Runs in the page: text that is too faint (WCAG 2, 1.4.3), controls without a name, headings out of order. */
(function findFlaws() {
  const flaws = [];
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  function rgb(colour, below) {
    if (!canvas) return below;
    canvas.fillStyle = `rgb(${below.join(' ')})`;
    canvas.fillRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  }
  function luminance(colour) {
    const [r = 0, g = 0, b = 0] = colour.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
  function ground(element) {
    if (!element) return [255, 255, 255];
    return rgb(getComputedStyle(element).backgroundColor, ground(element.parentElement));
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { parentElement: element, textContent } = texts.currentNode;
    if (!element?.checkVisibility() || element.closest('svg, .hidden, script')) continue;
    if (textContent?.trim() === '') continue;
    const below = ground(element);
    const [high = 0, low = 0] = [
      luminance(rgb(getComputedStyle(element).color, below)),
      luminance(below),
    ].sort((a, b) => b - a);
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < 4.5) flaws.push(`${contrast.toFixed(2)}: ${textContent}`);
  }
  for (const control of document.querySelectorAll('input, button, a')) {
    const label = document.querySelector(`label[for="${control.id}"]`)?.textContent;
    const name = label ?? control.textContent ?? control.getAttribute('aria-label') ?? '';
    if (name.trim() === '') flaws.push(`no name: ${control.outerHTML.slice(0, 80)}`);
  }
  let level = 0;
  for (const heading of document.querySelectorAll('h1, h2, h3, h4')) {
    const now = Number(heading.tagName[1]);
    if (now > level + 1) flaws.push(`heading ${heading.textContent} skips a level`);
    level = now;
  }
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  if (new Set(ids).size < ids.length) flaws.push('an id is there twice');
  for (const cell of document.querySelectorAll('th:not([scope])')) {
    flaws.push(`no scope: ${cell.textContent}`);
  }
  return flaws;
})();
