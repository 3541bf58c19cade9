"""Where the focus is on a page, and what is wrong with how it is shown."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

_FOCUS = """
() => {
  let element = document.activeElement;
  const name = (part) => (part.getAttribute('aria-label') || part.innerText || part.placeholder || part.name || '')
    .trim().replace(/\\s+/g, ' ').slice(0, 24);
  const key = [element.tagName.toLowerCase(), element.id, element.className, name(element),
    [...document.querySelectorAll(element.tagName)].indexOf(element)].join('|');
  // in a film it is on a control of the browser, which marks it itself
  if (/^(BODY|IFRAME|FOLIATE-VIEW|VIDEO|AUDIO)$/.test(element.tagName))
    return { tag: element.tagName.toLowerCase(), id: element.id, name: '', key, faults: [] };
  // of a choice the words beside it are marked, and of the search field its frame
  const shown = [element, element.nextElementSibling, element.closest('.find, label')].filter(Boolean);
  const faults = [];
  const isMarked = shown.some((part) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(part);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
  });
  const isRegion = element.matches('[tabindex="-1"]');
  if (!isMarked && !isRegion) faults.push('is not marked');
  const target = /radio|checkbox/.test(element.type) ? element.closest('label') : element;
  const { left, right, top, bottom, width, height } = target.getBoundingClientRect();
  const style = getComputedStyle(element);
  if (!width || !height || style.visibility !== 'visible') faults.push('is hidden');
  if (element.closest('[aria-hidden=true], [hidden]')) faults.push('is hidden from screen readers');
  const seen = { left: Math.max(left, 0), right: Math.min(right, innerWidth), top: Math.max(top, 0),
    bottom: Math.min(bottom, innerHeight) };
  const across = seen.right - seen.left, down = seen.bottom - seen.top;
  if (across < Math.min(width, 20) || down < Math.min(height, 20)) faults.push('is off the screen');
  else if (!isRegion) {
    const over = document.elementFromPoint((seen.left + seen.right) / 2, (seen.top + seen.bottom) / 2);
    const isCovered = over && !target.contains(over) && !over.contains(target);
    if (isCovered) faults.push(`is under ${over.tagName} ${over.className}`);
  }
  return { tag: element.tagName.toLowerCase(), id: element.id, name: name(element), key, faults };
}
"""


@dataclass(frozen=True)
class Focus:
    """What has the focus: its tag, its id, what it is called, and what is wrong with it; `key` tells it from others."""

    tag: str
    id: str
    name: str
    key: str
    faults: tuple[str, ...]


def focus_of(page: Page) -> Focus:
    """What has the focus now."""
    found = page.evaluate(_FOCUS)
    return Focus(found["tag"], found["id"], found["name"], found["key"], tuple(found["faults"]))


def go_to(page: Page, selector: str, key: str = "Tab", most: int = 120) -> Focus:
    """Press a key until what `selector` names has the focus; fails at a stop that is not seen, or where it never is."""
    stops: list[str] = []
    for _ in range(most):
        page.keyboard.press(key)
        focus = focus_of(page)
        assert not focus.faults, (focus, stops[-3:])
        stops.append(focus.name or focus.tag)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return focus
    raise AssertionError(f"{selector} is not reached: {stops}")


def go_round(page: Page, key: str = "Tab", most: int = 200) -> list[Focus]:
    """Press a key until the focus has left the page, or is where it began; fails where it stays in a part of it."""
    stops: list[Focus] = []
    seen: set[str] = set()
    for _ in range(most):
        page.keyboard.press(key)
        focus = focus_of(page)
        if focus.tag == "body" or focus.key in seen:
            break
        seen.add(focus.key)
        stops.append(focus)
    else:
        raise AssertionError(f"no end after {most} stops: {[stop.name for stop in stops[-6:]]}")
    return stops
