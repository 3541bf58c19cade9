/* What the page says of the book and of the file, and the sentences that it has for the reader. */
export const data = Object.assign({}, document.body.dataset, document.getElementById("pdf").dataset);
