"""What a screen reader is told about a page: headings, landmarks, names, and the order in which it reads."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

_FAULTS = """
() => {
  const faults = [], shown = (element) => element.getClientRects().length && !element.closest('[aria-hidden=true]') &&
    getComputedStyle(element).visibility === 'visible' && !element.closest('details:not([open]) > :not(summary)');
  const all = (selector) => Array.from(document.querySelectorAll(selector)).filter(shown);
  const words = (element) => element.textContent.trim().replace(/\\s+/g, ' ').slice(0, 16);

  const headings = all('h1, h2, h3, h4');
  const first = headings.filter(({ tagName }) => tagName === 'H1');
  if (first.length !== 1) faults.push(`${first.length} headings of level 1: ${first.map(words)}`);
  let level = 0;
  for (const heading of headings) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1 && level) faults.push(`after level ${level} comes ${heading.tagName} ${words(heading)}`);
    level = next;
  }
  if (all('main').length !== 1) faults.push('not one main part');
  if (!all('body > header').length) faults.push('no banner');
  for (const selector of ['nav, [role=navigation]', 'aside', 'section[aria-label], [role=region]', '[role=search]']) {
    const parts = all(selector), names = parts.map((part) => part.getAttribute('aria-label') || '');
    if (parts.length > 1 && (names.includes('') || new Set(names).size < names.length))
      faults.push(`${selector}: ${names.join(', ')}`);
  }

  // of each pair of neighbours in the page, the first is above the second, or before it in the same line
  const apart = '.skip, .row, .photos, .pdf-page, .text-layer, .slider, #opening, .bottom';
  const parts = all('h1, h2, h3, main a[href], main button, main input, main summary, body > header a, ' +
    'body > header button, body > header input')
    .filter((part) => !part.closest(apart) && !/radio|checkbox/.test(part.type));
  parts.forEach((part, index) => {
    const next = parts[index + 1];
    if (!next || part.contains(next)) return;
    const one = part.getBoundingClientRect(), other = next.getBoundingClientRect();
    const isInNextColumn = other.left >= one.right - 1;
    if (other.bottom <= one.top + 1 && !isInNextColumn) faults.push(`${words(next)} stands above ${words(part)}`);
    const isSameLine = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > one.height / 2;
    if (isSameLine && other.right <= one.left) faults.push(`${words(next)} stands before ${words(part)}`);
  });
  return faults;
}
"""
_CONTROLS = frozenset(
    {"button", "link", "textbox", "searchbox", "slider", "spinbutton", "radio", "checkbox", "combobox", "tab"}
)
_LATIN = frozenset({"English", "Markdown", "ISBN"})  # names of their own


def find_order_faults(page: Page) -> list[str]:
    """Headings, landmarks and the order of a page that would mislead who cannot see it."""
    faults: list[str] = page.evaluate(_FAULTS)
    return faults


def find_unnamed_controls(page: Page) -> list[str]:
    """Controls that a screen reader would announce by nothing, or by what is no Chinese, as `role name`."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    parents = {node["nodeId"]: node for node in nodes}

    def is_of_a_player(node: dict[str, Any] | None) -> bool:
        """Whether it is a control of the browser, which names them in its own language."""
        while node:
            if node.get("role", {}).get("value") in ("Video", "Audio"):
                return True
            node = parents.get(node.get("parentId", ""))
        return False

    faults = []
    for node in nodes:
        role, name = node.get("role", {}).get("value", ""), str(node.get("name", {}).get("value", "")).strip()
        if node.get("ignored") or role not in _CONTROLS or name in _LATIN or is_of_a_player(node):
            continue
        is_chinese = any("\u4e00" <= character <= "\u9fff" for character in name)
        if not is_chinese and not any(character.isdigit() for character in name):
            faults.append(f"{role} {name}")
    return faults
