"""What is wrong with how a page is laid out: cut or covered text, small targets, a window that moves sideways."""

from __future__ import annotations

from playwright.sync_api import Page

TAP, LARGE_TAP = 44, 56  # pixels, as `--tap` in styles/tokens.css

# Text in the pages of a PDF is the document's own. Links inside a sentence are as high as the sentence (WCAG 2.5.8).
_FAULTS = """
([tap]) => {
  const faults = [], width = document.documentElement.clientWidth, height = innerHeight;
  const outside = 'details:not([open]) > :not(summary), .skip, .text-layer, .page-links, .pdf-page, .on-paper, ' +
    '[aria-hidden=true]';
  const styles = new Map(), styleOf = (element) => {
    if (!styles.has(element)) styles.set(element, getComputedStyle(element));
    return styles.get(element);
  };
  const shown = (element) => element.getClientRects().length && styleOf(element).visibility === 'visible' &&
    !element.closest(outside);
  const name = (element) => {
    const words = (element.getAttribute('aria-label') || element.textContent || '').trim().replace(/\\s+/g, ' ');
    return `${element.tagName.toLowerCase()}${element.id ? '#' + element.id : ''} ${words.slice(0, 16)}`;
  };
  const scrolls = (element, axis) => {
    for (let box = element; box && box !== document.documentElement; box = box.parentElement)
      if (/auto|scroll/.test(styleOf(box)['overflow' + axis])) return true;
    return false;
  };
  const { scrollWidth } = document.scrollingElement;
  if (scrollWidth > width) faults.push(`the page is ${scrollWidth} wide`);

  const panel = document.querySelector('.panel:not([hidden])');
  if (panel) {
    const { left, right, top, bottom } = panel.getBoundingClientRect();
    if (left < 0 || right > width || top < 0 || bottom > height) faults.push('the panel leaves the screen');
  }
  // what is behind a panel is not looked at
  const isBehind = (element) => panel && !panel.contains(element) && element.closest('.stage');

  const targets = Array.from(document.querySelectorAll(
    'a[href], button, select, summary, textarea, input:not([type=hidden]), [role=button], [tabindex="0"]'))
    .map((element) => (/radio|checkbox/.test(element.type) && element.closest('label')) || element)
    .filter((element) => shown(element) && !isBehind(element));
  for (const element of targets) {
    if (styleOf(element).display === 'inline' || element.matches('.row, main, input[type=search]')) continue;
    const box = element.getBoundingClientRect();
    if (box.height < tap - 0.6 || box.width < tap - 0.6)
      faults.push(`${name(element)} is ${Math.round(box.width)} by ${Math.round(box.height)}`);
    if ((box.left < -0.6 || box.right > width + 0.6) && !scrolls(element, 'X'))
      faults.push(`${name(element)} is off the screen`);
    const x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
    if (x < 0 || x > width || y < 0 || y > height || element.closest('.bottom')) continue;
    const top = document.elementFromPoint(x, y);
    const covers = top && !element.contains(top) && !top.contains(element) && top.closest('label') !== element;
    if (covers && !top.closest('.bottom') && !isClipped(element, x, y))
      faults.push(`${name(top)} covers ${name(element)}`);
  }
  function isClipped(element, x, y) {
    for (let box = element.parentElement; box; box = box.parentElement) {
      if (styleOf(box).overflowY === 'visible') continue;
      const { top, bottom, left, right } = box.getBoundingClientRect();
      if (y < top || y > bottom || x < left || x > right) return true;
    }
    return false;
  }

  const lines = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !shown(element) || isBehind(element)) continue;
    if (/^(SCRIPT|STYLE|OPTION|NOSCRIPT)$/.test(element.tagName)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const block = element.closest('h1, button, a, p, li, .clip, .title, .by, label, summary, span') || element;
    const words = node.data.trim().slice(0, 16);
    let limits = [-Infinity, Infinity, -Infinity, Infinity];
    for (let box = element; box !== document.body; box = box.parentElement) {
      if (styleOf(box).overflowX === 'visible') continue;
      const { left, right, top, bottom } = box.getBoundingClientRect();
      limits = [Math.max(limits[0], left), Math.min(limits[1], right),
        Math.max(limits[2], top), Math.min(limits[3], bottom)];
      const { textOverflow, webkitLineClamp } = styleOf(box), text = range.getBoundingClientRect();
      const isMeant = scrolls(box, 'X') || textOverflow === 'ellipsis' || webkitLineClamp !== 'none' ||
        box.matches('body, main, .stage');
      if (!isMeant && box.clientWidth > 2 && (text.left < left - 2 || text.right > right + 2))
        faults.push(`${words} is cut off in ${name(box)}`);
    }
    for (const line of range.getClientRects()) {
      if ((line.right > width + 1 || line.left < -1) && limits[0] === -Infinity)
        faults.push(`${words} leaves the screen`);
      const left = Math.max(line.left, limits[0]), right = Math.min(line.right, limits[1]),
        top = Math.max(line.top, limits[2]), bottom = Math.min(line.bottom, limits[3]);
      if (right - left > 1 && bottom - top > 1)
        lines.push({ left, right, top, bottom, node, words, fixed: isFixed(element) });
    }
    const box = block.getBoundingClientRect(), text = range.getBoundingClientRect();
    const isOutside = text.right > box.right + 1 || text.left < box.left - 1 || text.bottom > box.bottom + 2;
    if (/^(BUTTON|SUMMARY|LABEL)$/.test(block.tagName) && isOutside)
      faults.push(`${words} sticks out of its ${block.tagName.toLowerCase()}`);
  }
  function isFixed(element) {
    for (let box = element; box; box = box.parentElement) if (/fixed|sticky/.test(styleOf(box).position)) return true;
    return false;
  }
  lines.forEach((one, index) => {
    for (const other of lines.slice(index + 1)) {
      if (one.node === other.node || one.fixed !== other.fixed) continue;
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left),
        down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (across > 2 && down > Math.min(one.bottom - one.top, other.bottom - other.top) / 2)
        faults.push(`${one.words} is written over ${other.words}`);
    }
  });
  return Array.from(new Set(faults));
}
"""


def find_layout_faults(page: Page, tap: int = TAP) -> list[str]:
    """What is wrong with the layout of the page as it is shown; `tap` is the smallest side of a target, in pixels."""
    # sections that are not seen yet have an estimated height, over which their lines run
    page.add_style_tag(content="* { content-visibility: visible !important; }")
    faults: list[str] = page.evaluate(_FAULTS, [tap])
    return faults
