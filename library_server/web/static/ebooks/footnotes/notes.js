/* Which links lead to notes, what belongs to a note, and a copy of it that has nothing but text in it. */

const EPUB = "http://www.idpf.org/2007/ops";
const MOST_CHARACTERS = 20000;
const INLINE = "a,span,sup,sub,em,strong,i,b,small,big,img";
const KEPT = /^(p|br|em|i|b|strong|sup|sub|ruby|rt|rp|ol|ul|li|blockquote|div|h[1-6])$/;
const MARK = /^[\s[(（〔【［]*([*※†‡①-⑳㉑-㊿]|注|註|\d{1,4}|[ivxlc]{1,5}|注\d+|註\d+)[\s\])）〕】］.]*$/i;
const BACK = /^[\s[(（〔【［]*[↩↵⤴^↑⬆◂←][\ufe0e\ufe0f\s\])）〕】］]*$/;

/* Whether a link is the reference of a note: it says so, or it is a raised or bracketed mark. */
export function isReference(link) {
  const types = `${typeOf(link)} ${link.getAttribute("role") || ""}`;
  if (/backlink/.test(types)) return false;
  if (/noteref|glossref|biblioref/.test(types)) return true;
  if (/footnote|noteref/i.test(link.className) && !/back/i.test(link.className)) return true;
  const text = link.textContent;
  if (BACK.test(text)) return false;
  return isRaised(link) && (MARK.test(text) || link.querySelector("img") !== null);
}

function typeOf(element) {
  return element.getAttributeNS(EPUB, "type") || element.getAttribute("epub:type") || "";
}

function isRaised(link) {
  const near = [link, link.parentElement, ...link.children];
  return near.some((element) => {
    if (/^su[pb]$/i.test(element.localName)) return true;
    const view = element.ownerDocument.defaultView;
    return Boolean(view) && /super|top/.test(view.getComputedStyle(element).verticalAlign);
  });
}

/* The element of a note: the target of its reference, or the block that the target begins; null where the target is not
   within the text, such as a whole chapter. */
export function noteOf(target, reference) {
  let element = target && target.startContainer ? target.startContainer : target;
  if (!element) return null;
  if (element.nodeType !== 1) element = element.parentElement;
  while (element.parentElement && (element.matches(INLINE) || isEmpty(element))) {
    if (isEmpty(element) && element.nextElementSibling && !element.nextElementSibling.matches(INLINE))
      return element.nextElementSibling;
    element = element.parentElement;
  }
  const item = element.closest("li,aside,dd");
  if (item) element = item;
  const isWhole = element === element.ownerDocument.body || element === element.ownerDocument.documentElement;
  return isWhole || element.contains(reference) ? null : element;
}

function isEmpty(element) {
  return element.textContent.trim() === "";
}

/* Text, emphasis and paragraphs, without attributes, links and marks that lead back. */
export function plainCopy(note) {
  const made = document.createDocumentFragment();
  let left = MOST_CHARACTERS;
  const copy = (from, into) => {
    for (const node of from.childNodes) {
      if (left <= 0) return;
      if (node.nodeType === 3) {
        into.append(node.data.slice(0, left));
        left -= node.data.length;
      } else if (node.nodeType === 1) copyElement(node, into);
    }
  };
  const copyElement = (element, into) => {
    const name = element.localName.toLowerCase();
    if (/^(script|style|iframe|object)$/.test(name) || isBackLink(element)) return;
    if (name === "img") into.append(element.getAttribute("alt") || "");
    else if (KEPT.test(name)) {
      const kept = document.createElement(name);
      into.append(kept);
      copy(element, kept);
    } else copy(element, into);
  };
  copy(note, made);
  return made;
}

function isBackLink(element) {
  if (!element.matches("a[href]")) return false;
  return (
    BACK.test(element.textContent) || /backlink/.test(`${typeOf(element)} ${element.getAttribute("role")}`)
  );
}
