/* What the page of a reader says while a book opens, and after it did not. */
const status = document.getElementById("status"),
  instead = document.getElementById("instead");

export function showProgress(text) {
  status.textContent = text;
}

export function showOpened() {
  status.remove();
  instead.hidden = true; // what `opening.js` offered meanwhile
}

/* Says why the book did not open, and offers the text version and the download. */
export function showFailure(error, isUnreachable) {
  console.error(error);
  status.textContent = document.body.dataset[isUnreachable ? "unreachable" : "failed"];
  instead.hidden = false;
}
