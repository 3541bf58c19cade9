/* What the page of a reader says while a book opens, and after it did not. */
const status = document.getElementById("status"),
  progress = document.getElementById("progress"),
  instead = document.getElementById("instead");

/* `share` of what is known to be needed, 0 to 1; a bar without a value where nothing is known. */
export function showProgress(text, share) {
  status.textContent = text;
  if (share > 0) progress.value = Math.min(1, share) * 100;
}

export function showOpened() {
  status.remove();
  progress.remove();
  instead.hidden = true; // what `opening.js` offered meanwhile
  document.body.classList.remove("opening");
}

/* Says in a sentence why the book did not open, and offers the text version and the download. */
export function showFailure(error, sentence) {
  console.error(error);
  status.textContent = sentence;
  progress.hidden = true;
  instead.hidden = false;
}
